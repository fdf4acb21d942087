"""The README's pictures: what a reader of it sees is what the app draws today. `make pictures` keeps them."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageStat

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
