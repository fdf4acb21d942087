"""The page around the canvas in a real browser: its frame, the program, errors, examples, what can be taken away."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import Canvas
from tests.e2e.conftest import OpenPage

INSPECTOR = ".st-key-inspector"
PROBLEM = ".x-problem"


def program(page: Page) -> Locator:
    return page.get_by_label("Program", exact=True).first  # While a new one takes its place there are two.


def write(canvas: Canvas, text: str) -> None:
    """Type a program and apply it, as a user does."""
    program(canvas.page).fill(text)
    program(canvas.page).press("Control+Enter")


def choose(page: Page, label: str, option: str) -> None:
    """Pick from one of the sidebar's lists."""
    field = page.get_by_test_id("stSelectbox").filter(has_text=label).locator("input")
    field.fill(option)
    field.press("Enter")


def is_inside(page: Page, element: Locator) -> bool:
    box, size = element.bounding_box(), page.viewport_size
    assert box is not None and size is not None
    return box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= size["width"] + 1 and (
        box["y"] + box["height"] <= size["height"] + 1
    )  # fmt: skip


def test_the_first_screen_holds_source_canvas_transport_and_inspector(canvas: Canvas, page: Page) -> None:
    transport = canvas.root.get_by_role("slider", name="Step")
    parts = (program(page), canvas.root, transport, page.locator(INSPECTOR), page.get_by_text("Reading the graph"))
    for part in parts:
        assert is_inside(page, part), part
    expect(page.locator(INSPECTOR)).to_contain_text("How the gradient got here")


def test_the_tabs_of_the_dock_show_below_the_transport(canvas: Canvas, page: Page) -> None:
    for name in ("Steps", "Derivation", "Export"):
        assert is_inside(page, page.get_by_role("tab", name=name)), name
    transport = canvas.root.get_by_role("slider", name="Step").bounding_box()
    tab = page.get_by_role("tab", name="Steps").bounding_box()
    assert transport is not None and tab is not None and transport["y"] + transport["height"] <= tab["y"]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_runs_out_of_the_page(open_page: OpenPage, width: int, height: int, theme: str) -> None:
    canvas = open_page(width=width, height=height, theme=theme)
    box = canvas.root.bounding_box()
    assert box is not None and box["width"] >= min(width - 40, 560)
    overflow = "document.querySelector('[data-testid=stMain]').scrollWidth - document.documentElement.clientWidth"
    assert canvas.page.evaluate(overflow) <= 0


def test_a_typed_program_appears_on_the_canvas(canvas: Canvas, page: Page) -> None:
    write(canvas, "u = 3x + 2\ny = u^4")
    expect(page.locator(INSPECTOR)).to_contain_text("∂y")
    assert canvas.root.evaluate("root => root.explorer.position('u')") is not None
    assert canvas.root.evaluate("root => root.explorer.position('e')") is None


def test_an_error_marks_its_place_and_the_last_graph_stays(canvas: Canvas, page: Page) -> None:
    canvas.press("End").wait(step=canvas.steps)
    rev, place = canvas.data("rev"), canvas.position("e")
    write(canvas, "a = 2\ny = (a + b")
    expect(page.locator(PROBLEM)).to_contain_text("Line 2")
    expect(page.locator(PROBLEM)).to_contain_text("y = (a + b")
    expect(page.get_by_text("the last graph that could be drawn")).to_be_visible()
    assert (canvas.data("rev"), canvas.position("e")) == (rev, place)
    write(canvas, "a = 2\ny = (a + b)")
    expect(page.locator(PROBLEM)).to_be_hidden()
    canvas.wait_for_new("rev", rev)


def test_what_is_typed_never_becomes_part_of_the_page(canvas: Canvas, page: Page) -> None:
    write(canvas, "y = <img src=x onerror=alert(1)> $\\alpha$ **a** `b` :red[c]")
    expect(page.locator(PROBLEM)).to_contain_text("<img src=x onerror=alert(1)> $\\alpha$ **a** `b` :red[c]")
    assert page.locator("img[src=x]").count() == 0


