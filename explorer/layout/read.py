"""From dot's ``plain-ext`` answer to a grid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from explorer.layout.dot import POINTS
from explorer.layout.grid import Grid
from explorer.layout.level import Level

SAME_RANK = 3.0
"""Heights nearer than this, in points, are one rank."""
SHARED = 10.0
"""Passes of one value nearer than this, in points, are one wire."""

Point: TypeAlias = tuple[float, float]


def grid(level: Level, drawn: str) -> Grid:
    """The rows, orders and first x of dot's drawing. Items without a wire are in no row (``row`` is -1)."""
    centres, curves = _parse(drawn)
    heights = _ranks(y for _, y in centres.values())
    count = len(level.items)
    made = Grid(
        count, [0.0] * count, [-1] * count, [i.breadth / 2 for i in level.items], [[] for _ in heights], []
    )
    for item, (x, y) in centres.items():
        made.x[item], made.row[item] = x, _nearest(heights, y)
    _pass_through(made, level, curves, heights)
    for element, row in enumerate(made.row):
        if row >= 0:
            made.rows[row].append(element)
    for elements in made.rows:
        elements.sort(key=lambda element: (made.x[element], element))
    return made


def _parse(drawn: str) -> tuple[dict[int, Point], dict[int, list[Point]]]:
    centres: dict[int, Point] = {}
    curves: dict[int, list[Point]] = {}
    for line in drawn.splitlines():
        if line.startswith("node "):
            _, name, x, y, _ = line.split(" ", 4)
            centres[int(name[1:])] = _point(x, y)
        elif line.startswith("edge "):
            words = line.split()
            flat = words[4 : 4 + 2 * int(words[3])]
            curves[int(words[-1][1:], 16)] = [
                _point(x, y) for x, y in zip(flat[::2], flat[1::2], strict=True)
            ]
    return centres, curves


def _point(x: str, y: str) -> Point:
    return float(x) * POINTS, -float(y) * POINTS


def _ranks(ys: Iterable[float]) -> list[float]:
    found: list[float] = []
    for y in sorted(ys):
        if not found or y - found[-1] > SAME_RANK:
            found.append(y)
    return found


def _nearest(heights: Sequence[float], y: float) -> int:
    return min(range(len(heights)), key=lambda row: abs(heights[row] - y))


def _pass_through(made: Grid, level: Level, curves: dict[int, list[Point]], heights: Sequence[float]) -> None:
    """A pass wherever a segment goes through a row; near ones of one value are shared."""
    trunks: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for number, segment in enumerate(level.segments):
        path = [segment.tail]
        for row in range(made.row[segment.tail] + 1, made.row[segment.head]):
            x = _x_at(curves[number], heights[row])
            path.append(_pass_at(made, trunks[segment.tail, segment.tail_port, row], row, x))
        made.paths.append([*path, segment.head])


def _pass_at(made: Grid, near: list[int], row: int, x: float) -> int:
    for element in near:
        if abs(made.x[element] - x) < SHARED:
            return element
    near.append(len(made.x))
    made.x.append(x)
    made.row.append(row)
    made.half.append(0.0)
    return near[-1]


def _x_at(curve: Sequence[Point], y: float) -> float:
    """Where a descending spline is at height ``y``, by bisection."""
    points = curve if curve[0][1] <= curve[-1][1] else curve[::-1]
    for i in range(0, len(points) - 3, 3):
        if points[i][1] - 1e-6 <= y <= points[i + 3][1] + 1e-6:
            return _bezier_x_at(points[i : i + 4], y)
    return min(points, key=lambda point: abs(point[1] - y))[0]


def _bezier_x_at(points: Sequence[Point], y: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(18):
        t = (low + high) / 2
        if _cubic(t, *(p[1] for p in points)) < y:
            low = t
        else:
            high = t
    return _cubic(low, *(p[0] for p in points))


def _cubic(t: float, a: float, b: float, c: float, d: float) -> float:
    u = 1 - t
    return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d
