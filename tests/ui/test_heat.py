"""Heat maps hold the tensor's own numbers, with zero in the middle of the colours."""

from __future__ import annotations

import pytest
import torch

from explorer.ui.heat import MOST, heat_map, height, is_cut


def test_a_matrix_is_shown_row_by_row_and_zero_is_in_the_middle() -> None:
    figure = heat_map(torch.tensor([[1.0, -3.0], [0.5, 2.0]]), "light")
    (cells,) = figure.data
    assert [list(row) for row in cells.z] == [[1.0, -3.0], [0.5, 2.0]]
    assert (cells.zmin, cells.zmax) == (-3.0, 3.0)
    assert figure.layout.yaxis.autorange == "reversed"


@pytest.mark.parametrize(("shape", "rows"), [((3,), 1), ((2, 3), 2), ((2, 2, 3), 4)])
def test_any_tensor_becomes_rows(shape: tuple[int, ...], rows: int) -> None:
    (cells,) = heat_map(torch.ones(shape), "dark").data
    assert len(cells.z) == rows


def test_a_large_tensor_is_cut_and_says_so() -> None:
    tensor = torch.zeros(MOST + 1, 3)
    assert is_cut(tensor) and not is_cut(tensor[:MOST])
    assert len(heat_map(tensor, "light").data[0].z) == MOST
    assert height(tensor) < 300


def test_what_is_not_finite_does_not_set_the_colours() -> None:
    (cells,) = heat_map(torch.tensor([1.0, float("inf"), float("nan")]), "light").data
    assert cells.zmax == 1.0
