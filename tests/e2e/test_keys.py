"""Everything by keyboard alone: from the first paint to a finished backward pass, over the nodes, out again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import Canvas


def _pressed(canvas: Canvas, layer: str) -> str | None:
    return canvas.root.locator(f'[data-layer="{layer}"]').get_attribute("aria-pressed")


def _slider(canvas: Canvas) -> Locator:
    return canvas.root.get_by_role("slider", name="Step")


def test_the_first_key_after_the_page_has_loaded_steps(canvas: Canvas, page: Page) -> None:
    """Nothing has the focus yet; no click is needed. Stepping tells Python nothing."""
    assert page.evaluate("document.activeElement === document.body")
    canvas.frames.clear()
    for step in range(1, canvas.steps + 1):
        canvas.type(["ArrowRight"]).wait(step=step)
    assert canvas.data("phase") == "backward"
    assert canvas.frames == []


def test_moves_by_moment_by_node_and_to_the_ends(canvas: Canvas) -> None:
    canvas.press("ArrowRight", "ArrowRight", "ArrowLeft").wait(step=1, phase="forward", node="a")
    canvas.press("b").wait(step=6, phase="forward", node="e")
    canvas.press("Shift+ArrowRight").wait(step=9, phase="backward", node="e")
    canvas.press("Shift+ArrowRight").wait(step=10, node="d")
    canvas.press("Shift+ArrowRight").wait(step=12, node="c")
    canvas.press("Shift+ArrowRight").wait(step=12)
    canvas.press("Shift+ArrowLeft").wait(step=10, node="d")
    canvas.press("Home").wait(step=0, phase="idle", node="")
    canvas.press("ArrowLeft").wait(step=0)
    canvas.press("End").wait(step=canvas.steps)


def test_space_plays_and_pauses_and_brackets_set_the_pace(canvas: Canvas) -> None:
    speed = canvas.root.get_by_role("combobox", name="Speed")
    canvas.press("[")
    expect(speed).to_have_value("0.5")
    canvas.press("]", "]", "]", "]", "]", "]", "]")
    expect(speed).to_have_value("20")
    canvas.press(" ").wait(step=canvas.steps)
    expect(canvas.root.get_by_role("button", name="Play (Space)")).to_be_visible()
    canvas.press("[", "[", "[", "[", "[", "[", " ")
    canvas.wait(step=1)
    canvas.press(" ")
    expect(canvas.root.get_by_role("button", name="Play (Space)")).to_be_visible()


def test_tab_walks_the_nodes_and_leaves_at_the_end(canvas: Canvas) -> None:
    nodes = canvas.root.evaluate("root => root.explorer.nodes()")
    canvas.focus().type(["Tab", "Enter"]).wait(selected=nodes[0])
    canvas.type(["Tab", "Tab", "Enter"]).wait(selected=nodes[2])
    canvas.type(["Shift+Tab", "Enter"]).wait(selected=nodes[1])
    canvas.type(["Tab"] * (len(nodes) - 2))
    assert _focused(canvas) == "graph-canvas"
    canvas.type(["Tab"])
    assert _focused(canvas) != "graph-canvas"
    canvas.focus().type(["Escape", "Escape", "Tab"])
    assert _focused(canvas) != "graph-canvas"


def _focused(canvas: Canvas) -> str:
    """The test id, or else the name, of what has the focus inside the canvas."""
    script = "root => { const at = root.getRootNode().activeElement; return at.dataset.testid ?? at.ariaLabel ?? '' }"
    return str(canvas.root.evaluate(script))


def test_escape_takes_back_one_thing_at_a_time(canvas: Canvas) -> None:
    canvas.click("b").wait(selected="b")
    canvas.press("a", "?")
    expect(canvas.root.get_by_role("dialog")).to_be_visible()
    canvas.type(["Escape"])
    expect(canvas.root.get_by_role("dialog")).to_be_hidden()
    canvas.type(["Escape"]).wait(selected="b")
    canvas.type(["Escape"]).wait(selected="")


def test_the_sheet_lists_every_key_keeps_the_focus_and_gives_it_back(canvas: Canvas, page: Page) -> None:
    canvas.press("?")
    sheet = canvas.root.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    caps = set(sheet.locator("kbd").all_inner_texts())
    assert caps >= set("←→⇧[]BADVGJF+−0LM?") | {"Home", "End", "Space", "Tab", "Enter", "Esc"}
    assert not caps & {"R", "C"}, "Streamlit's own keys"
    canvas.type(["Tab", "Tab"])
    assert sheet.evaluate("sheet => sheet.contains(sheet.getRootNode().activeElement)")
    canvas.type(["ArrowRight"]).wait(step=0)
    canvas.type(["?"])
    expect(sheet).to_be_hidden()
    assert _focused(canvas) == "graph-canvas"


def test_letters_switch_layers_and_turn_the_layout(canvas: Canvas) -> None:
    for key, layer in (("v", "values"), ("g", "gradients"), ("j", "locals")):
        canvas.press(key)
        assert _pressed(canvas, layer) == "false"
        canvas.press(key)
        assert _pressed(canvas, layer) == "true"
    across = canvas.position("e")
    canvas.press("End").wait(step=canvas.steps)
    revision = canvas.data("rev")
    canvas.press("l").wait_for_new("rev", revision)
    canvas.settle().wait(step=canvas.steps)
    assert canvas.position("e")[1] > canvas.position("a")[1] + 50
    assert canvas.position("e") != across


def test_zoom_fit_and_pan(canvas: Canvas, page: Page) -> None:
    """Presses that follow each other before the camera has arrived add up."""

    def arrives(condition: str) -> None:
        page.wait_for_function(
            """([root, condition]) => {
              const [a, e] = ["a", "e"].map((id) => root.explorer.position(id).x);
              return new Function("left", "spread", `return ${condition}`)(a, e - a);
            }""",
            arg=[canvas.root.element_handle(), condition],
        )

    left, right = canvas.position("a")[0], canvas.position("e")[0]
    canvas.press("+", "+")
    arrives(f"Math.abs(spread / {right - left} - 1.5625) < 0.001")
    canvas.press("-", "-")
    arrives(f"Math.abs(spread / {right - left} - 1) < 0.001")
    canvas.press("4", "4", "8")
    arrives(f"Math.abs(left - {left} - 160) < 1")
    canvas.press("0", "0")
    arrives(f"Math.abs(spread - {right - left}) > 1")
    canvas.press("f")
    arrives(f"Math.abs(left - {left}) < 1 && Math.abs(spread - {right - left}) < 1")


def test_arrows_raise_and_lower_a_selected_input(canvas: Canvas) -> None:
    canvas.click("a").wait(selected="a").settle()
    revision = canvas.data("rev")
    canvas.press("ArrowUp").wait_for_new("rev", revision)
    canvas.settle()
    canvas.press("ArrowRight")
    line = canvas.root.get_by_test_id("narration-line")
    expect(line).to_have_text(re.compile(r"a=2\.\d+"))


def test_enter_opens_the_field_of_a_selected_input(canvas: Canvas) -> None:
    canvas.press("Tab", "Enter").wait(selected="a").settle()
    canvas.type(["Enter"])
    revision = canvas.data("rev")
    canvas.page.keyboard.type("7.5")
    canvas.type(["Enter"]).wait_for_new("rev", revision)
    canvas.settle().type(["ArrowRight"]).wait(step=1)
    expect(canvas.root.get_by_test_id("narration-line")).to_have_text("a=7.5")


def test_keys_typed_elsewhere_and_with_modifiers_are_left_alone(canvas: Canvas, page: Page) -> None:
    editor = page.get_by_role("textbox", name="Program")
    editor.focus()
    canvas.type(["ArrowRight", "End", "ArrowLeft"])
    canvas.wait(step=0)
    canvas.press("Control+ArrowRight", "Alt+ArrowRight", "Meta+ArrowRight").wait(step=0)
    taken = """root => ["r", "c", "x", "ArrowDown", "Enter"].map((key) => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      root.dispatchEvent(event);
      return event.defaultPrevented;
    })"""
    assert canvas.root.evaluate(taken) == [False] * 5


def test_the_scrubber_is_a_slider_for_keys_and_for_the_mouse(canvas: Canvas, page: Page) -> None:
    slider = _slider(canvas)
    slider.focus()
    canvas.type(["ArrowRight", "ArrowUp", "PageUp"]).wait(step=3)
    expect(slider).to_have_attribute("aria-valuenow", "3")
    expect(slider).to_have_attribute("aria-valuetext", "3 of 12, forward")
    canvas.type(["End"]).wait(step=12)
    expect(slider).to_have_attribute("aria-valuetext", "12 of 12, backward")
    tracks = [canvas.root.locator(f'.xp-track[data-pass="{half}"] .xp-rail') for half in ("forward", "backward")]
    (first, second) = (track.bounding_box() for track in tracks)
    assert first is not None and second is not None
    page.mouse.move(first["x"], first["y"] + 10)
    page.mouse.down()
    canvas.wait(step=0)
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + 60, steps=4)
    canvas.wait(step=3)
    page.mouse.move(second["x"] + second["width"], second["y"], steps=4)
    canvas.wait(step=12)
    page.mouse.up()
    page.mouse.move(first["x"], first["y"])
    canvas.wait(step=12)


def test_m_gives_the_canvas_the_whole_screen_and_takes_it_back(canvas: Canvas) -> None:
    button = canvas.root.get_by_role("button", name="full screen")
    expect(button).to_have_accessible_name("Full screen (M)")
    canvas.press("m")
    expect(button).to_have_accessible_name("Leave full screen (M)")
    canvas.press("ArrowRight", "m").wait(step=1)
    expect(button).to_have_accessible_name("Full screen (M)")


def test_every_step_is_announced(canvas: Canvas) -> None:
    status = canvas.root.get_by_test_id("announcer")
    canvas.press("End")
    expect(status).to_have_text("Step 12 of 12. Add, backward. Gradient of b is 5. ")
    canvas.press("Home", "ArrowRight", "ArrowRight", "ArrowRight")
    expect(status).to_have_text("Step 3 of 12. Add, forward. c is 3. ")


@pytest.mark.parametrize("width", [1440, 390])
def test_every_control_has_a_name_and_is_big_enough_to_hit(open_page: Any, width: int) -> None:
    canvas: Canvas = open_page(width=width, height=844)
    controls = canvas.root.locator("button:visible, select:visible, [role=slider]:visible")
    assert controls.count() >= 10
    for control in controls.all():
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24, control.evaluate("node => node.outerHTML")
        assert control.evaluate("node => (node.ariaLabel || node.title || node.innerText).trim()")
