"""Cuts by hand in a real browser: dragged, dropped, stroked, undone, by keys; what is said of them is what is so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from explorer import models
from explorer.capture.model import trace_module
from explorer.segment.api import segment
from tests.e2e.canvas import Canvas
from tests.e2e.conftest import OpenPage

SORTED = "CABBAC>"


def enter(canvas: Canvas) -> Canvas:
    canvas.page.get_by_role("radio", name="Segment").click()
    return canvas.wait(activity="segment").settle()


@pytest.fixture
def program(open_page: OpenPage) -> Canvas:
    """The first worked example, flowing to the right, to be cut."""
    return enter(open_page(reduced_motion="reduce"))


@pytest.fixture
def model(open_page: OpenPage) -> Canvas:
    """The trained GPT with all of its groups open, to be cut."""
    canvas = open_page(reduced_motion="reduce")
    rev = canvas.data("rev")
    canvas.page.get_by_text("Model", exact=True).click()
    canvas.wait_for_new("rev", rev)
    enter(canvas.settle())
    while any(not group["open"] for group in ask(canvas, "groups")):
        changed(canvas, lambda: canvas.press("."))
    return canvas.press("f")


def ask(canvas: Canvas, what: str, *args: object) -> Any:
    """What the canvas answers a test: see frontend/segment/handle.js."""
    return canvas.root.evaluate("(root, [what, args]) => root.explorer[what](...args)", [what, list(args)])


def changed(canvas: Canvas, act: Callable[[], object]) -> Canvas:
    """Do something that Python answers, and wait for the answer."""
    rev = canvas.data("rev")
    act()
    canvas.wait_for_new("rev", rev)
    return canvas.settle()


def grip(canvas: Canvas, cut: int = 0) -> tuple[float, float]:
    found = ask(canvas, "cuts")[cut]
    return found["x"], found["y"]


def take(canvas: Canvas, dx: float, dy: float, cut: int = 0) -> Canvas:
    """Press on a grip and move; the hand stays down."""
    x, y = grip(canvas, cut)
    canvas.page.mouse.move(x, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(x + dx, y + dy, steps=6)
    return canvas


def said(canvas: Canvas) -> Locator:
    return canvas.page.locator(".xp-cut-said")


def letters(canvas: Canvas) -> dict[str, str]:
    """The segment of every node that is drawn."""
    one_by_one = "({explorer}) => Object.fromEntries(explorer.nodes().map((id) => [id, explorer.segmentOf(id)]))"
    found: dict[str, str] = canvas.root.evaluate(one_by_one)
    return found


def test_a_cut_is_dragged_without_python_and_dropped_to_exactly_what_its_card_said(model: Canvas) -> None:
    changed(model, lambda: model.press("x"))
    waists = [gap for gap in ask(model, "gaps") if gap["waist"]]
    _, y = grip(model)
    target = max(waists, key=lambda gap: abs(gap["y"] - y))
    frames, rev = len(model.frames), model.data("rev")
    take(model, 0, target["y"] + 6 - y)
    held = ask(model, "held")
    card = model.page.locator(".xp-cut-card")
    expect(card).to_be_visible()
    expect(card).to_contain_text(f"{held['sides'][0]['parameters']:,}")
    assert held["bytes"] == target["bytes"], "a waist within ten pixels takes hold of the line"
    assert (told(model, frames), model.data("rev")) == (0, rev), "Python hears nothing while a cut is in the hand"
    changed(model, model.page.mouse.up)
    assert told(model, frames) > 0
    (cut,), segments = ask(model, "cuts"), ask(model, "segments")
    assert (cut["bytes"], cut["tensors"], cut["straight"]) == (held["bytes"], len(held["names"]), True)
    for side, exact in zip(held["sides"], segments, strict=True):
        assert side == {key: exact[key] for key in ("parameters", "flops", "memory")}
    expect(model.page.locator(".st-key-inspector")).to_contain_text("2 segments")
    assert_is_so(model)


def told(canvas: Canvas, since: int) -> int:
    """How many drags the page has told Python of."""
    return sum(b'"drag"' in (frame if isinstance(frame, bytes) else frame.encode()) for frame in canvas.frames[since:])


def assert_is_so(canvas: Canvas) -> None:
    """The same division of the same model, made without the app, has the same numbers."""
    network = models.load("gpt-sort").eval()
    run = trace_module(network, models.example("gpt-sort"), mode="export")
    drawn, ids = letters(canvas), set(run.graph.ids)
    made = segment(run, assignment={id_: ord(letter) - ord("A") for id_, letter in drawn.items() if id_ in ids})
    exact = [(one.parameters, one.peak_memory) for one in made.segments]
    assert [(segment["parameters"], segment["memory"]) for segment in ask(canvas, "segments")] == exact
    assert [cut["bytes"] for cut in ask(canvas, "cuts")] == list(made.preview.links)


def test_a_drop_is_undone_and_redone_and_one_off_the_canvas_removes(program: Canvas) -> None:
    changed(program, lambda: program.press("x"))
    first = letters(program)
    assert (first["c"], first["e"]) == ("A", "B")
    changed(program, lambda: program.press("z"))
    assert ask(program, "cuts") == []
    changed(program, lambda: program.press("y"))
    assert letters(program) == first
    take(program, 0, -700)
    expect(program.page.locator(".xp-cut-card")).to_contain_text("Let go to remove this cut")
    changed(program, program.page.mouse.up)
    assert ask(program, "cuts") == []


def test_with_nothing_on_one_side_the_last_valid_cut_stays_and_it_is_said_why(program: Canvas) -> None:
    changed(program, lambda: program.press("x"))
    before, rev = letters(program), program.data("rev")
    place = program.position("a")[0]
    take(program, place - grip(program)[0], 0)
    expect(program.page.locator('.xp-grip[data-refused="true"]')).to_be_visible()
    program.page.mouse.up()
    expect(said(program)).to_contain_text("Nothing would be left on one side")
    assert (letters(program), program.data("rev")) == (before, rev)
    box = program.root.bounding_box()
    assert box is not None
    changed(program, lambda: stroke(program, (box["x"] + 30, box["y"] + 560), (box["x"] + 120, box["y"] + 560)))
    expect(said(program)).to_contain_text("cuts through nothing")
    assert letters(program) == before


def stroke(canvas: Canvas, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw freely, with Alt held."""
    canvas.page.mouse.move(*start)
    canvas.page.keyboard.down("Alt")
    canvas.page.mouse.down()
    canvas.page.mouse.move(*end, steps=8)
    canvas.page.mouse.up()
    canvas.page.keyboard.up("Alt")


