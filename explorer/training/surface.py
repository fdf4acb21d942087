"""The loss over two parameters, with all others where they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from explorer.training.objective import Objective
from explorer.training.rules import Column


def window(path: Sequence[float], margin: float = 0.3, least: float = 1.0) -> tuple[float, float]:
    """A range that shows a path of one parameter with room around it, at least ``least`` to each side of its middle."""
    finite = [x for x in path if np.isfinite(x)] or [0.0]
    low, high = min(finite), max(finite)
    middle, half = (low + high) / 2, max((high - low) / 2 * (1 + margin), least)
    return middle - half, middle + half


def rows(objective: Objective, at: Column, x: int, y: int, xs: Column, ys: Column) -> Iterator[Column]:
    """The losses over ``xs``, one row for each of ``ys``; whoever asks may stop in between.

    ``x`` and ``y`` are places in ``objective.layout.labels``, ``at`` holds the other parameters.
    """
    numbers = at.copy()
    for second in ys:
        numbers[y] = second
        row = np.empty(len(xs))
        for column, first in enumerate(xs):
            numbers[x] = first
            row[column] = objective.loss(numbers)
        yield row
