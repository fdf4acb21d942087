"""Training in the browser: steps, playing, going back, the update on the cards, and where it diverges."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect

from tests.e2e.canvas import WAIT_MS, Canvas
from tests.e2e.test_app import INSPECTOR, program, write

LINE = "x = [-1, 0, 1, 2]\nt = [0, 1, 1.5, 3]\nw = -0.35\nb = 2\ny = w * x + b\nL = mean((y - t)^2)"
QUARTIC = "w = 3\nu = w * w\nL = u * u"
NARRATION = '[data-testid="narration-line"]'


def enter(canvas: Canvas, text: str) -> Canvas:
    """Train on a program, in a page that is at rest."""
    write(canvas, text)
    canvas.settle()
    expect(program(canvas.page)).to_have_value(re.compile(re.escape(text)))
    canvas.page.get_by_role("radio", name="Train").click()
    return canvas.wait(**{"train-step": 0}).settle()


def path(steps: int, rate: float) -> list[tuple[float, float]]:
    """The line's parameters by torch's own loop."""
    w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (-0.35, 2.0))
    x, t = torch.tensor([-1.0, 0, 1, 2], dtype=torch.float64), torch.tensor([0, 1, 1.5, 3], dtype=torch.float64)
    optimiser, found = torch.optim.SGD([w, b], lr=rate), [(w.item(), b.item())]
    for _ in range(steps):
        optimiser.zero_grad()
        ((w * x + b - t) ** 2).mean().backward()
        optimiser.step()
        found.append((w.item(), b.item()))
    return found


def row(page: Page, name: str) -> str:
    """The line of a parameter in the table of the next update."""
    first = page.locator("td:first-child", has_text=re.compile(f"^{name}$"))
    return page.locator(f"{INSPECTOR} .x-table tr").filter(has=first).last.inner_text()


def test_steps_on_and_back_show_torchs_numbers(canvas: Canvas, page: Page) -> None:
    enter(canvas, LINE)
    expected = path(3, 0.1)
    canvas.press("n").wait(**{"train-step": 1}).press("n").wait(**{"train-step": 2}).settle()
    expect(page.locator(INSPECTOR)).to_contain_text("Update 3")
    for name, old, new in (("w", expected[2][0], expected[3][0]), ("b", expected[2][1], expected[3][1])):
        cells = row(page, name).replace("−", "-").split()
        assert float(cells[1]) == pytest.approx(old, rel=1e-5) and float(cells[3]) == pytest.approx(new, rel=1e-5)
    canvas.wait(phase="update", node="b")
    told = page.locator(NARRATION).inner_text().replace("−", "-")
    assert float(told.split()[-1]) == pytest.approx(expected[3][1], rel=1e-5)
    canvas.press("p").wait(**{"train-step": 1}).press("x").wait(**{"train-step": 0})


def test_a_step_is_watched_phase_by_phase(canvas: Canvas) -> None:
    enter(canvas, LINE)
    canvas.root.get_by_role("button", name="phase", exact=True).click()
    canvas.press("Home").wait(step=0)
    for phase in ("zero_grad", "forward", "backward", "update"):
        canvas.press("ArrowRight").wait(phase=phase)
    canvas.press("ArrowRight").wait(phase="zero_grad", **{"train-step": 1})


def test_it_plays_pauses_and_is_dragged_back(canvas: Canvas, page: Page) -> None:
    enter(canvas, LINE)
    canvas.press("t")
    expect(canvas.root).to_have_attribute("data-train-step", re.compile(r"^([5-9]|\d\d+)$"), timeout=WAIT_MS)
    camera = canvas.position("L")
    canvas.press("t").settle()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    assert canvas.position("L") == pytest.approx(camera)
    reached = canvas.data("train-step")
    curve = canvas.root.locator(".xp-curve")
    box = curve.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 53, box["y"] + 60)
    canvas.wait(**{"train-step": 0}).settle()
    expect(curve).to_have_attribute("aria-valuemax", re.compile(rf"^{reached}$|^\d+$"))
    expect(page.locator(INSPECTOR)).to_contain_text("Update 1")


def test_divergence_is_marked_where_it_arose(canvas: Canvas, page: Page) -> None:
    enter(canvas, QUARTIC)
    rate = page.get_by_label("Learning rate, exactly")
    rate.fill("1")
    rate.press("Enter")
    canvas.settle()
    expect(page.locator(".x-bound")).to_contain_text("it diverges")
    page.get_by_role("button", name="Take so many steps").click()
    alarm = canvas.root.get_by_role("alert")
    expect(alarm).to_contain_text("is the first that is not finite", timeout=WAIT_MS)
    stopped = canvas.data("train-step")
    expect(page.locator(".x-note.x-error")).to_contain_text("not finite from u on")
    canvas.settle().press("p").wait(**{"train-step": int(stopped) - 1})
    expect(alarm).not_to_be_visible()


def test_the_moons_form_a_boundary_and_their_points_can_be_dragged(canvas: Canvas, page: Page) -> None:
    page.get_by_role("radio", name="Train").click()
    canvas.wait(**{"train-step": 0}).settle()
    page.get_by_label("Data set").click()
    page.get_by_role("option", name="Two moons").click()
    expect(page.get_by_text("60 points")).to_be_visible()
    plane = canvas.root.locator(".xp-plane")
    expect(plane).to_be_visible()
    box = plane.bounding_box()
    assert box is not None
    rev = canvas.settle().data("rev")
    page.mouse.dblclick(box["x"] + 60, box["y"] + 90)
    canvas.wait_for_new("rev", rev)
    expect(page.get_by_text("61 points")).to_be_visible()


def test_points_are_uploaded_edited_and_predicted(canvas: Canvas, page: Page, tmp_path: Path) -> None:
    """A CSV file becomes the data; a wrong one is told of, and the points before it stay."""
    page.get_by_role("radio", name="Train").click()
    canvas.wait(**{"train-step": 0}).settle()
    page.get_by_label("Data set").click()
    page.get_by_role("option", name="From a CSV file").click()
    rows = ["-1,0,0", "-1,1,0", "1,0,1", "1,1,1", "1.5,0.5,1"]
    good, bad = tmp_path / "points.csv", tmp_path / "bad.csv"
    good.write_text("\n".join(["x1,x2,class", *rows]))
    bad.write_text("x1,x2,class\n1,two,0")
    upload = page.locator(".st-key-data-file input")
    upload.set_input_files(good)
    expect(page.get_by_text("5 points", exact=True)).to_be_visible()
    page.get_by_role("tab", name="Boundary").click()
    expect(page.get_by_test_id("stPlotlyChart").last).to_be_visible()
    classes = page.get_by_test_id("stPlotlyChart").last.locator(".js-plotly-plot")
    drawn = "plot => plot._fullData.filter(trace => trace.mode === 'markers').map(trace => trace.x.length)"
    assert classes.evaluate(drawn) == [2, 3]
    plane = canvas.settle().root.locator(".xp-plane")
    box, rev = plane.bounding_box(), canvas.data("rev")
    assert box is not None
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    canvas.wait_for_new("rev", rev)
    expect(page.get_by_text("6 points", exact=True)).to_be_visible()
    upload.set_input_files(bad)
    expect(page.get_by_text(re.compile("two"))).to_be_visible()
    expect(page.get_by_text("6 points", exact=True)).to_be_visible()
