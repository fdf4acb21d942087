"""Finite differences over many step sizes: why no step is right, and how good the best one is.

The error of (f(x + h) - f(x - h)) / 2h falls with h², the cut-off of Taylor's series, until the rounding of f,
some 1e-16 |f| / h, takes over: a V in logarithmic scales, with its foot near h = 1e-5 for float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.errors import RunError
from explorer.passes.nudge import nudge
from explorer.run import Run

STEPS = tuple(10.0 ** (-exponent / 2) for exponent in range(31))
"""From 1 to 1e-15, two a decade."""

SINGLE = STEPS[:17]
"""To 1e-8: for numbers of 32 bits, which round off at 1e-7 of their size. The foot is near 1e-2."""

Moved = Callable[[float], tuple[float, float]]
"""From a step to where the number then is, and the output there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The slope between x - ``step`` and x + ``step``, and how far it is from the gradient."""

    step: float
    slope: float
    error: float


@dataclass(frozen=True, slots=True)
class Check:
    """One element of a node: its ``gradient`` from the run, and the differences, one a step size."""

    gradient: float
    differences: tuple[Difference, ...]

    @property
    def best(self) -> Difference | None:
        """The one with the least error; ``None`` where none is a number."""
        numbers = [d for d in self.differences if not math.isnan(d.error)]
        return min(numbers, key=lambda d: d.error) if numbers else None


def check(run: Run, key: str | int, place: tuple[int, ...] = (), steps: Sequence[float] = STEPS) -> Check:
    """Central differences of the run's output, weighed by its upstream gradient, at one element of a node.

    Raises RunError where the node has no gradient.
    """
    grad = run.grad(key)
    if grad is None:
        raise RunError(f"{key!r} has no gradient that could be checked. Choose a node that the output depends on.")
    gradient = float(grad[place])

    def moved(step: float) -> tuple[float, float]:
        found = nudge(run, key, step, place)
        return found.moved, found.after

    return check_by(moved, gradient, steps)


def check_by(moved: Moved, gradient: float, steps: Sequence[float] = STEPS) -> Check:
    """Central differences of whatever can be asked for its output."""
    return Check(gradient, tuple(_difference(moved, step, gradient) for step in steps))


def _difference(moved: Moved, step: float, gradient: float) -> Difference:
    (up, above), (down, below) = moved(step), moved(-step)
    width = up - down
    slope = (above - below) / width if width else math.nan
    return Difference(step, slope, abs(slope - gradient))
