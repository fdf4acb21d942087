"""Groups in a real browser: opened and closed by hand and by key, in place, with the step and the selection kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import explorer
from explorer.passes.condense import Condensed, condense
from explorer.passes.groups import Groups
from tests.e2e.canvas import Canvas
from tests.e2e.conftest import OpenPage

LOOPS = """s = 0
x = 0.7
w = 1.3
for i in range(3):
    u = x * w
    for j in range(2):
        u = tanh(u + j) * w
    s = s + u * x
y = s * s + w"""
TWO_VALUES = """x = 0.7
w = 1.3
u = x
v = w
for i in range(2):
    u = u * w + v
    v = sin(v) + u * x
y = u * v"""
"""Two values go from turn to turn, so that a closed turn hands on two."""

DEEP = "u = z\nfor i in range(90):\n    u = tanh(u * w) + x\n    u = u * w\ny = u"
"""Turns of one kind, more than are read one by one: they fold."""

TURNS = ["for i=0", "for i=1", "for i=2"]
INSPECTOR = ".st-key-inspector"

PICTURES = """(root, key) => new Promise((done) => {
  const [rev, seen] = [root.dataset.rev, []];
  const look = () => {
    if (root.dataset.rev !== rev) seen.push(root.querySelector(".xp-base").toDataURL());
    seen.length < 30 ? requestAnimationFrame(look) : done(seen);
  };
  root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
  look();
})"""
"""The canvas in thirty frames from when a key has been answered."""


PANNED = """async (root) => {
  const [base, overlay] = [root.querySelector(".xp-base"), root.querySelector(".xp-overlay")];
  const frames = async () => { for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done)); };
  const pixels = () => base.getContext("2d").getImageData(0, 0, base.width, base.height).data;
  const key = (name) => root.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, composed: true }));
  await frames();
  for (const [deltaX, deltaY] of [[37, 11], [-80.5, 44], [13, -120.25]]) {
    overlay.dispatchEvent(new WheelEvent("wheel", { deltaX, deltaY, deltaMode: 0, bubbles: true, cancelable: true }));
    await frames();
  }
  const slid = pixels();
  for (const _ of "ab") { key("v"); await frames(); }
  const anew = pixels();
  let [drawn, different] = [0, 0];
  for (let i = 3; i < anew.length; i += 4) {
    if (anew[i] > 0) drawn++;
    if (Math.abs(anew[i] - slid[i]) > 64) different++;
  }
  return { pixels: drawn, share: different / drawn };
}"""
"""Pans a little, and compares the canvas with what it is once everything is painted again."""


IN_VIEW = """([root, node, stage]) => {
  const { x, y, width, height } = root.explorer.box(node);
  const [left, top] = [x - stage.x, y - stage.y];
  return left >= 0 && left + width <= stage.width && top >= 50 && top + height <= stage.height - 40;
}"""
"""Whether a card is on the stage, and neither under the toolbar nor under the hints."""


@pytest.fixture
def loops(open_page: OpenPage) -> Canvas:
    """The loop program with all groups open, without motion."""
    return write(open_page(reduced_motion="reduce"), LOOPS)


@pytest.fixture
def model(open_page: OpenPage) -> Canvas:
    """The trained GPT as it opens."""
    canvas = open_page(reduced_motion="reduce")
    rev = canvas.data("rev")
    canvas.page.get_by_text("Model", exact=True).click()
    canvas.wait_for_new("rev", rev)
    return canvas.settle()


def write(canvas: Canvas, program: str) -> Canvas:
    """Type a program, apply it and wait until it is drawn."""
    rev, field = canvas.data("rev"), canvas.page.get_by_label("Program", exact=True).first
    field.fill(program)
    field.press("Control+Enter")
    canvas.wait_for_new("rev", rev)
    return canvas.settle()


def groups(canvas: Canvas) -> dict[str, bool]:
    """The keys of the groups that are seen, and whether they are open."""
    found = canvas.root.evaluate("root => root.explorer.groups()")
    return {group["key"]: group["open"] for group in found}


def corner(canvas: Canvas, id_: str) -> tuple[float, float]:
    """The upper left corner of a node, or of a group, open or closed."""
    box = canvas.root.evaluate("(root, id) => root.explorer.box(id)", id_)
    return box["x"], box["y"]


def from_outside(run: explorer.Run, view: Condensed) -> dict[int, float]:
    """What those outside of its group bring to each value that a closed group hands on beside its result."""
    graph, found = run.graph, {}
    for original in view.hidden:
        members = set(view.groups.by_key[view.group_of[view.node_of[original]]].members)
        slots = [(t, port) for t, port in graph.consumers[original] if t not in members]
        found[original] = sum(run.contributions[graph.edge_starts[t] + port] or 0.0 for t, port in slots)
    return found


def double_click(canvas: Canvas, key: str) -> None:
    """On a closed group's card, or on an open one's title; waits for the answer."""
    rev, (x, y) = canvas.data("rev"), corner(canvas, key)
    canvas.page.mouse.dblclick(*((x + 40, y + 6) if groups(canvas)[key] else canvas.position(key)))
    canvas.wait_for_new("rev", rev)


def press(canvas: Canvas, *keys: str) -> Canvas:
    """Each key changes what is open; waits for every answer."""
    for key in keys:
        rev = canvas.data("rev")
        canvas.press(key).wait_for_new("rev", rev)
    return canvas


def depth(page: Page) -> str:
    return page.get_by_role("group", name="Levels of groups").locator("output").inner_text()


def test_the_camera_still_comes_to_a_step_while_groups_open(open_page: OpenPage) -> None:
    canvas = write(open_page(), LOOPS)
    rev = canvas.data("rev")
    canvas.press(",").wait_for_new("rev", rev)
    rev = canvas.data("rev")
    canvas.settle().press(".", "b").wait(node="y").wait_for_new("rev", rev)
    stage = canvas.root.locator(".xp-stage").bounding_box()
    assert stage is not None
    canvas.page.wait_for_function(IN_VIEW, arg=[canvas.root.element_handle(), "y", stage])


def test_a_group_opens_and_closes_in_place(loops: Canvas) -> None:
    press(loops, ",", ",")
    assert groups(loops) == dict.fromkeys(TURNS, False)
    loops.press("f")
    before = corner(loops, "for i=1")
    double_click(loops, "for i=1")
    inside = {"for i=1/for j=0": False, "for i=1/for j=1": False}
    assert groups(loops) == {"for i=0": False, "for i=1": True, **inside, "for i=2": False}
    assert corner(loops, "for i=1") == pytest.approx(before, abs=1)
    double_click(loops, "for i=1")
    assert groups(loops) == dict.fromkeys(TURNS, False)
    assert corner(loops, "for i=1") == pytest.approx(before, abs=1)


def test_one_click_on_a_triangle_is_enough(loops: Canvas) -> None:
    press(loops, ",", ",")
    loops.press("0")
    for is_open in (True, False):
        rev, (x, y) = loops.data("rev"), corner(loops, "for i=0")
        loops.page.mouse.click(x + 16, y + 16)
        loops.wait_for_new("rev", rev)
        assert groups(loops)["for i=0"] is is_open


def test_what_was_open_inside_is_open_again(loops: Canvas) -> None:
    press(loops, ",")
    loops.press("f")
    double_click(loops, "for i=0/for j=1")
    double_click(loops, "for i=0")
    double_click(loops, "for i=0")
    assert groups(loops)["for i=0/for j=1"] is True and groups(loops)["for i=0/for j=0"] is False


@pytest.mark.parametrize("opened", [(), ("for i=1",)])
def test_steps_are_those_of_the_level_that_is_open(loops: Canvas, opened: tuple[str, ...]) -> None:
    press(loops, ",", ",")
    loops.press("f")
    for key in opened:
        double_click(loops, key)
    run = explorer.trace(LOOPS)
    seen = condense(run, Groups(run.graph), opened).run
    expected = [("idle", "")]
    for step in seen.steps:
        shown = max(1, len(step.arrivals) + (step.node == seen.output and step.phase == "backward"))
        expected += [(step.phase, step.node)] * shown
    assert loops.steps == len(expected) - 1
    loops.press("Home")
    for place, (phase, node) in enumerate(expected):
        loops.wait(step=place, phase=phase, node=node)
        loops.press("ArrowRight")


def test_a_closed_group_says_what_it_is_instead_of_a_formula(loops: Canvas) -> None:
    press(loops, ",", ",")
    loops.press("Home")
    while loops.data("node") != "for i=0":
        loops.press("ArrowRight")
    narration = loops.root.get_by_role("region", name="This step")
    run = explorer.trace(LOOPS)
    operations = Groups(run.graph).contents("for i=0").operations
    expect(narration).to_contain_text("for i=0, forward")
    expect(narration).to_contain_text(f"{operations} operations inside; open it to see them.")
    result = condense(run, Groups(run.graph), ()).run.value("for i=0")
    expect(loops.root.locator(".xp-term").last).to_have_text(f"{float(result or 0):.6g}")


@pytest.mark.parametrize("direction", ["Reverse", "Forward"])
def test_a_group_that_hands_on_two_values_keeps_their_numbers_apart(open_page: OpenPage, direction: str) -> None:
    canvas = write(open_page(reduced_motion="reduce"), TWO_VALUES)
    if direction == "Forward":
        rev = canvas.data("rev")
        canvas.page.get_by_text("Forward", exact=True).click()
        canvas.wait_for_new("rev", rev)
        canvas.settle()
    press(canvas, ",").press("End").wait(step=canvas.steps)
    run = explorer.trace(TWO_VALUES)
    tangents = run.tangents("x")
    seen: set[str] = set()
    while canvas.step > 0:
        seen.add(canvas.root.locator(".xp-term").last.inner_text().replace("−", "-"))
        canvas.press("ArrowLeft")
    view = condense(run, Groups(run.graph), ())
    outside = from_outside(run, view) if direction == "Reverse" else tangents.tangents
    for original in view.hidden if direction == "Reverse" else view.shows:
        number = outside[original]
        assert number is None or f"{number:.6g}" in seen


def test_the_play_head_stays_with_what_it_showed(loops: Canvas) -> None:
    loops.press("Home")
    while loops.data("node") != "u_4":
        loops.press("ArrowRight")
    press(loops, ",", ",").wait(phase="forward", node="for i=1")
    press(loops, ".").wait(phase="forward", node="u_3")
    press(loops, ",")
    loops.press("b").wait(phase="forward", node="y")
    press(loops, ".", ".").wait(phase="forward", node="y")
    loops.press("End")
    press(loops, ",").wait(phase="backward", step=loops.data("steps"))


def test_the_play_head_stays_in_the_backward_pass(loops: Canvas) -> None:
    loops.press("End")
    while loops.data("node") != "u_4":
        loops.press("ArrowLeft")
    press(loops, ",", ",").wait(phase="backward", node="for i=1")


def test_what_is_selected_stays_so_behind_a_closed_group(loops: Canvas) -> None:
    loops.press("f").click("u_4").wait(selected="u_4")
    press(loops, ",", ",").wait(selected="u_4")
    press(loops, ".", ".").wait(selected="u_4")


def test_by_keyboard_alone(loops: Canvas) -> None:
    press(loops, ",", ",")
    loops.focus()
    ids = loops.root.evaluate("root => root.explorer.nodes()")
    loops.type(["Tab"] * (ids.index("for i=0") + 1))
    press(loops, "Enter").wait(selected="for i=0")
    assert groups(loops)["for i=0"] is True
    press(loops, "Enter")
    assert groups(loops)["for i=0"] is False
    press(loops, "Enter")
    loops.type(["Tab"] * 3)
    press(loops, "u")
    assert groups(loops) == dict.fromkeys(TURNS, False)
    loops.press("?")
    expect(loops.root.get_by_role("dialog", name="Keys")).to_contain_text("close the group around")


def test_the_depth_control_opens_levels(loops: Canvas) -> None:
    page = loops.page
    less, more = (page.get_by_role("button", name=f"{word} levels open") for word in ("Fewer", "More"))
    assert depth(page) == "2 / 2"
    expect(more).to_have_attribute("aria-disabled", "true")
    rev = loops.data("rev")
    less.click()
    rev = loops.wait_for_new("rev", rev)
    assert depth(page) == "1 / 2"
    less.click()
    rev = loops.wait_for_new("rev", rev)
    expect(less).to_have_attribute("aria-disabled", "true")
    assert set(groups(loops).values()) == {False}
    more.click()
    loops.wait_for_new("rev", rev)
    assert depth(page) == "1 / 2"


def test_keys_that_follow_each_other_quickly_build_on_each_other(loops: Canvas) -> None:
    loops.focus().type([",", ","])
    expect(loops.page.get_by_role("group", name="Levels of groups").locator("output")).to_have_text("0 / 2")
    assert set(groups(loops).values()) == {False}


def test_there_is_no_depth_control_without_groups(canvas: Canvas) -> None:
    expect(canvas.page.get_by_role("group", name="Levels of groups")).to_be_hidden()


def test_cards_slide_and_end_where_they_belong(open_page: OpenPage) -> None:
    canvas = open_page()
    write(canvas, LOOPS)
    pictures = canvas.root.evaluate(PICTURES, ",")
    assert len(set(pictures)) > 1 and pictures[-1] == pictures[-2]


def test_with_reduced_motion_cards_are_where_they_belong_at_once(loops: Canvas) -> None:
    assert len(set(loops.root.evaluate(PICTURES, ",")[2:])) == 1


def test_values_change_and_groups_stay_as_they_are(loops: Canvas) -> None:
    press(loops, ",")
    loops.press("f")
    double_click(loops, "for i=1/for j=0")
    before = groups(loops)
    rev = loops.data("rev")
    loops.click("w").press("ArrowUp")
    loops.wait_for_new("rev", rev)
    assert groups(loops) == before


def test_a_model_opens_at_its_blocks_and_down_to_its_operations(model: Canvas) -> None:
    assert groups(model) == dict.fromkeys(["wte", "wpe", "h/0", "h/1", "ln_f", "lm_head", "loss"], False)
    model.press("f")
    before = corner(model, "h/0")
    double_click(model, "h/0")
    assert corner(model, "h/0") == pytest.approx(before, abs=1)
    assert {"h/0/ln_1", "h/0/attn", "h/0/ln_2", "h/0/mlp"} < groups(model).keys()
    double_click(model.press("f"), "h/0/attn")
    assert "softmax" in model.root.evaluate("root => root.explorer.nodes()")
    inspector = model.page.locator(INSPECTOR)
    expect(inspector).to_contain_text("SelfAttention")
    expect(inspector).to_contain_text("softmax")
    expect(inspector).to_contain_text("Goes in")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_model_is_stepped_through_with_a_block_open(open_page: OpenPage, theme: str) -> None:
    canvas = open_page(theme=theme, reduced_motion="reduce")
    rev = canvas.data("rev")
    canvas.page.get_by_text("Model", exact=True).click()
    canvas.wait_for_new("rev", rev)
    for key in ("h/1", "h/1/attn"):
        double_click(canvas.settle().press("f"), key)
    canvas.press("End").wait(step=canvas.steps, phase="backward")
    while canvas.step > 0:
        canvas.press("Shift+ArrowLeft")
    while canvas.step < canvas.steps:
        canvas.press("Shift+ArrowRight")
    canvas.wait(phase="backward")


def test_a_fold_is_looked_into_one_by_one(open_page: OpenPage) -> None:
    canvas = write(open_page(reduced_motion="reduce"), f"x = 0.7\nw = 1.3\nz = 0.2\n{DEEP}")
    press(canvas, ",")
    fold = "for i=0…89"
    assert groups(canvas) == {fold: False}
    pill = canvas.page.get_by_role("group", name="Equal groups")
    canvas.press("f").click(fold)
    expect(pill).to_contain_text("for i × 90")
    before, rev = corner(canvas, fold), canvas.data("rev")
    pill.get_by_role("button", name="Look into one of them").click()
    rev = canvas.wait_for_new("rev", rev)
    assert groups(canvas) == {fold: True, "for i=0": True, "for i=1…89": False}
    assert corner(canvas, fold) == pytest.approx(before, abs=1)
    expect(pill).to_contain_text("1 of 90")
    press(canvas, "e", "e")
    assert groups(canvas) == {fold: True, "for i=0…1": False, "for i=2": True, "for i=3…89": False}
    press(canvas, "q")
    expect(pill).to_contain_text("2 of 90")
    canvas.press("End").wait(step=canvas.steps, phase="backward")
    while canvas.step > 0:
        canvas.press("Shift+ArrowLeft")
    rev = canvas.data("rev")
    canvas.page.get_by_role("slider", name="Open down to level").fill("1")
    canvas.wait_for_new("rev", rev)
    assert sum(groups(canvas).values()) == 1 and len(groups(canvas)) == 91


def test_panning_shows_what_painting_anew_shows(loops: Canvas) -> None:
    loops.press("0", "8", "4", "4", "2")
    differing = loops.root.evaluate(PANNED)
    assert differing["pixels"] > 10_000 and differing["share"] < 0.002
