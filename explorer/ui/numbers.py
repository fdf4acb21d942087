"""Numbers and names of a run, short enough for a panel."""

from __future__ import annotations

from torch import Tensor

from explorer.export.labels import figure
from explorer.run import Number

WRITTEN_OUT = 3
"""Vectors up to this length are written out; longer ones are shown by their norm."""


def short(value: Number | None) -> str:
    """A number in full, a small vector written out, any other tensor by its norm."""
    if value is None:
        return "—"
    if not isinstance(value, Tensor):
        return figure(value)
    if value.ndim == 0:
        return figure(value.item())
    if value.ndim == 1 and len(value) <= WRITTEN_OUT:
        return "[" + ", ".join(figure(item, 4) for item in value.tolist()) + "]"
    return f"norm {figure(value)}"


def shape_of(value: Number | None) -> str:
    """``3 × 2``, or "" for a single number."""
    return " × ".join(map(str, value.shape)) if isinstance(value, Tensor) else ""
