"""The canvas as a file opens from disk without network: keys step, numbers are those of the run, levels open."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

import explorer
from tests.e2e.axe import violations
from tests.e2e.canvas import Canvas

NOT_EMPTY = re.compile(".+")


def opened(browser: Browser, file: Path, **context: object) -> tuple[Canvas, list[str]]:
    page = browser.new_context(offline=True, **context).new_page()  # type: ignore[arg-type]
    canvas, asked = Canvas(page), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(canvas.root.first).to_have_attribute("data-steps", NOT_EMPTY)
    return canvas, asked


def test_it_steps_by_keys_through_the_numbers_of_the_run(browser: Browser, tmp_path: Path) -> None:
    run = explorer.trace("c = a + b\nd = b + 1\ne = c * d", a=2.0, b=1.0)
    file = explorer.to_html(run, title="two paths").save(tmp_path / "run.html")
    canvas, asked = opened(browser, file)
    phases = [step.phase for step in run.steps]
    canvas.press("b").wait(step=phases.count("forward"), node="e")
    result = canvas.root.locator('.xp-term[data-part="result"]')
    expect(result).to_have_text(f"{run.value('e'):g}")
    canvas.press("End").wait(phase="backward", step=canvas.steps)
    expect(result).to_have_text(f"{run.grad('b'):g}")
    canvas.press("ArrowLeft", "ArrowLeft").wait(step=canvas.steps - 2)
    sheet = canvas.press("?").root.get_by_role("dialog", name="Keys")
    expect(sheet).to_contain_text("back, forward")
    assert not re.search("type the value|raise, lower|look into one|cut", sheet.inner_text()), "nobody would answer"
    canvas.type(["Escape"])
    canvas.root.locator(".xp-colorby select").select_option("flops")
    expect(canvas.root.get_by_role("group", name="Legend of the colours")).to_contain_text("1 FLOP")
    rev = canvas.data("rev")
    canvas.press("l").wait_for_new("rev", rev)
    canvas.wait(step=canvas.steps - 2)
    assert asked == [file.as_uri()] and canvas.errors == []
    canvas.page.context.close()


def test_levels_open_and_a_notebook_s_frame_works(browser: Browser, tmp_path: Path) -> None:
    run = explorer.trace_module(explorer.models.load("gpt-sort"), explorer.models.example("gpt-sort"))
    page = explorer.to_html(run, overlay="dtype", opened=0)
    file = tmp_path / "notebook.html"
    file.write_text(f"<!DOCTYPE html><meta charset=utf-8>{page._repr_html_()}", encoding="utf-8")
    canvas = Canvas(browser.new_context(offline=True, color_scheme="dark").new_page())
    canvas.page.goto(file.as_uri())
    root = canvas.page.frame_locator("iframe").locator('[data-testid="graph-canvas"]')
    expect(root).to_have_attribute("data-theme", "dark")
    groups = "root => root.explorer.groups().filter(group => group.open).length"
    assert root.evaluate(groups) == 0
    root.press(".")
    expect(root.locator(".xp-depth output")).to_have_text("1 / 3")
    assert root.evaluate(groups) > 0
    expect(root.locator(".xp-stage")).to_have_attribute("data-coloring", "dtype")
    assert canvas.errors == []
    canvas.page.context.close()


def box(root: Locator, part: str) -> dict[str, float]:
    found = root.locator(part).bounding_box()
    assert found is not None
    return dict(found)


def test_the_autograd_graph_is_linked_in_the_file(browser: Browser, tmp_path: Path) -> None:
    run = explorer.trace_module(explorer.models.load("gpt-sort"), explorer.models.example("gpt-sort"))
    file = explorer.to_html(run, opened=0, autograd="beside").save(tmp_path / "both.html")
    canvas, asked = opened(browser, file, viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
    page, roots = canvas.page, canvas.root
    expect(roots).to_have_count(2)
    main, twin = roots.nth(0), roots.nth(1)
    expect(twin).to_have_attribute("data-twin", "autograd")
    left, right, dock = box(main, ".xp-stage"), box(twin, ".xp-stage"), box(main, ".xp-dock")
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    assert left["y"] + left["height"] == right["y"] + right["height"] == dock["y"]
    twin.press(".")
    for root in (main, twin):
        expect(root.locator(".xp-depth output")).to_have_text("1 / 3")
    twin.press("f")
    place = twin.evaluate("root => root.explorer.position('SumBackward0')")
    page.mouse.click(place["x"], place["y"])
    expect(main).to_have_attribute("data-selected", run.output)
    main.press("End")
    expect(twin).to_have_attribute("data-step", twin.get_attribute("data-steps") or "")
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("root => root.getBoundingClientRect().y > 300", arg=twin.element_handle())
    upper, lower, dock = box(main, ".xp-stage"), box(twin, ".xp-stage"), box(main, ".xp-dock")
    assert abs(upper["height"] - lower["height"]) <= 2 and abs(lower["y"] + lower["height"] - dock["y"]) <= 1
    assert asked == [file.as_uri()] and canvas.errors == []
    page.context.close()
