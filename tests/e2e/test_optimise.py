"""Optimise in a real browser, and what Step says of modes, paths and finite differences."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.canvas import Canvas
from tests.e2e.test_app import INSPECTOR, write

TEXT = "u = (a + b) * (b + a)\nk = 2 * 3\ndead = sin(a)\ny = u * k"


def nodes(canvas: Canvas) -> list[str]:
    found: list[str] = canvas.root.evaluate("root => root.explorer.nodes()")
    return found


def go(canvas: Canvas, activity: str) -> None:
    canvas.page.get_by_role("radio", name=activity, exact=True).click()
    canvas.settle()


def press(canvas: Canvas, name: str) -> None:
    rev = canvas.data("rev")
    canvas.page.get_by_role("button", name=name).click()
    canvas.wait_for_new("rev", rev)
    canvas.settle()


def test_passes_change_the_canvas_prove_themselves_and_are_undone(canvas: Canvas, page: Page) -> None:
    write(canvas, TEXT)
    expect(page.get_by_text("11 edges")).to_be_visible()
    go(canvas, "Optimise")
    before = nodes(canvas)
    for name, gone in (("Merge", {"v2"}), ("Fold", {"constant", "constant_1"}), ("Remove", {"dead"})):
        there = set(nodes(canvas))
        press(canvas, name)
        assert there - set(nodes(canvas)) == gone
    panel = page.locator(INSPECTOR)
    expect(panel).to_contain_text("All values that are left are bit-equal.")
    expect(panel).to_contain_text("The gradients of all inputs are bit-equal.")
    for name in ("Undo remove", "Undo fold", "Undo merge"):
        press(canvas, name)
    assert nodes(canvas) == before
    page.get_by_text("Light the critical path").click()
    canvas.wait(lit=4)
    for tab in ("Workers", "Memory"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_test_id("stPlotlyChart").last).to_be_visible()
    expect(page.get_by_text("computed again")).to_be_visible()


def test_passes_are_proved_on_a_model(open_page: Callable[..., Canvas]) -> None:
    canvas = open_page(path="/?model=llama-block")
    page = canvas.page
    go(canvas, "Optimise")
    press(canvas, "Merge")
    press(canvas, "Fold")
    panel = page.locator(INSPECTOR)
    expect(panel).to_contain_text("Applied: 1. merge, 2. fold")
    for words in ("All values that are left are bit-equal.", "The gradients of all inputs are bit-equal."):
        expect(panel).to_contain_text(words)
    press(canvas, "Undo fold")
    press(canvas, "Undo merge")
    expect(panel).to_contain_text("Applied: none")


def test_a_models_derivative_is_reached_both_ways_and_over_its_paths(open_page: Callable[..., Canvas]) -> None:
    canvas = open_page(path="/?model=mlp")
    page = canvas.page
    page.get_by_role("tab", name="Modes").click()
    page.get_by_role("button", name="Go forward").click()
    expect(page.get_by_text(re.compile("^forward from"))).to_be_visible()
    page.get_by_role("button", name="List the heaviest").click()
    expect(page.get_by_text(re.compile("Their sum is the gradient of"))).to_be_visible()
    expect(page.get_by_text("+100.0%")).to_be_visible()


def test_a_branch_is_built_once_and_run_as_it_is_read(canvas: Canvas, page: Page) -> None:
    write(canvas, "x = 1.5\nif x > 0:\n  y = x^2\nelse:\n  y = 0.1 * x")
    go(canvas, "Optimise")
    page.get_by_role("tab", name="Dynamic and static").click()
    drawings = page.get_by_test_id("stGraphVizChart")
    expect(drawings.nth(1)).to_contain_text("then: taken")
    number = page.get_by_label("x", exact=True).first
    number.fill("-2")
    number.press("Enter")
    expect(drawings.nth(1)).to_contain_text("else: taken")
    expect(drawings.nth(0)).not_to_contain_text("xⁿ")
    expect(page.get_by_text("built twice in 2 runs")).to_be_visible()
    expect(page.get_by_text("built once in 2 runs")).to_be_visible()


def test_a_path_is_lit_and_a_gradient_held_against_finite_differences(canvas: Canvas, page: Page) -> None:
    page.get_by_role("tab", name="Modes").click()
    expect(page.get_by_text("2 paths from b to e")).to_be_visible()
    expect(page.get_by_text(re.compile("Their sum is the gradient: 5"))).to_be_visible()
    page.get_by_role("button", name="Light").first.click()
    canvas.wait(lit=3)
    page.get_by_role("button", name="Put out").click()
    canvas.wait(lit="")
    inspector = page.locator(INSPECTOR)
    inspector.get_by_text("Finite differences, all step sizes").click()
    expect(inspector.get_by_test_id("stPlotlyChart")).to_be_visible()
    expect(inspector).to_contain_text("Best at h =")
