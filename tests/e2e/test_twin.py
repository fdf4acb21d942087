"""Forward graph and autograd graph beside each other or below: chosen, pointed at and stepped to in one, so in both."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.axe import violations
from tests.e2e.canvas import WAIT_MS, Canvas

GPT_SORT = "?model=gpt-sort&prompt=CABBAC%3E&loss=logit"
Box = dict[str, float]
OpenPage = Callable[..., Canvas]


def place(root: Locator, node: str) -> tuple[float, float]:
    found = root.evaluate("(root, node) => root.explorer.position(node)", node)
    return found["x"], found["y"]


def show(page: Page, where: str, count: int = 2) -> tuple[Locator, Locator]:
    """Both canvases, once the autograd graph stands where it was asked for."""
    page.get_by_role("radiogroup", name="Autograd graph").get_by_role("radio", name=where).click()
    roots = page.locator('[data-testid="graph-canvas"]')
    expect(roots).to_have_count(count, timeout=WAIT_MS)
    Canvas(page).settle()
    return roots.nth(0), roots.nth(1)


def stages(main: Locator, twin: Locator) -> tuple[Box, Box]:
    """The rectangles that the two graphs are drawn in."""
    main_box, twin_box = (root.locator(".xp-stage").bounding_box() for root in (main, twin))
    assert main_box is not None and twin_box is not None
    return dict(main_box), dict(twin_box)


def test_both_views_are_linked_and_the_canvas_keeps_its_place(canvas: Canvas) -> None:
    page = canvas.page
    canvas.press("b", "ArrowRight", "ArrowRight")
    step = canvas.step
    canvas.root.evaluate("root => (root.dataset.mine = 'kept')")
    main, twin = show(page, "Beside")
    expect(twin).to_have_attribute("data-twin", "autograd")
    expect(main).to_have_attribute("data-mine", "kept")
    expect(main).to_have_attribute("data-step", str(step))
    nodes = twin.evaluate("root => root.explorer.nodes()")
    assert sorted(nodes) == ["AddBackward0", "AddBackward0_1", "MulBackward0", "a", "b"]
    # What had been stepped to before it came is stepped to in it: e hands on to c, the first of two.
    expect(twin).to_have_attribute("data-node", "MulBackward0")
    expect(twin).to_have_attribute("data-step", "2")
    main.press("ArrowRight")
    expect(twin).to_have_attribute("data-step", "3")

    page.mouse.click(*place(main, "e"))
    expect(twin).to_have_attribute("data-selected", "MulBackward0")
    page.mouse.click(*place(twin, "a"))
    expect(main).to_have_attribute("data-selected", "a")
    expect(page.locator(".st-key-inspector .x-name").first).to_have_text("a", timeout=WAIT_MS)
    page.mouse.move(*place(main, "b"))
    page.wait_for_function("root => root.explorer.linked().pointed === 'b'", arg=twin.element_handle())

    twin.press("a")
    page.wait_for_function("root => root.explorer.linked().lineage === 'ancestors'", arg=main.element_handle())
    twin.press("Home")
    expect(main).to_have_attribute("data-step", "0")
    expect(twin).to_have_attribute("data-step", "0")
    twin.press("ArrowRight")
    expect(main).to_have_attribute("data-step", "1")
    twin.press("End")
    for root in (main, twin):
        expect(root).to_have_attribute("data-step", root.get_attribute("data-steps") or "")
    twin.press("m")
    page.wait_for_function(
        "document.fullscreenElement?.querySelectorAll('[class*=st-key-][class*=canvas]').length === 2"
    )
    twin.press("m")
    page.wait_for_function("document.fullscreenElement === null")
    show(page, "Off", 1)
    expect(main).to_have_attribute("data-mine", "kept")


def test_it_shares_the_room_of_the_canvas_and_goes_below_where_there_is_none_beside(canvas: Canvas) -> None:
    page = canvas.page
    main, twin = show(page, "Beside")
    left, right = stages(main, twin)
    assert right["x"] == pytest.approx(left["x"] + left["width"], abs=2)
    assert left["y"] == pytest.approx(right["y"], abs=1) and left["height"] == pytest.approx(right["height"], abs=2)
    dock = main.locator(".xp-dock").bounding_box()
    assert dock is not None and dock["width"] == pytest.approx(left["width"] + right["width"], abs=3)
    assert dock["y"] == pytest.approx(left["y"] + left["height"], abs=2)

    show(page, "Below")
    upper, lower = stages(main, twin)
    assert lower["y"] == pytest.approx(upper["y"] + upper["height"], abs=2)
    assert upper["width"] == pytest.approx(lower["width"], abs=2) == pytest.approx(dock["width"], abs=3)
    show(page, "Beside")
    page.set_viewport_size({"width": 1000, "height": 800})
    page.wait_for_function(
        "([m, t]) => t.getBoundingClientRect().y > m.getBoundingClientRect().y + 100",
        arg=[main.element_handle(), twin.element_handle()],
    )
    upper, lower = stages(main, twin)
    assert lower["y"] == pytest.approx(upper["y"] + upper["height"], abs=2)
    # What was chosen is kept while one is at something else.
    activity = page.get_by_role("radiogroup", name="Activity")
    activity.get_by_role("radio", name="Train").click()
    expect(page.locator('[data-testid="graph-canvas"]')).to_have_count(1, timeout=WAIT_MS)
    activity.get_by_role("radio", name="Step").click()
    expect(page.locator('[data-testid="graph-canvas"]')).to_have_count(2, timeout=WAIT_MS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_model_opens_in_both_and_axe_finds_nothing(open_page: OpenPage, theme: str) -> None:
    canvas = open_page(path=GPT_SORT, theme=theme, reduced_motion="reduce")
    page = canvas.page
    main, twin = show(page, "Beside" if theme == "light" else "Below")
    main.press("b")
    for _ in range(8):
        main.press("ArrowRight")
        at, twin_at = (root.evaluate("root => root.explorer.linked().at") for root in (main, twin))
        assert at == twin_at != ""
    twin.press(".")
    expect(main.locator(".xp-depth output")).to_have_text("1 / 3", timeout=WAIT_MS)
    expect(twin.locator(".xp-depth output")).to_have_text("1 / 3", timeout=WAIT_MS)
    main.press("End")
    expect(twin).to_have_attribute("data-step", twin.get_attribute("data-steps") or "")
    canvas.settle()
    assert violations(page) == []
    # Tab reaches the nodes of either graph, and the ring is seen.
    for root in (main, twin):
        root.focus()
        page.keyboard.press("Tab")
        assert (
            root.evaluate("root => getComputedStyle(root.querySelector('.xp-stage'), '::after').borderTopStyle")
            == "solid"
        )
