"""A model in the app: chosen, opened, stepped through, looked into; wrong settings leave the last graph."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from explorer import models
from explorer.models import sort
from tests.e2e.canvas import WAIT_MS, Canvas

GPT_SORT = "?model=gpt-sort&prompt=CABBAC%3E&loss=logit"
ATTENTION = ".st-key-inspector .st-key-attention .js-plotly-plot"
CELLS = "(plot, place) => plot._fullData[place].z.map((row) => Array.from(row))"

OpenPage = Callable[..., Canvas]


def attention_maps(text: str) -> torch.Tensor:
    """The shares ``(heads, queries, keys)`` of the first block, computed by hand."""
    model = models.load("gpt-sort")
    caught: list[torch.Tensor] = []
    attn = model.get_submodule("h.0.attn")
    attn.register_forward_pre_hook(lambda module, args: caught.append(args[0].detach()))
    with torch.no_grad():
        model(sort.encode(text))
        q, k, _ = attn.get_submodule("qkv")(caught[0]).unflatten(-1, (3, 4, -1)).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        tokens = scores.shape[-1]
        shares: torch.Tensor = scores.masked_fill(torch.ones(tokens, tokens).triu(1).bool(), -torch.inf).softmax(-1)
        return shares[0]


def inspector(page: Page) -> Any:
    return page.locator(".st-key-inspector")


def open_group(canvas: Canvas, key: str) -> None:
    rev = canvas.data("rev")
    canvas.press("f")
    canvas.page.mouse.dblclick(*canvas.position(key))
    canvas.wait_for_new("rev", rev)
    canvas.settle()


def test_a_model_is_chosen_and_shown_by_its_blocks(canvas: Canvas) -> None:
    page = canvas.page
    rev = canvas.data("rev")
    page.get_by_text("Model", exact=True).first.click()
    canvas.wait_for_new("rev", rev)
    expect(page.locator(".x-title b")).to_have_text("gpt-sort")
    nodes = canvas.root.evaluate("root => root.explorer.nodes()")
    assert {"tokens", "h/0", "h/1", "lm_head", "loss"} <= {
        node if isinstance(node, str) else node["id"] for node in nodes
    }
    expect(inspector(page)).to_contain_text("Next token")
    rev = canvas.data("rev")
    page.get_by_text("Undo", exact=True).click()
    canvas.wait_for_new("rev", rev)
    expect(page.locator('[data-testid="stTextArea"] textarea')).to_be_visible()


def test_a_closed_block_is_one_step_and_an_open_one_its_parts(open_page: OpenPage) -> None:
    canvas = open_page(path=GPT_SORT, reduced_motion="reduce")
    closed = canvas.steps
    canvas.press("ArrowRight").wait(step=1, phase="forward")
    canvas.press("End").wait(step=closed, phase="backward")
    canvas.press("ArrowLeft").wait(step=closed - 1, phase="backward")
    canvas.press("Home").wait(step=0, phase="idle")
    open_group(canvas, "h/0")
    assert canvas.steps > closed


def test_attention_maps_are_torchs(open_page: OpenPage) -> None:
    canvas = open_page(path=GPT_SORT, theme="dark", reduced_motion="reduce")
    open_group(canvas, "h/0")
    open_group(canvas, "h/0/attn")
    canvas.press("f").click("softmax").wait(selected="softmax").settle()
    page, expected = canvas.page, attention_maps("CABBAC>")
    plot = page.locator(ATTENTION)
    expect(plot).to_be_visible(timeout=WAIT_MS)
    for head in range(4):
        assert torch.allclose(torch.tensor(plot.evaluate(CELLS, head)), expected[head], atol=1e-6)
    expect(plot).to_contain_text("head 3")
    room = plot.bounding_box()
    assert room is not None
    page.mouse.click(room["x"] + 0.3 * room["width"], room["y"] + 0.8 * room["height"])  # on the map of head 2
    one = page.locator(".st-key-inspector .st-key-one-head .js-plotly-plot")
    expect(one).to_be_visible(timeout=WAIT_MS)
    assert torch.allclose(torch.tensor(one.evaluate(CELLS, 0)), expected[2], atol=1e-6)
    expect(one).to_contain_text("query token")


def test_the_next_token_is_the_models_own(open_page: OpenPage) -> None:
    page = open_page(path="?model=gpt-sort&prompt=CAB%3EA&loss=logit").page
    with torch.no_grad():
        shares = models.load("gpt-sort")(sort.encode("CAB>A"))[0, -1].double().softmax(-1)
    first = page.locator(".x-guesses tr").first
    expect(first).to_contain_text(sort.LETTERS[int(shares.argmax())])
    assert sort.LETTERS[int(shares.argmax())] == "B"


def test_what_is_wrong_is_said_beside_the_field_and_the_last_graph_stays(open_page: OpenPage) -> None:
    canvas = open_page(path=GPT_SORT, reduced_motion="reduce")
    page, rev = canvas.page, canvas.data("rev")
    field = page.get_by_role("textbox", name="Letters to sort")
    field.fill("AB3")
    field.press("Enter")
    expect(page.locator(".stSidebar .x-problem")).to_contain_text("'3' is not a letter", timeout=WAIT_MS)
    expect(page.locator(".x-title")).to_contain_text("the last graph that could be drawn")
    assert canvas.data("rev") == rev
    field.fill("BAC")
    field.press("Enter")
    canvas.wait_for_new("rev", rev)
    expect(page.locator(".stSidebar .x-problem")).to_have_count(0)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "?model=gpt&sizes=%7B%22layers%22%3A48%2C%22width%22%3A4096%7D&prompt=1+2&loss=sum",
            "parameters, and at most",
        ),
        ("?model=gtp", "no model called 'gtp'"),
        ("?model=gpt&prompt=1+99&loss=sum", "not in the vocabulary of 27"),
        ("?model=gpt&sizes=5", "The link is damaged"),
    ],
)
def test_a_link_that_does_not_fit_is_said(open_page: OpenPage, query: str, words: str) -> None:
    page = open_page(path=query).page
    expect(page.locator(".x-problem").first).to_contain_text(words, timeout=WAIT_MS)


def test_the_address_is_a_link_to_the_model(canvas: Canvas, open_page: OpenPage) -> None:
    page, rev = canvas.page, canvas.data("rev")
    page.get_by_text("Model", exact=True).first.click()
    canvas.wait_for_new("rev", rev)
    expect(page).to_have_url(re.compile("model=gpt-sort"))
    again = open_page(path="?" + page.url.partition("?")[2])
    expect(again.page.locator(".x-title b")).to_have_text("gpt-sort")
    assert again.steps == canvas.steps
