"""What a picture is made of: shapes and lines of text in groups. Drawn by ``svg`` and by ``png``.

All lengths are CSS pixels, y grows downwards, colours are ``#RRGGBB``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Command = tuple[str, tuple[float, ...]]
"""``("M", (x, y))``, ``("L", (x, y))``, ``("C", (x1, y1, x2, y2, x, y))`` or ``("Z", ())``."""

Path = tuple[Command, ...]
Point = tuple[float, float]

CIRCLE = 0.5523
"""How far a cubic's control points reach for a quarter of a circle, in radii."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, filled or stroked or both. ``dash`` holds the lengths of stroke and gap."""

    path: Path
    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    dash: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one face: ``ui`` upright, ``math`` italic serif."""

    text: str
    face: Literal["ui", "math"] = "ui"


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; ``x`` is its start, middle or end, ``y`` its baseline."""

    x: float
    y: float
    spans: tuple[Span, ...]
    size: float
    color: str
    anchor: Literal["start", "middle", "end"] = "start"
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Marks that belong together; ``title`` is what a browser shows when the pointer rests on them."""

    title: str
    marks: tuple[Shape | Text, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole drawing, back to front, and the ground that it stands on."""

    width: float
    height: float
    ground: str
    title: str
    groups: tuple[Group, ...]


def polyline(*points: Point, close: bool = False) -> Path:
    """Straight lines through ``points``."""
    (x, y), *rest = points
    lines: list[Command] = [("M", (x, y)), *(("L", point) for point in rest)]
    return tuple([*lines, ("Z", ())] if close else lines)


def rounded(x: float, y: float, width: float, height: float, radius: float | tuple[float, float, float, float]) -> Path:
    """A rectangle with round corners: one radius, or four clockwise from the upper left."""
    a, b, c, d = radius if isinstance(radius, tuple) else (radius,) * 4
    right, low, k = x + width, y + height, 1 - CIRCLE
    return (
        ("M", (x + a, y)),
        ("L", (right - b, y)),
        ("C", (right - b * k, y, right, y + b * k, right, y + b)),
        ("L", (right, low - c)),
        ("C", (right, low - c * k, right - c * k, low, right - c, low)),
        ("L", (x + d, low)),
        ("C", (x + d * k, low, x, low - d * k, x, low - d)),
        ("L", (x, y + a)),
        ("C", (x, y + a * k, x + a * k, y, x + a, y)),
        ("Z", ()),
    )


def circle(x: float, y: float, radius: float) -> Path:
    """A circle around ``(x, y)``."""
    return rounded(x - radius, y - radius, 2 * radius, 2 * radius, radius)


def cubics(points: Sequence[Point]) -> Path:
    """A start point, then triples of two control points and an end."""
    start, *rest = points
    curves = (("C", (*rest[i], *rest[i + 1], *rest[i + 2])) for i in range(0, len(rest) - 2, 3))
    return (("M", start), *curves)


def flatten(path: Path) -> Iterator[list[Point]]:
    """The path as broken lines, one per ``M``; a curve becomes straight pieces of a few pixels."""
    line: list[Point] = []
    for command, numbers in path:
        if command == "M":
            if line:
                yield line
            line = [(numbers[0], numbers[1])]
        elif command == "L":
            line.append((numbers[0], numbers[1]))
        elif command == "C":
            line.extend(_curve(line[-1], numbers))
        else:
            line.append(line[0])
    if line:
        yield line


def _curve(start: Point, numbers: Sequence[float]) -> Iterator[Point]:
    x1, y1, x2, y2, x3, y3 = numbers
    steps = min(100, 8 + int(math.dist(start, (x3, y3)) / 4))
    for step in range(1, steps + 1):
        t = step / steps
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        yield a * start[0] + b * x1 + c * x2 + d * x3, a * start[1] + b * y1 + c * y2 + d * y3
