from __future__ import annotations

import io
import sys
from collections import Counter

import pytest
from PIL import Image

import explorer
from explorer.errors import ExportError
from explorer.export import png as module
from explorer.export import to_png
from explorer.export.picture import picture
from explorer.export.theme import DARK, LIGHT
from tests.export.graphs import every, two_paths

RUNS = every()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.convert("RGB")


def count(image: Image.Image, color: str) -> int:
    """How many pixels have exactly this colour."""
    wanted = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
    return Counter(image.get_flattened_data())[wanted]


@pytest.mark.parametrize("scale", [1, 2, 3.5])
def test_its_size_is_that_of_the_picture(scale: float) -> None:
    run = two_paths()
    drawn, image = picture(run), opened(to_png(run, scale=scale))
    assert image.width == pytest.approx(drawn.width * scale, abs=1)
    assert image.height == pytest.approx(drawn.height * scale, abs=1)


@pytest.mark.parametrize("name", RUNS)
def test_every_run_is_drawn_on_its_ground(name: str) -> None:
    assert opened(to_png(RUNS[name])).getpixel((2, 2)) == (255, 255, 255)
    dark = opened(to_png(RUNS[name], theme="dark")).getpixel((2, 2))
    assert dark == tuple(int(DARK.surface[i : i + 2], 16) for i in (1, 3, 5))


def test_lanes_fill_where_there_is_a_gradient() -> None:
    """Five cards with a gradient lane of 152 x 28, less the words on it and the outline."""
    lane = count(opened(to_png(two_paths(), scale=1)), LIGHT.roles["gradient"].tint)
    assert 5 * 152 * 28 * 0.75 < lane < 5 * 152 * 28 * 1.2


def test_a_broken_value_is_crimson() -> None:
    broken, whole = opened(to_png(RUNS["broken"])), opened(to_png(two_paths()))
    crimson = LIGHT.roles["error"].mark
    assert count(broken, crimson) > 100 and count(whole, crimson) == 0


def test_tiles_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = to_png(two_paths())
    monkeypatch.setattr(module, "TILE", 90)
    assert to_png(two_paths()) == whole


def test_the_faces_hold_the_signs_of_mathematics() -> None:
    for face in ("ui", "math"):
        font = module.font(face, False, 40)
        missing = bytes(font.getmask("\uffff"))  # type: ignore[arg-type]
        assert all(bytes(font.getmask(sign)) != missing for sign in "∂×−+αβσ∞₁")  # type: ignore[arg-type]


def test_without_any_face_found_it_still_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STREAMLIT", {"ui": "no such face", "math": "no such face"})
    monkeypatch.setattr(module, "_SYSTEM", dict.fromkeys(module._SYSTEM, ()))
    module.font.cache_clear()
    try:
        assert opened(to_png(two_paths())).width > 100
    finally:
        module.font.cache_clear()


def test_a_picture_too_large_is_refused() -> None:
    with pytest.raises(ExportError, match="smaller scale"):
        to_png(explorer.trace("y = a * b", a=1.0, b=2.0), scale=1000)


def test_a_large_picture_is_made_as_large_as_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 100_000)
    image = opened(to_png(two_paths()))
    assert 80_000 < image.width * image.height <= 100_000


def test_no_picture_library_of_the_network_is_loaded() -> None:
    assert "kaleido" not in sys.modules
