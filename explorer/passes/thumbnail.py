"""A tensor as a small picture."""

from __future__ import annotations

import torch
from torch import Tensor

CELLS = 8
"""A thumbnail has at most so many rows and columns."""

MOST_EXACT = 1_000_000
"""Means over more entries are taken in single precision: no eye sees the difference."""


def thumbnail(value: Tensor) -> Tensor:
    """At most 8 x 8 means over the last two axes (all others are rows too), scaled to [-1, 1] by the largest size.

    Entries that are not finite make their cell NaN; an empty tensor is one cell of 0.
    """
    if not value.numel():
        return torch.zeros(1, 1, dtype=torch.float64)
    exact = value.numel() <= MOST_EXACT or not value.is_floating_point()
    table = (value.double() if exact else value.float()).reshape(-1, value.shape[-1])
    rows, columns = (min(CELLS, length) for length in table.shape)
    cells = torch.nn.functional.adaptive_avg_pool2d(table[None, None], (rows, columns))[0, 0].double()
    known = cells[cells.isfinite()].abs()
    largest = float(known.max()) if len(known) else 0.0
    return torch.where(cells.isfinite(), cells / (largest or 1.0), torch.nan)