def test_a_stroke_is_completed_where_a_way_leads_around_it(program: Canvas) -> None:
    text = program.page.get_by_label("Program", exact=True).first
    text.fill("a = 2\nb = a + 1\nc = 2 * b\nd = c * b")
    changed(program, text.blur)
    card = program.box("c")
    x, y = card["x"] - 10, card["y"] + card["height"] / 2
    changed(program, lambda: stroke(program, (x, card["y"]), (x, y + 16)))
    expect(said(program)).to_contain_text("A way leads around the stroke, so 1 further edge is cut: b → d.")
    found = letters(program)
    assert (found["b"], found["c"], found["d"]) == ("A", "B", "B")


def test_cuts_by_keys_alone_are_moved_named_and_heard(model: Canvas) -> None:
    heard = model.page.locator('.xp-unseen[role="status"]', has_text="Cut 1 of 1")
    changed(model, lambda: model.press("x"))
    expect(heard).to_contain_text("A ")
    start = ask(model, "cuts")[0]["y"]
    changed(model, lambda: model.press("ArrowDown"))
    waist = ask(model, "cuts")[0]["y"]
    changed(model, lambda: model.press("Shift+ArrowDown"))
    level = ask(model, "cuts")[0]["y"]
    gaps = [gap["y"] for gap in ask(model, "gaps")]
    assert start < waist < level
    assert gaps.index(pytest.approx(level)) == gaps.index(pytest.approx(waist)) + 1
    model.press("k")
    expect(model.page.locator(".xp-grip")).to_be_focused()
    model.type(["n"])
    model.page.keyboard.type("after block 0")
    changed(model, lambda: model.type(["Enter"]))
    expect(model.page.locator(".xp-grip")).to_contain_text("after block 0")
    changed(model, lambda: model.type(["Delete"]))
    assert ask(model, "cuts") == []


def test_a_node_goes_to_the_other_side_with_what_must_follow(program: Canvas) -> None:
    changed(program, lambda: program.press("x"))
    (_, y), x = program.position("c"), program.position("e")[0]
    dx = x - program.position("c")[0]
    changed(program, lambda: program.drag("c", dx, program.position("e")[1] - y))
    assert letters(program)["c"] == "B"
    expect(said(program)).to_contain_text("c is in B now")
    program.click("c").wait(selected="c").settle()
    changed(program, lambda: program.press("["))
    assert letters(program)["c"] == "A"
