"""Heat maps hold the tensor's own numbers, with zero in the middle of the colours."""

from __future__ import annotations

import pytest
import torch

from explorer.export.theme import THEMES, ThemeName
from explorer.ui.heat import MOST, color_at, heat_map, height, is_cut, luminance


def test_a_matrix_is_shown_row_by_row_and_zero_is_in_the_middle() -> None:
    figure = heat_map(torch.tensor([[1.0, -3.0], [0.5, 2.0]]), "light")
    cells = figure.data[0]
    assert [list(row) for row in cells.z] == [[1.0, -3.0], [0.5, 2.0]]
    assert (cells.zmin, cells.zmax) == (-3.0, 3.0)
    assert figure.layout.yaxis.range == (1.5, -0.5)


@pytest.mark.parametrize(("shape", "rows"), [((3,), 1), ((2, 3), 2), ((2, 2, 3), 4)])
def test_any_tensor_becomes_rows(shape: tuple[int, ...], rows: int) -> None:
    cells = heat_map(torch.ones(shape), "dark").data[0]
    assert len(cells.z) == rows


def test_a_large_tensor_is_cut_and_says_so() -> None:
    tensor = torch.zeros(MOST + 1, 3)
    assert is_cut(tensor) and not is_cut(tensor[:MOST])
    assert len(heat_map(tensor, "light").data[0].z) == MOST
    assert height(tensor) < 300


def test_what_is_not_finite_does_not_set_the_colours() -> None:
    cells, numbers = heat_map(torch.tensor([1.0, float("inf"), float("nan")]), "light").data
    assert cells.zmax == 1.0 and numbers.text == ("1", "∞", "NaN")


def contrast(one: str, other: str) -> float:
    """After WCAG 2; its AA asks for 4.5 of small text."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_numbers_can_be_read_on_every_colour(theme: ThemeName) -> None:
    rows = torch.linspace(-1, 1, 120, dtype=torch.float64).reshape(20, 6)
    cells, numbers = heat_map(rows, theme).data
    grounds = [color_at((value + 1) / 2, THEMES[theme].diverging) for value in rows.flatten().tolist()]
    assert min(map(contrast, grounds, numbers.textfont.color)) >= 4.5
    assert (grounds[0], grounds[-1]) == (cells.colorscale[0][1], cells.colorscale[-1][1])
    assert [(x, y) for x, y in zip(numbers.x, numbers.y, strict=True)][7] == (1, 1)
