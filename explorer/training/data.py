"""Small data sets in the plane, drawn from a seed, and their CSV text."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from explorer.errors import DataError
from explorer.training.rules import Column

Table = NDArray[np.float64]
CLASS = "class"
"""A last column of this name holds classes: 0, 1, 2, ..."""
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Points:
    """One point a row: a class after two coordinates, or y after x. Raises DataError where it is not that."""

    columns: tuple[str, ...]
    rows: Table

    def __post_init__(self) -> None:
        if len(self.columns) not in (2, 3) or len(set(self.columns)) != len(self.columns):
            raise DataError(
                f"The columns are {', '.join(self.columns)}; there must be two or three of different names, "
                f"such as x,y or x1,x2,{CLASS}."
            )
        if self.rows.ndim != 2 or self.rows.shape[1] != len(self.columns) or not 1 <= len(self.rows) <= MOST_ROWS:
            raise DataError(f"There must be 1 to {MOST_ROWS:,} points with {len(self.columns)} numbers each.")
        if not np.isfinite(self.rows).all():
            raise DataError("Some numbers are NaN or infinite.")
        if self.has_classes and not ((self.targets >= 0) & (self.targets == np.floor(self.targets))).all():
            raise DataError(f"The column {CLASS!r} must hold whole numbers from 0.")

    @property
    def inputs(self) -> Table:
        """All columns but the last, [n, 1] or [n, 2]."""
        return self.rows[:, :-1]

    @property
    def targets(self) -> Column:
        """The last column, [n]."""
        return self.rows[:, -1]

    @property
    def has_classes(self) -> bool:
        return self.columns[-1] == CLASS


def two_moons(count: int = 100, noise: float = 0.1, seed: int = 7) -> Points:
    """Two half circles that reach into each other."""
    angle, upper = _halves(count, math.pi)
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle))
    y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
    return _classes(x, y, upper, noise, seed)


def circles(count: int = 100, noise: float = 0.05, seed: int = 7) -> Points:
    """A circle of half the size inside another one."""
    angle, outer = _halves(count, 2 * math.pi * (1 - 2 / max(count, 2)))
    radius = np.where(outer, 1.0, 0.5)
    return _classes(radius * np.cos(angle), radius * np.sin(angle), outer, noise, seed)


def spiral(count: int = 100, noise: float = 0.03, seed: int = 7) -> Points:
    """Two arms, each once and a half around the middle."""
    turn, first = _halves(count, 1.0)
    angle = 3 * math.pi * np.sqrt(turn) + np.where(first, 0.0, math.pi)
    radius = 0.05 + 0.95 * np.sqrt(turn)
    return _classes(radius * np.cos(angle), radius * np.sin(angle), first, noise, seed)


def regression(count: int = 20, noise: float = 0.2, seed: int = 7) -> Points:
    """Points around the line y = 0.5 + 1.5 x, with x from -1 to 1."""
    _check(count, noise)
    x = np.linspace(-1, 1, count) if count > 1 else np.zeros(1)
    y = 0.5 + 1.5 * x + np.random.default_rng(seed).normal(scale=noise, size=count)
    return Points(("x", "y"), np.stack([x, y], axis=1))


MADE: Mapping[str, Callable[..., Points]] = MappingProxyType(
    {"two moons": two_moons, "spiral": spiral, "circles": circles, "regression": regression}
)
"""The data sets that are made here, by name; each takes ``count``, ``noise`` and ``seed``."""


def to_csv(points: Points) -> str:
    """A header and one line a point, with all digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(points.columns)
    writer.writerows(_written(row, points.has_classes) for row in points.rows.tolist())
    return text.getvalue()


def from_csv(text: str) -> Points:
    """The points of a CSV text with a header. Raises DataError, naming the line."""
    try:
        lines = [(line, row) for line, row in _lines(text) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(f"This is not CSV: {error}.") from None
    if len(lines) < 2:
        raise DataError(f"Nothing was found. A header such as x1,x2,{CLASS} is needed, and then one point a line.")
    if len(lines) > MOST_ROWS + 1:
        raise DataError(f"There are {len(lines) - 1:,} points; at most {MOST_ROWS:,} are read.")
    columns = _header(*lines[0])
    return Points(columns, np.array([_row(line, cells, columns) for line, cells in lines[1:]], np.float64))


def _lines(text: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    return ((reader.line_num, row) for row in reader)


def _header(line: int, cells: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in cells)
    if all(_number(name) is not None for name in names):
        raise DataError(f"This line names the columns, for example x1,x2,{CLASS} or x,y.", line=line)
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        raise DataError("Columns are separated by commas.", line=line)
    if len(names) not in (2, 3) or "" in names:
        raise DataError(f"There are {len(names)} columns; two (x,y) or three (x1,x2,{CLASS}) are read.", line=line)
    return names


def _row(line: int, cells: Sequence[str], columns: Sequence[str]) -> list[float]:
    if len(cells) != len(columns):
        raise DataError(f"There are {len(cells)} values for the {len(columns)} columns {','.join(columns)}.", line=line)
    numbers = []
    for name, cell in zip(columns, cells, strict=True):
        number = _number(cell)
        if number is None or not math.isfinite(number):
            raise DataError(f"{cell.strip()[:20]!r} in column {name!r} is not a finite number.", line=line)
        if name == CLASS and name == columns[-1] and (number < 0 or number != int(number)):
            raise DataError(f"{cell.strip()[:20]!r} is not a class: classes are whole numbers from 0.", line=line)
        numbers.append(number)
    return numbers


def _number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _written(row: Sequence[float], has_classes: bool) -> list[float | int]:
    return [*row[:-1], int(row[-1]) if has_classes else row[-1]]


def _halves(count: int, reach: float) -> tuple[Column, NDArray[np.bool_]]:
    """For each point how far along it is, from 0 to ``reach``, and whether it is of the first class."""
    _check(count, 0.0)
    first = (count + 1) // 2
    along = np.concatenate([np.linspace(0, reach, first), np.linspace(0, reach, count - first)])
    return along, np.arange(count) < first


def _classes(x: Column, y: Column, first: NDArray[np.bool_], noise: float, seed: int) -> Points:
    _check(len(x), noise)
    place = np.stack([x, y], axis=1) + np.random.default_rng(seed).normal(scale=noise, size=(len(x), 2))
    return Points(("x1", "x2", CLASS), np.column_stack([place, np.where(first, 0.0, 1.0)]))


def _check(count: int, noise: float) -> None:
    if not 1 <= count <= MOST_ROWS:
        raise DataError(f"{count:,} points cannot be made; there may be 1 to {MOST_ROWS:,}.")
    if not 0 <= noise < math.inf:
        raise DataError(f"A noise of {noise} cannot be added; it is a standard deviation, 0 or more.")
