"""Numbers sorted into a few classes with round borders, and amounts as they are said to people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.ops.typeset import number
from explorer.segment.wording import size, time

MOST_CLASSES = 7
WIDE = 1_000.0
"""Positive numbers further apart than this are sorted by their logarithm."""

_HALF_DECADES = (1.0, 3.0)
_COUNTS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Scale:
    """``borders`` of the classes, ascending, one more than there are classes; or ``single`` numbers, one a class."""

    borders: Sequence[float] = ()
    single: Sequence[float] = ()

    @property
    def count(self) -> int:
        return len(self.single) or max(len(self.borders) - 1, 0)

    def place(self, datum: float) -> int:
        """The class of a number; a border belongs to the class above it, the last one to the last class."""
        if self.single:
            return self.single.index(datum)
        below = sum(datum >= border for border in self.borders[1:-1])
        return below

    def middle(self, place: int) -> float:
        """The middle of a class."""
        return self.single[place] if self.single else (self.borders[place] + self.borders[place + 1]) / 2

    def label(self, place: int, unit: str) -> str:
        """``1 µs to 3 µs``."""
        if self.single:
            return amount(self.single[place], unit)
        return f"{amount(self.borders[place], unit)} to {amount(self.borders[place + 1], unit)}"


def scale(numbers: Sequence[float], unit: str = "") -> Scale:
    """The classes for finite ``numbers``: one each where they are few, else by borders that are round in ``unit``.

    Over a wide range of positive numbers the borders grow by the same factor, and 0 has a class of its own: call
    with the numbers above 0.
    """
    distinct = sorted(set(numbers))
    if len(distinct) <= MOST_CLASSES:
        return Scale(single=distinct)
    low, high = distinct[0], distinct[-1]
    if is_wide(distinct):
        return Scale(_powers(2, low, high) if unit == "B" else _decades(low, high))
    one = _largest_unit(high) if unit == "B" else 1.0
    return Scale([one * border for border in _even(low / one, high / one)])


def is_wide(numbers: Sequence[float]) -> bool:
    """Whether they are sorted by their logarithm."""
    positive = [n for n in numbers if n > 0]
    return min(numbers, default=-1) >= 0 and bool(positive) and max(positive) / min(positive) >= WIDE


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    if 2 * (last - first) <= MOST_CLASSES:
        borders = [m * 10.0**e for e in range(first, last) for m in _HALF_DECADES] + [10.0**last]
        return _trimmed(borders, low, high)
    return _powers(10, low, high)


def _powers(base: int, low: float, high: float) -> list[float]:
    first, last = math.floor(math.log(low, base)), math.ceil(math.log(high, base))
    step = math.ceil((last - first) / MOST_CLASSES)
    return _trimmed([float(base) ** e for e in range(first, last + step, step)], low, high)


def _largest_unit(high: float) -> float:
    """1, 1024, 1024², ...: the unit in which a number of bytes is said."""
    one = 1.0
    while abs(high) / one >= 1000:
        one *= 1024
    return one


def _trimmed(borders: Sequence[float], low: float, high: float) -> list[float]:
    """Without classes that hold nothing at either end."""
    first = max(i for i, border in enumerate(borders) if border <= low or i == 0)
    last = min(i for i, border in enumerate(borders) if border >= high or i == len(borders) - 1)
    return list(borders[first : max(last, first + 1) + 1])


def _even(low: float, high: float) -> list[float]:
    step = _round_step((high - low) / MOST_CLASSES)
    while math.ceil(high / step) - math.floor(low / step) > MOST_CLASSES:
        step = _round_step(step * 1.01)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [step * place for place in range(first, last + 1)]


def _round_step(least: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0) if m * power >= least * (1 - 1e-12))


def amount(datum: float, unit: str) -> str:
    """``2.3 ms``, ``4 KiB``, ``1.2 MFLOP``, ``0.25``."""
    if not math.isfinite(datum):
        return number(datum)
    if unit == "s":
        return time(datum)
    if unit == "B":
        return size(datum)
    if unit == "FLOP":
        return _counted(datum)
    return number(datum, 4)


def _counted(datum: float) -> str:
    for factor, prefix in _COUNTS:
        if abs(datum) >= factor * 0.9995:
            return f"{datum / factor:.3g} {prefix}FLOP"
    return f"{datum:.3g} FLOP"
