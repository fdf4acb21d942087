"""The README's pictures: what a reader of it sees is what the app draws today. `make pictures` keeps them."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import expect

from tests.e2e.canvas import WAIT_MS
from tests.e2e.test_models import GPT_SORT
from tests.e2e.test_train import LINE, enter

BRIGHTNESS = {"light": (180, 255), "dark": (0, 80)}
"""Mean grey of a whole screen, of 255."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_gradient_adds_up_from_two_paths(open_page, picture, theme: str) -> None:
    """The last moment of the first example: b = 1·2 + 1·3 = 5."""
    canvas = open_page(theme=theme)
    canvas.press("End").wait(step=canvas.steps, phase="backward")
    canvas.click("b").wait(selected="b").settle()
    shot = Image.open(io.BytesIO(picture(canvas.page, f"step-{theme}"))).convert("L")
    darkest, brightest = BRIGHTNESS[theme]
    assert darkest <= ImageStat.Stat(shot).mean[0] <= brightest


def test_a_trained_model_opens_at_its_blocks_and_down_to_its_attention(open_page, picture) -> None:
    """gpt-sort after its forward pass, the first block and its attention open, one softmax looked into."""
    canvas = open_page(path=GPT_SORT, theme="dark", reduced_motion="reduce")
    for key in ("h/0", "h/0/attn"):
        rev = canvas.data("rev")
        canvas.press("f")
        canvas.page.mouse.dblclick(*canvas.position(key))
        canvas.wait_for_new("rev", rev)
        canvas.settle()
    canvas.press("b", "f")
    canvas.click("softmax").wait(selected="softmax").settle()
    canvas.page.mouse.move(*canvas.position("softmax"))
    for _ in range(6):
        canvas.press("+")
    expect(canvas.page.locator(".st-key-inspector .js-plotly-plot").first).to_be_visible()
    shot = Image.open(io.BytesIO(picture(canvas.page, "model-dark"))).convert("L")
    assert ImageStat.Stat(shot).mean[0] <= BRIGHTNESS["dark"][1]


def test_a_line_is_fitted_step_by_step(open_page, picture) -> None:
    """Nine steps of gradient descent, the path on the loss surface, the next update on the cards."""
    canvas = enter(open_page(reduced_motion="reduce"), LINE)
    for step in range(1, 10):
        canvas.press("n").wait(**{"train-step": step})
    canvas.settle()
    shot = Image.open(io.BytesIO(picture(canvas.page, "train-light"))).convert("L")
    assert ImageStat.Stat(shot).mean[0] >= BRIGHTNESS["light"][0]


def test_a_model_is_cut_in_three(open_page, picture) -> None:
    """gpt-sort with the best two cuts, and the proof beside them."""
    canvas = open_page(path=GPT_SORT, reduced_motion="reduce")
    page = canvas.page
    page.get_by_role("radio", name="Segment").click()
    expect(page.locator(".st-key-inspector")).to_contain_text("1 segment", timeout=WAIT_MS)
    page.get_by_role("button", name="Place cuts").click()
    expect(page.locator(".st-key-inspector .x-badge.x-good")).to_have_count(3, timeout=WAIT_MS)
    canvas.settle().press("f")
    shot = Image.open(io.BytesIO(picture(page, "segment-light"))).convert("L")
    assert ImageStat.Stat(shot).mean[0] >= BRIGHTNESS["light"][0]
