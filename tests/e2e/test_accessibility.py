"""Nothing for axe-core to find on any page, in both themes; the table says what the canvas shows; focus is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from explorer.ui.activities import ROOMS
from explorer.ui.session import Activity
from tests.e2e.axe import violations
from tests.e2e.canvas import WAIT_MS, Canvas

GPT_SORT = "?model=gpt-sort&prompt=CABBAC%3E&loss=logit"
OPEN_TABS = '[data-testid="stMain"] [role="tab"]'

OpenPage = Callable[..., Canvas]


def _looked_at(canvas: Canvas) -> Iterator[tuple[str, list[str]]]:
    """Every state of the canvas that has chrome of its own, and what is wrong with the page in it."""
    page = canvas.watch().rest().page
    yield "as it opens", violations(page)
    canvas.press("End").wait(step=canvas.steps)
    yield "at the last step", violations(page)
    canvas.press("?")
    expect(canvas.root.get_by_role("dialog", name="Keys")).to_be_visible()
    yield "the sheet of keys", violations(page)
    canvas.press("Escape", "/")
    page.keyboard.type("add")
    expect(canvas.root.locator(".xp-find-count")).to_contain_text("found")
    yield "while something is looked for", violations(page)
    canvas.press("Escape")


def _tabs(page: Page, canvas: Canvas, *slow: str) -> Iterator[tuple[str, list[str]]]:
    """Each tab of the dock, opened, but for those that take too long to be waited for."""
    for tab in page.locator(OPEN_TABS).all():
        if tab.inner_text() in slow:
            continue
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        canvas.rest()
        yield f"the tab {tab.inner_text()}", violations(page)


def _assert_clean(found: Iterator[tuple[str, list[str]]]) -> None:
    wrong = [f"{where}: {violation}" for where, each in found for violation in each]
    assert not wrong, "\n\n".join(wrong)


def _enter(canvas: Canvas, activity: Activity) -> None:
    switch = canvas.page.get_by_role("radiogroup", name="Activity")
    switch.get_by_role("radio", name=ROOMS[activity].label, exact=True).click()
    expect(canvas.root).to_have_attribute("data-activity", activity, timeout=2 * WAIT_MS)
    canvas.rest()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_program_has_no_violations(open_page: OpenPage, theme: str) -> None:
    canvas = open_page(theme=theme, reduced_motion="reduce")
    _assert_clean(_looked_at(canvas))
    if theme == "light":
        _assert_clean(_tabs(canvas.page, canvas))
        _enter(canvas, "train")
        _assert_clean(_tabs(canvas.page, canvas))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_model_has_no_violations_in_any_activity(open_page: OpenPage, theme: str) -> None:
    canvas = open_page(path=GPT_SORT, theme=theme, reduced_motion="reduce")
    canvas.click("h/0").wait(selected="h/0")
    expect(canvas.page.locator(".st-key-inspector")).to_contain_text("Goes in", timeout=WAIT_MS)
    _assert_clean(_looked_at(canvas))
    for activity, room in ROOMS.items():
        if activity != "step":
            _enter(canvas, activity)
        _assert_clean(
            _tabs(canvas.page, canvas, "Surface") if theme == "light" else iter([(room.label, violations(canvas.page))])
        )


def test_a_narrow_page_and_one_with_an_error_have_no_violations(open_page: OpenPage) -> None:
    canvas = open_page(width=390, height=844, reduced_motion="reduce")
    _assert_clean(_looked_at(canvas))
    canvas = open_page(reduced_motion="reduce").watch()
    page = canvas.page
    field = page.get_by_label("Program", exact=True).first
    field.fill("y = a +")
    field.press("Control+Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    canvas.rest()
    assert violations(page) == []


def test_a_wide_formula_is_scrolled_by_keyboard(open_page: OpenPage) -> None:
    """The browser sees to it: see ``ALLOWED`` in axe.py."""
    canvas = open_page(path=GPT_SORT)
    canvas.click("h/0").wait(selected="h/0").settle()
    formula = canvas.page.locator(".st-key-inspector .katex-display")
    expect(formula).to_be_visible()
    assert formula.evaluate("e => e.scrollWidth > e.clientWidth")
    canvas.page.locator(".x-head").focus()
    for _ in range(12):
        canvas.type(["Tab"])
        if formula.evaluate("e => document.activeElement === e"):
            break
    expect(formula).to_be_focused()
    canvas.type(["ArrowRight"])
    canvas.page.wait_for_function("e => e.scrollLeft > 0", arg=formula.element_handle())


def test_axe_finds_what_is_wrong(canvas: Canvas) -> None:
    """A planted picture without words, inside the canvas's shadow root."""
    assert violations(canvas.page) == []
    canvas.root.evaluate("root => root.append(document.createElement('img'))")
    (found,) = violations(canvas.page)
    assert found.startswith("image-alt")


def test_the_table_of_nodes_says_what_the_canvas_shows(canvas: Canvas) -> None:
    canvas.page.get_by_role("tab", name="Nodes").click()
    table = canvas.page.get_by_role("table", name="Nodes 1 to 6 of 6")
    row = table.get_by_role("row").filter(has=canvas.page.get_by_role("rowheader", name="b", exact=True))
    expect(row.get_by_role("cell")).to_have_text(["input", "none", "1", "5", "single number"])
    words = canvas.page.get_by_role("textbox", name="Show only")
    words.fill("multiply")
    words.press("Enter")
    expect(canvas.page.get_by_role("table", name="Nodes 1 to 1 of 1").get_by_role("rowheader")).to_have_text(["e"])
    words.fill("nowhere")
    words.press("Enter")
    expect(canvas.page.get_by_text("None of the 6 nodes has all of these words.")).to_be_visible()


def test_whatever_the_keyboard_is_on_is_seen(open_page: OpenPage) -> None:
    """Every stop of Tab within the canvas has a ring: of its own, or that of the stage."""
    canvas = open_page(path=GPT_SORT, reduced_motion="reduce")
    canvas.press("/", "Escape", "Escape", "Escape")
    script = """root => {
      const at = root.getRootNode().activeElement;
      if (!at) return null;
      const stage = getComputedStyle(root.querySelector(".xp-stage"), "::after");
      return [at.ariaLabel ?? at.className, at === root ? stage.borderTopStyle : getComputedStyle(at).outlineStyle];
    }"""
    stops = {}
    while (stop := canvas.root.evaluate(script)) and len(stops) < 60:
        name, ring = stop
        assert ring == "solid", f"{name} has no ring"
        if name in stops:
            break
        stops[name] = ring
        canvas.type(["Tab"])
    assert {"Find", "Steps open groups", "Fit", "Step", "Speed"} <= stops.keys()
