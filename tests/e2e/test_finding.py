"""Finding one's way in a real browser: search, paths, scope, map, and steps that open what they come to."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.canvas import Canvas

OpenPage = Callable[..., Canvas]

GPT_SORT = "?model=gpt-sort&prompt=CABBAC%3E&loss=logit"
CAMERA = "root => root.explorer.camera()"


@pytest.fixture
def model(open_page: OpenPage) -> Canvas:
    """The trained GPT with its blocks closed, without motion."""
    return open_page(path=GPT_SORT, reduced_motion="reduce")


def field(canvas: Canvas) -> Locator:
    return canvas.root.get_by_role("textbox", name="Find nodes")


def count(canvas: Canvas) -> Locator:
    return canvas.root.locator(".xp-find-count")


def opened(canvas: Canvas) -> set[str]:
    return {group["key"] for group in canvas.root.evaluate("root => root.explorer.groups()") if group["open"]}


def in_view(canvas: Canvas, id_: str) -> bool:
    (x, y), stage = canvas.position(id_), canvas.root.locator(".xp-stage").bounding_box()
    assert stage is not None
    return stage["x"] < x < stage["x"] + stage["width"] and stage["y"] < y < stage["y"] + stage["height"]


def test_enter_goes_through_hits_in_closed_groups_and_escape_ends_at_the_last(model: Canvas) -> None:
    model.press("/")
    expect(field(model)).to_be_focused()
    model.page.keyboard.type("softmax")
    expect(count(model)).to_have_text("2 found")
    assert opened(model) == set()
    rev = model.data("rev")
    model.type(["Enter"])
    expect(count(model)).to_have_text("1 of 2")
    rev = model.wait_for_new("rev", rev)
    assert opened(model) == {"h/0", "h/0/attn"} and in_view(model, "softmax")
    model.type(["Enter"])
    rev = model.wait_for_new("rev", rev)
    assert {"h/1", "h/1/attn"} <= opened(model)
    model.page.wait_for_function("root => root.explorer.position('softmax_1')", arg=model.root.element_handle())
    assert in_view(model, "softmax_1")
    model.type(["Shift+Enter"])
    expect(count(model)).to_have_text("1 of 2")
    model.type(["Escape"])
    expect(field(model)).to_be_hidden()
    expect(model.root).to_be_focused()
    model.type(["Enter"]).wait(selected="softmax")
    expect(model.root.get_by_text("softmax, softmax. Value not yet computed.")).to_be_attached()


def test_search_says_when_there_is_nothing_and_keeps_the_last_words(model: Canvas) -> None:
    model.press("Control+f")
    model.page.keyboard.type("nowhere")
    expect(count(model)).to_have_text("nothing found")
    expect(field(model)).to_have_attribute("aria-invalid", "true")
    model.type(["Enter", "Escape"])
    model.root.get_by_role("button", name="Find").click()
    expect(field(model)).to_have_value("nowhere")
    model.page.keyboard.type("h.1")
    expect(count(model)).to_have_text(re.compile(r"\d+ found"))
    rev = model.data("rev")
    model.root.get_by_role("button", name="Next hit").click()
    expect(count(model)).to_have_text(re.compile(r"1 of \d+"))
    assert model.data("rev") == rev, "the block itself is drawn: nothing has to open"


def test_all_paths_are_counted_by_click_and_by_key(canvas: Canvas) -> None:
    pill = canvas.root.locator(".xp-paths")
    canvas.click("b").wait(selected="b")
    canvas.page.keyboard.down("Shift")
    canvas.click("e")
    canvas.page.keyboard.up("Shift")
    expect(pill).to_contain_text("2 paths from b to e")
    canvas.root.get_by_role("button", name="Close paths").click()
    expect(pill).to_be_hidden()
    nodes = canvas.root.evaluate("root => root.explorer.nodes()")
    canvas.wait(selected="b").press(*["Tab"] * (nodes.index("d") - nodes.index("b")), "Shift+Enter")
    expect(pill).to_contain_text("1 path from b to d")
    canvas.type(["Shift+Tab"] * (nodes.index("d") - nodes.index("a")) + ["Shift+Enter"])
    expect(pill).to_contain_text("No path between b and a")
    canvas.type(["Escape"])
    expect(pill).to_be_hidden()


def test_the_scope_is_the_way_out(model: Canvas) -> None:
    model.press("/")
    model.page.keyboard.type("softmax_1")
    rev = model.data("rev")
    model.type(["Enter"]).wait_for_new("rev", rev)
    model.type(["Escape", "Enter"]).wait(selected="softmax_1")
    scope = model.root.get_by_role("navigation", name="Scope")
    expect(scope.get_by_role("button")).to_have_text(["gpt-sort", "h.1", "attn", "softmax_1"])
    scope.get_by_role("button", name="attn").click()
    model.wait(selected="h/1/attn")
    expect(scope.get_by_role("button")).to_have_text(["gpt-sort", "h.1", "attn"])
    model.press("Escape", "Escape", "Escape")
    expect(scope).to_be_hidden()


def test_an_operation_with_several_results_says_so_and_adds_nothing_up(model: Canvas) -> None:
    model.press("End", "/")
    model.page.keyboard.type("split")
    rev = model.data("rev")
    model.type(["Enter"]).wait_for_new("rev", rev)
    model.type(["Escape", "Enter"]).wait(selected="split")
    expect(model.root.get_by_text("Value several results. Gradient", exact=False)).to_be_attached()
    inspector = model.page.locator(".st-key-inspector")
    expect(inspector.locator(".x-figure")).to_have_text(["several results", "one for each"])
    expect(inspector.locator(".x-table").first.locator("tr")).to_have_count(4)
    expect(inspector.locator(".x-sum")).to_have_count(0)


def test_the_map_shows_where_one_is_and_takes_one_elsewhere(model: Canvas) -> None:
    shown = model.root.get_by_role("img", name="Map of the graph")
    model.press("f")
    expect(shown).to_be_hidden()
    model.press("0")
    expect(shown).to_be_visible()
    box, before = shown.bounding_box(), model.root.evaluate(CAMERA)
    assert box is not None
    model.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
    model.page.mouse.down()
    top = model.root.evaluate(CAMERA)
    model.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 8, steps=4)
    model.page.mouse.up()
    bottom = model.root.evaluate(CAMERA)
    assert bottom["y"] < top["y"] - 100 and bottom["k"] == top["k"] == before["k"]
    assert in_view(model, "lm_head")
    model.press("h")
    expect(shown).to_be_hidden()


def test_steps_open_the_groups_that_they_come_to_when_asked(model: Canvas) -> None:
    model.press("i")
    expect(model.root.get_by_role("button", name="Steps open groups")).to_have_attribute("aria-pressed", "true")
    model.press("Home")
    while not opened(model):
        rev = model.data("rev")
        before = model.step
        model.press("ArrowRight")
        model.page.wait_for_function(
            "([root, rev, step]) => root.dataset.rev !== rev || Number(root.dataset.step) > step",
            arg=[model.root.element_handle(), rev, before],
        )
        model.settle()
    assert opened(model) == {"wte"} or opened(model) == {"wpe"}
    inside = model.root.evaluate("root => root.explorer.nodes()")
    assert any(node.startswith("embedding") for node in inside) and model.data("phase") == "forward"
    model.press("i", "End").wait(step=model.steps)
    assert len(opened(model)) == 1, "switched off, steps open nothing"


def test_5_goes_to_the_node_of_the_next_step_inside_its_group(model: Canvas) -> None:
    model.press("Home")
    while model.data("node") != "add":
        model.press("ArrowRight")
    rev = model.data("rev")
    model.press("5").wait_for_new("rev", rev)
    assert {"h/0", "h/0/ln_1"} <= opened(model)
    model.wait(node="add").press("ArrowRight", "ArrowRight", "ArrowRight").wait(node="layer_norm")
    assert in_view(model, "layer_norm")
