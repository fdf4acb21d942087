"""What is in view: where the camera stands, and that labels and hover cards leave the cards to be read."""

from __future__ import annotations

import json
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.canvas import Canvas
from tests.e2e.conftest import OpenPage
from tests.e2e.test_canvas import AFTER_FRAMES, AT_REST, pixel

BRANCH = "if x > 0:\n    y = x^2\nelse:\n    y = 0.1*x + 3"
WIDE_LABELS = "y = a + 0.1\nw = y / 3000000"
THREE_TIMES = "y = x*x + x"
CHAIN = "u = 3*x + 2\ny = u^4"

RECORD_TEXT = """() => {
  const { fillText } = CanvasRenderingContext2D.prototype;
  window.written = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    window.written.push(text);
    fillText.call(this, text, ...rest);
  };
}"""


def program(text: str, **inputs: float) -> str:
    return "/?" + urlencode({"program": text, "inputs": json.dumps(inputs)})


def stage(canvas: Canvas) -> dict[str, float]:
    return bounds(canvas.root.locator(".xp-stage"))


def bounds(element: Locator) -> dict[str, float]:
    box = element.bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def middle_of(box: dict[str, float]) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    return all(a[at] < b[at] + b[size] and b[at] < a[at] + a[size] for at, size in (("x", "width"), ("y", "height")))


def assert_in_view(canvas: Canvas, *nodes: str) -> None:
    room = stage(canvas)
    for node, (at, size) in product(nodes, (("x", "width"), ("y", "height"))):
        card = canvas.box(node)
        assert room[at] <= card[at] and card[at] + card[size] <= room[at] + room[size], (node, card, room)


def resize(canvas: Canvas, width: int, height: int) -> None:
    before = stage(canvas)
    canvas.page.set_viewport_size({"width": width, "height": height})
    expect(canvas.root.locator(".xp-stage")).not_to_have_js_property("clientWidth", before["width"])
    canvas.root.evaluate(AT_REST, canvas.root.evaluate("root => root.explorer.nodes()[0]"))


def test_a_view_that_nobody_moved_fits_every_size(canvas: Canvas) -> None:
    canvas.press("End").wait(step=canvas.steps)
    resize(canvas, 700, 600)
    assert_in_view(canvas, "a", "b", "c", "d", "e")


def test_a_view_of_ones_own_keeps_its_middle(canvas: Canvas) -> None:
    canvas.press("-", "8").root.evaluate(AT_REST, "b")
    (x, y), card = middle_of(stage(canvas)), canvas.box("b")
    resize(canvas, 1200, 800)
    (now_x, now_y), now = middle_of(stage(canvas)), canvas.box("b")
    assert now["width"] == pytest.approx(card["width"])
    assert (now["x"] - now_x, now["y"] - now_y) == pytest.approx((card["x"] - x, card["y"] - y), abs=1)


def test_the_output_of_another_branch_comes_into_view(open_page: OpenPage) -> None:
    canvas = open_page(path=program(BRANCH, x=1.5))
    canvas.press("End").wait(step=canvas.steps)
    nodes, rev = canvas.root.evaluate("root => root.explorer.nodes()"), canvas.data("rev")
    x, y = canvas.number("x")
    canvas.page.mouse.move(x, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(x - 400, y, steps=5)
    canvas.page.mouse.up()
    canvas.wait_for_new("rev", rev)
    canvas.page.wait_for_function(
        "([root, count]) => root.explorer.nodes().length > count", arg=[canvas.root.element_handle(), len(nodes)]
    )
    canvas.settle().root.evaluate(AT_REST, "y")
    assert_in_view(canvas, "x", "y")


def test_the_steps_of_a_small_program_open_with_labels_that_can_be_read(open_page: OpenPage) -> None:
    canvas = open_page(path=program(CHAIN, x=3.0), reduced_motion="reduce")
    canvas.press("End").wait(step=canvas.steps)
    before = canvas.root.evaluate(AFTER_FRAMES, 3)
    assert canvas.box("x")["width"] >= 110
    canvas.press("j")
    assert canvas.root.evaluate(AFTER_FRAMES, 3) != before


def test_a_card_keeps_its_glyph_from_further_off(open_page: OpenPage) -> None:
    canvas = open_page(path=program("y = log(x)", x=123456.789), reduced_motion="reduce")
    canvas.press("End", *["-"] * 4).root.evaluate(AT_REST, "x")
    width = canvas.box("x")["width"]
    assert 44 < width < 107
    assert pixel(canvas, "x", 15 / width, 0.275) == pixel(canvas, "x", 1.5 / width, 0.275)


@pytest.mark.parametrize("text", [WIDE_LABELS, WIDE_LABELS.replace("y", "alpha_of_the_first_layer")])
def test_labels_cover_no_card(open_page: OpenPage, text: str) -> None:
    canvas = open_page(path=program(text, a=123456789.123456789), reduced_motion="reduce")
    canvas.press("End").wait(step=canvas.steps)
    with_labels = cards(canvas)
    canvas.press("j")
    assert cards(canvas) == with_labels


def cards(canvas: Canvas) -> list[bytes]:
    """Pictures of all cards that are in view."""
    canvas.root.evaluate(AFTER_FRAMES, 3)
    room, boxes = stage(canvas), map(canvas.box, canvas.root.evaluate("root => root.explorer.nodes()"))
    seen = [box for box in boxes if box["x"] + box["width"] <= room["x"] + room["width"]]
    return [canvas.page.screenshot(clip=clip(box)) for box in seen]


def clip(box: dict[str, float]) -> Any:
    return {name: round(length) for name, length in box.items()}


def test_the_sum_is_written_short(open_page: OpenPage) -> None:
    canvas = open_page(path=program(THREE_TIMES, x=1.23456789), reduced_motion="reduce")
    canvas.press("End").wait(step=canvas.steps)
    canvas.page.evaluate(RECORD_TEXT)
    canvas.press("ArrowLeft", "ArrowRight").wait(step=canvas.steps).root.evaluate(AFTER_FRAMES, 3)
    written = "".join(canvas.page.evaluate("window.written")).replace(" ", "")
    assert "2.235+1.235=3.469" in written


def test_a_hover_card_leaves_the_cards_uncovered(canvas: Canvas) -> None:
    hover = canvas.root.locator(".xp-hover")
    nodes = canvas.root.evaluate("root => root.explorer.nodes()")
    for node in "abcde":
        canvas.hover(node)
        expect(hover).to_be_visible()
        expect(hover.locator("header math")).to_have_text(node)
        box = bounds(hover)
        assert not [each for each in nodes if overlap(box, canvas.box(each))]


def test_a_card_that_was_pressed_gets_no_hover_card(canvas: Canvas) -> None:
    canvas.click("b").wait(selected="b")
    canvas.page.mouse.move(*(place + 2 for place in canvas.position("b")))
    canvas.root.evaluate(AFTER_FRAMES, 60)
    hover = canvas.root.locator(".xp-hover")
    expect(hover).to_be_hidden()
    canvas.hover("c")
    expect(hover).to_be_visible()


def test_a_finger_gets_no_hover_card(open_page: OpenPage) -> None:
    canvas = open_page(has_touch=True)
    canvas.page.touchscreen.tap(*canvas.position("b"))
    canvas.wait(selected="b").press("Escape").wait(selected="").root.evaluate(AFTER_FRAMES, 60)
    expect(canvas.root.locator(".xp-hover")).to_be_hidden()
