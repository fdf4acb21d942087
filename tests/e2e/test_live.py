"""Values, gradients and the graph follow an edit, wherever it is made, while it is being made."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import Canvas
from tests.e2e.test_app import INSPECTOR, choose, program, write


def figures(page: Page) -> Locator:
    """Value and gradient of the inspected node."""
    return page.locator(f"{INSPECTOR} .x-figure")


def hold(canvas: Canvas, node: str, dx: float) -> None:
    """Press on the number of an input's card and drag; do not let go."""
    card = canvas.root.evaluate("(root, node) => root.explorer.box(node)", node)
    x, y = card["x"] + 0.88 * card["width"], card["y"] + 0.3 * card["height"]
    canvas.page.mouse.move(x, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(x + dx, y, steps=8)


def test_a_drag_is_answered_while_it_goes_on_and_written_down_when_it_ends(canvas: Canvas, page: Page) -> None:
    hold(canvas, "b", 50)
    expect(figures(page).first).to_have_text("1.5")
    expect(figures(page).nth(1)).to_have_text("6")
    expect(program(page)).to_have_value(re.compile("b = 1\n"))
    page.mouse.up()
    expect(program(page)).to_have_value(re.compile("b = 1.5\n"))
    expect(page.get_by_label("b", exact=True).first).to_have_value("1.5")


def test_a_number_in_the_sidebar_reaches_canvas_and_text(canvas: Canvas, page: Page) -> None:
    canvas.press("End").wait(step=canvas.steps)
    place, rev = canvas.position("e"), canvas.data("rev")
    number = page.get_by_label("a", exact=True).first
    number.fill("4")
    number.press("Enter")
    canvas.wait_for_new("rev", rev)
    expect(figures(page).nth(1)).to_have_text("7")
    expect(program(page)).to_have_value(re.compile("a = 4\n"))
    assert canvas.position("e") == pytest.approx(place)
    assert canvas.step == canvas.steps


def test_a_number_field_is_stepped_with_all_its_digits_and_never_empty(canvas: Canvas, page: Page) -> None:
    number = page.get_by_label("b", exact=True).first
    number.fill("0.1234567891234")
    number.press("Enter")
    expect(program(page)).to_have_value(re.compile(r"b = 0\.1234567891234\n"))
    number.press("ArrowUp")
    expect(program(page)).to_have_value(re.compile(r"b = 0\.2234567891234\n"))
    number.fill("")
    number.press("Enter")
    expect(number).to_have_value("0.2234567891234")
    page.get_by_label("a", exact=True).first.fill("7")
    page.get_by_label("a", exact=True).first.press("Enter")
    expect(program(page)).to_have_value(re.compile(r"a = 7\nb = 0\.2234567891234\n"))


def test_a_slider_is_moved_by_keys(canvas: Canvas, page: Page) -> None:
    page.get_by_test_id("stSlider").first.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(program(page)).to_have_value(re.compile(r"a = 2\.05\n"))


def test_a_changed_input_changes_the_graph(canvas: Canvas, page: Page) -> None:
    choose(page, "Example", "A branch")
    expect(page.locator(INSPECTOR)).to_contain_text("x")
    assert canvas.root.evaluate("root => root.explorer.nodes().includes('constant')")
    before = canvas.steps
    number = page.get_by_label("x", exact=True).first
    number.fill("-1")
    number.press("Enter")
    expect(figures(page).first).to_have_text("−1")
    expect(figures(page).nth(1)).to_have_text("0.1")
    assert canvas.steps > 0 and before > 0


def test_a_matrix_is_edited_in_its_grid(canvas: Canvas, page: Page) -> None:
    write(canvas, "W = [[1, 2], [3, 4]]\ny = sum(W * W)")
    page.get_by_role("button", name=re.compile("W 2 × 2")).click()
    grid = page.get_by_test_id("stPopoverBody").get_by_test_id("stDataFrame")
    box = grid.bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.5)
    cell = page.locator("#portal").locator("input, textarea")
    cell.fill("10")
    cell.press("Enter")
    expect(program(page)).to_have_value("W = [[10, 2], [3, 4]]\ny = sum(W * W)")


def test_an_edit_can_be_undone_and_done_again(canvas: Canvas, page: Page) -> None:
    hold(canvas, "a", 50)
    page.mouse.up()
    expect(program(page)).to_have_value(re.compile(r"a = 2\.5\n"))
    page.get_by_role("button", name="Undo").click()
    expect(program(page)).to_have_value(re.compile("a = 2\n"))
    page.get_by_role("button", name="Redo").click()
    expect(program(page)).to_have_value(re.compile(r"a = 2\.5\n"))


def test_inputs_are_live_while_the_text_is_broken(canvas: Canvas, page: Page) -> None:
    write(canvas, "e = (a +")
    expect(page.get_by_text("the last graph that could be drawn")).to_be_visible()
    hold(canvas, "b", 50)
    expect(figures(page).first).to_have_text("1.5")
    page.mouse.up()