def test_an_example_is_opened_and_undone(canvas: Canvas, page: Page) -> None:
    choose(page, "Example", "One neuron")
    expect(program(page)).to_have_value(re.compile(r"o = tanh\(n\)"))
    expect(page.get_by_text("what tanh lets through")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(program(page)).to_have_value(re.compile(r"e = c \* d"))


def test_a_click_on_a_card_shows_it_in_the_inspector(canvas: Canvas, page: Page) -> None:
    inspector = page.locator(INSPECTOR)
    canvas.click("c").wait(selected="c")
    expect(inspector).to_contain_text("add, used once")
    expect(inspector).to_contain_text("A sum hands the upstream gradient to both inputs unchanged.")
    inspector.get_by_role("button", name="Make it the output").click()
    expect(inspector).to_contain_text("add, the output")


def test_tensors_have_heat_maps_of_value_and_gradient(canvas: Canvas, page: Page) -> None:
    choose(page, "Example", "A two-layer network with a loss")
    expect(page.locator(INSPECTOR).get_by_test_id("stPlotlyChart")).to_have_count(2)


def test_forward_mode_moves_one_input(canvas: Canvas, page: Page) -> None:
    page.get_by_role("radio", name="Forward").click()
    canvas.wait_for_new("steps", "12")
    choose(page, "With respect to", "b")
    canvas.click("e").wait(selected="e")
    expect(page.locator(INSPECTOR)).to_contain_text("How the tangent got here")
    expect(page.locator(f"{INSPECTOR} .x-figure").nth(1)).to_have_text("5")


def test_a_switched_off_gradient_is_pruned(canvas: Canvas, page: Page) -> None:
    page.get_by_test_id("stButtonGroup").filter(has_text="Gradient for").get_by_role("button", name="b").click()
    expect(page.get_by_text("No gradient flows into d.")).to_be_visible()
    canvas.click("b").wait(selected="b")
    expect(page.locator(f"{INSPECTOR} .x-figure").nth(1)).to_have_text("none")


@pytest.mark.parametrize(
    ("label", "start"),
    [("SVG", b"<svg"), ("PNG", b"\x89PNG\r\n"), ("DOT", b"digraph"), ("JSON", b"{")],
)
def test_the_graph_can_be_taken_away(canvas: Canvas, page: Page, label: str, start: bytes) -> None:
    page.get_by_role("tab", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(f"{label},")).click()
    content = Path(download.value.path()).read_bytes()
    assert content.removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>').lstrip().startswith(start)
    assert download.value.suggested_filename == f"graph-of-e.{label.lower()}"
    if label == "JSON":
        assert {node["id"]: node["grad"] for node in json.loads(content)["nodes"]}["b"] == 5


def test_every_step_is_in_the_table_and_the_derivation_can_be_copied(canvas: Canvas, page: Page) -> None:
    rows = page.locator(".x-steps tr")
    expect(rows).to_have_count(1 + 6 + 1 + 5)
    expect(rows.last).to_contain_text("3 + 2 = 5")
    page.get_by_role("tab", name="Derivation").click()
    page.get_by_text("LaTeX, to copy").click()
    expect(page.get_by_test_id("stCode")).to_contain_text(r"\begin{aligned}")
    expect(page.get_by_test_id("stCode")).to_contain_text(r"\frac{\partial e}{\partial b}")


def test_the_address_is_a_link_to_program_and_inputs(canvas: Canvas, open_page: OpenPage) -> None:
    write(canvas, "y = p^2")
    number = canvas.page.get_by_label("p", exact=True).first
    number.fill("7")
    number.press("Enter")
    expect(canvas.page).to_have_url(re.compile("p%22%3A7"))
    canvas.settle()
    other = open_page(path="/?" + canvas.page.url.partition("?")[2])
    expect(program(other.page)).to_have_value("y = p^2")
    expect(other.page.locator(f"{INSPECTOR} .x-figure").nth(1)).to_have_text("14")


def test_back_and_forward_of_the_browser_are_undo_and_redo(canvas: Canvas, page: Page) -> None:
    for text in ("y = p^2", "y = p^3"):
        write(canvas, text)
        expect(page).to_have_url(re.compile(re.escape(text[-1]) + "$|" + re.escape(text[-1]) + "&"))
        canvas.settle()
    page.get_by_role("tab", name="Derivation").click()
    expect(page.get_by_text("LaTeX, to copy")).to_be_visible()
    page.go_back()
    expect(program(page)).to_have_value("y = p^2")
    page.go_forward()
    expect(program(page)).to_have_value("y = p^3")


def test_the_theme_of_the_menu_reaches_the_whole_page(canvas: Canvas, page: Page) -> None:
    value = page.locator(f"{INSPECTOR} .x-figure").first
    light = value.evaluate("element => getComputedStyle(element).color")
    page.emulate_media(color_scheme="dark")
    canvas.wait(theme="dark")
    expect(value).not_to_have_css("color", light)
