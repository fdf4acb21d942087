"""The canvas itself: what it draws, that stepping stays in the browser, and what survives new data."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import explorer
from tests.e2e.canvas import Canvas
from tests.e2e.conftest import OpenPage

TWO_PATHS = "c = a + b\nd = b + 1\ne = c * d"
"""The example that the app opens with."""

GRADIENT_TINT = {"light": (251, 239, 230), "dark": (66, 49, 40)}
CARD = {"light": (255, 255, 255), "dark": (23, 27, 36)}

PIXEL = """(root, [x, y]) => {
  const pixels = (name) => {
    const canvas = root.querySelector(name);
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return canvas.getContext("2d").getImageData((x - box.x) * scale, (y - box.y) * scale, 1, 1).data;
  };
  const over = pixels(".xp-overlay");
  return Array.from(over[3] === 255 ? over : pixels(".xp-base")).slice(0, 3);
}"""

AFTER_FRAMES = """(root, count) => new Promise((done) => {
  const next = () => (count-- > 0 ? requestAnimationFrame(next) : done(root.querySelector(".xp-overlay").toDataURL()));
  next();
})"""
FRAMES_OF_KEYS = """async (root, keys) => {
  const ask = requestAnimationFrame.bind(window), frames = new Set(), counts = [];
  window.requestAnimationFrame = (paint) => ask((frame) => paint(frame, frames.add(frame)));
  while (keys-- > 0) {
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, composed: true }));
    await new Promise((done) => setTimeout(done, 90));
    counts.push(frames.size);
    frames.clear();
  }
  window.requestAnimationFrame = ask;
  return counts.slice(1);
}"""
"""In how many frames anything is painted after each key in a hurry; before the first there was time."""

AT_REST = """(root, node) => new Promise((done) => {
  let [last, same] = ["", 0];
  const look = () => {
    const now = JSON.stringify(root.explorer.box(node));
    same = now === last ? same + 1 : 0;
    last = now;
    same > 20 ? done() : requestAnimationFrame(look);
  };
  look();
})"""


def pixel(canvas: Canvas, node: str, across: float, down: float) -> tuple[int, ...]:
    card = canvas.box(node)
    place = [card["x"] + across * card["width"], card["y"] + down * card["height"]]
    return tuple(canvas.root.evaluate(PIXEL, place))


def result(canvas: Canvas) -> Locator:
    """The number at the end of the typeset line."""
    return canvas.root.locator(".xp-term").last


def test_attributes_are_true_at_every_step(canvas: Canvas) -> None:
    run = explorer.trace(TWO_PATHS, a=2.0, b=1.0)
    expected = [("idle", "")]
    for step in run.steps:
        shown = max(1, len(step.arrivals) + (step.node == run.output and step.phase == "backward"))
        expected += [(step.phase, step.node)] * shown
    assert canvas.steps == len(expected) - 1
    for place, (phase, node) in enumerate(expected):
        canvas.wait(step=place, phase=phase, node=node, selected="")
        canvas.press("ArrowRight")
    for place, (phase, node) in reversed(list(enumerate(expected[:-1]))):
        canvas.press("ArrowLeft").wait(step=place, phase=phase, node=node)


def test_stepping_sends_nothing(canvas: Canvas) -> None:
    sent = len(canvas.frames)
    canvas.press(*["ArrowRight"] * canvas.steps, "Home", "End", "Shift+ArrowLeft", "f", "+", "-", "v", "v")
    canvas.wait(phase="backward")
    assert len(canvas.frames) == sent


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_gradient_fills_its_lane_when_it_arrives(open_page: OpenPage, theme: str) -> None:
    canvas = open_page(theme=theme, reduced_motion="reduce")
    lane = (0.6, 0.9)
    canvas.press("b").wait(phase="forward")
    assert pixel(canvas, "e", *lane) == CARD[theme]
    canvas.press("ArrowRight").wait(phase="backward", node="e")
    canvas.root.evaluate(AFTER_FRAMES, 3)
    assert pixel(canvas, "e", *lane) == GRADIENT_TINT[theme]
    assert pixel(canvas, "b", *lane) == CARD[theme]


def test_reduced_motion_shows_the_step_at_once(open_page: OpenPage) -> None:
    canvas = open_page(reduced_motion="reduce")
    canvas.press("ArrowRight", "ArrowRight", "ArrowRight").wait(step=3)
    assert canvas.root.evaluate(AFTER_FRAMES, 2) == canvas.root.evaluate(AFTER_FRAMES, 24)


def test_a_pulse_travels_with_the_step_unless_the_reader_hurries(canvas: Canvas) -> None:
    canvas.press("ArrowRight", "ArrowRight").wait(step=2)
    canvas.root.evaluate(AFTER_FRAMES, 40)
    canvas.press("ArrowRight").wait(step=3)
    assert canvas.root.evaluate(AFTER_FRAMES, 2) != canvas.root.evaluate(AFTER_FRAMES, 40)
    canvas.press("ArrowRight", "ArrowRight").wait(step=5)
    assert canvas.root.evaluate(AFTER_FRAMES, 2) == canvas.root.evaluate(AFTER_FRAMES, 40)


def test_a_step_in_a_hurry_is_shown_by_one_frame_and_asks_for_no_other(canvas: Canvas) -> None:
    canvas.press("ArrowRight", "ArrowRight").wait(step=2)
    canvas.root.evaluate(AFTER_FRAMES, 40)
    assert canvas.root.evaluate(FRAMES_OF_KEYS, 4) == [1, 1, 1]


def test_a_click_selects_and_one_beside_deselects(canvas: Canvas) -> None:
    canvas.click("c").wait(selected="c")
    card = canvas.box("a")
    canvas.page.mouse.click(card["x"] + card["width"] / 2, card["y"] - 30)
    canvas.wait(selected="")


def test_drag_on_the_number_edits_the_input_and_drag_on_the_ground_pans(canvas: Canvas) -> None:
    canvas.press("End").wait(step=canvas.steps)
    before, rev = canvas.position("e"), canvas.data("rev")
    x, y = canvas.number("a")
    canvas.page.mouse.move(x, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(x + 50, y, steps=5)
    canvas.wait_for_new("rev", rev)
    canvas.page.mouse.move(x + 100, y, steps=5)
    canvas.page.mouse.up()
    run = explorer.trace(TWO_PATHS, a=3.0, b=1.0)
    grad = run.grad("b")
    assert grad is not None
    expect(result(canvas)).to_have_text(f"{grad:g}")
    expect(canvas.page.get_by_label("a", exact=True).first).to_have_value("3")
    assert canvas.position("e") == pytest.approx(before)
    canvas.wait(step=canvas.steps, phase="backward")
    canvas.drag("e", 0, -60)
    assert canvas.position("e") == pytest.approx((before[0], before[1] - 60), abs=1)


def test_a_number_is_typed_on_its_card(canvas: Canvas) -> None:
    canvas.press("b").wait(phase="forward")
    step, rev = canvas.step, canvas.data("rev")
    canvas.page.mouse.dblclick(*canvas.number("a"))
    field = canvas.root.get_by_label("Value of a")
    for text in ("one", "1e400"):
        field.fill(text)
        field.press("Enter")
        expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("−4.5")
    field.press("Enter")
    expect(field).to_be_hidden()
    canvas.wait_for_new("rev", rev)
    canvas.wait(step=step, phase="forward")
    value = explorer.trace(TWO_PATHS, a=-4.5, b=1.0).value("e")
    expect(result(canvas)).to_have_text(f"{value:g}".replace("-", "−"))


def test_the_zoom_survives_edits_and_the_theme(canvas: Canvas) -> None:
    first = canvas.box("b")
    canvas.press("-").root.evaluate(AT_REST, "b")
    card, rev = canvas.box("b"), canvas.data("rev")
    assert card["width"] < first["width"]
    canvas.click("b").wait(selected="b")
    canvas.press("ArrowUp")
    canvas.wait_for_new("rev", rev)
    assert canvas.box("b") == pytest.approx(card)
    canvas.page.emulate_media(color_scheme="dark")
    canvas.wait(theme="dark", selected="b")
    assert canvas.box("b") == pytest.approx(card)


def test_the_wheel_zooms_about_the_pointer_and_small_steps_pan(canvas: Canvas) -> None:
    canvas.hover("c")
    place, width = canvas.position("c"), canvas.box("c")["width"]
    canvas.page.mouse.wheel(0, -240)
    canvas.page.wait_for_function(
        "([root, width]) => root.explorer.box('c').width > width", arg=[canvas.root.element_handle(), width]
    )
    assert canvas.position("c") == pytest.approx(place, abs=0.5)
    canvas.root.evaluate(AFTER_FRAMES, 20)
    canvas.page.mouse.wheel(0, 12)
    canvas.page.wait_for_function(
        "([root, y]) => root.explorer.position('c').y < y - 6", arg=[canvas.root.element_handle(), place[1]]
    )


def test_fingers_pan_and_pinch(open_page: OpenPage) -> None:
    canvas = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    card = canvas.box("e")
    x, y = card["x"], card["y"] + card["height"] + 60
    touch = canvas.page.context.new_cdp_session(canvas.page)
    _touch(touch, "touchStart", (x, y))
    _touch(touch, "touchMove", (x - 30, y + 20))
    _touch(touch, "touchMove", (x - 40, y + 30))
    _touch(touch, "touchEnd")
    moved = canvas.box("e")
    assert (moved["x"], moved["y"]) == pytest.approx((card["x"] - 40, card["y"] + 30), abs=1)
    _touch(touch, "touchStart", (x - 40, y), (x + 20, y))
    _touch(touch, "touchMove", (x - 70, y), (x + 50, y))
    _touch(touch, "touchEnd")
    assert canvas.box("e")["width"] == pytest.approx(2 * card["width"], rel=0.01)


def _touch(session: Any, kind: str, *points: tuple[float, float]) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def test_a_first_fit_shows_everything_and_never_more_than_life_and_a_quarter(canvas: Canvas) -> None:
    stage = canvas.root.locator(".xp-stage").bounding_box()
    assert stage is not None
    for node in canvas.root.evaluate("root => root.explorer.nodes()"):
        card = canvas.box(node)
        assert stage["x"] <= card["x"] and card["x"] + card["width"] <= stage["x"] + stage["width"]
        assert stage["y"] <= card["y"] and card["y"] + card["height"] <= stage["y"] + stage["height"]
        assert card["width"] <= 152 * 1.25


def test_an_unknown_node_has_no_place(page: Page) -> None:
    root = page.locator('[data-testid="graph-canvas"]')
    assert root.evaluate("root => [root.explorer.position('no'), root.explorer.box('no')]") == [None, None]
