"""What must hold of every placement, checked by brute force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from explorer.graph import Graph
from explorer.layout import Box, Placement

SLACK = 0.01
"""Pixels that single precision may cost."""
CHIP = np.array([110.0, 24.0])
"""The size of an edge's label."""


def check(graph: Graph, boxes: Sequence[Box], placement: Placement) -> None:
    """Fails, naming the nodes or the edge, where the placement breaks a promise of ``arrange``."""
    assert len(placement.x) == len(placement.y) == len(graph)
    assert len(placement.starts) == len(graph.edges) + 1 and placement.chips.shape == (len(graph.edges), 2)
    assert placement.starts[-1] == len(placement.points)
    rectangles = _rectangles(boxes, placement)
    _check_inside(placement, rectangles)
    _check_apart(rectangles)
    for number, (source, target, port) in enumerate(_edges(graph)):
        points = route(placement, number)
        _check_ends(placement, boxes, source, target, port, points)
        _check_way(placement, points)
        _check_through_nothing(rectangles, source, target, points)
    _check_cuts(graph, placement, rectangles)


def route(placement: Placement, edge: int) -> NDArray[np.float64]:
    """The route of an edge as an array of points, in double precision."""
    return placement.points[placement.starts[edge] : placement.starts[edge + 1]].astype(np.float64)


def samples(points: NDArray[np.float64], count: int = 24) -> NDArray[np.float64]:
    """Points along the curves of a route."""
    t = np.linspace(0, 1, count)[:, None]
    pieces = [points[:1]]
    for start in range(0, len(points) - 3, 3):
        a, b, c, d = points[start : start + 4]
        pieces.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return np.concatenate(pieces)


def size(box: Box) -> tuple[float, float]:
    """Width and height."""
    return box.width, box.height


def flow(placement: Placement) -> int:
    """The axis along which values flow."""
    return 0 if placement.direction == "lr" else 1


def _edges(graph: Graph) -> Iterator[tuple[int, int, int]]:
    for target, ports in enumerate(graph.inputs):
        for port, source in enumerate(ports):
            yield source, target, port


def _rectangles(boxes: Sequence[Box], placement: Placement) -> NDArray[np.float64]:
    sizes = np.array([size(box) for box in boxes], dtype=np.float64).reshape(-1, 2)
    corners = np.stack([placement.x, placement.y], axis=1).astype(np.float64)
    return np.concatenate([corners, corners + sizes], axis=1)


def _check_inside(placement: Placement, rectangles: NDArray[np.float64]) -> None:
    size = np.array([placement.width, placement.height])
    for points in (rectangles[:, :2], rectangles[:, 2:], placement.points, placement.chips):
        assert (points >= -SLACK).all() and (points <= size + SLACK).all()


def _check_apart(rectangles: NDArray[np.float64]) -> None:
    for node, (left, top, right, bottom) in enumerate(rectangles):
        others = rectangles[node + 1 :]
        meets = (
            (others[:, 0] < right - SLACK)
            & (others[:, 2] > left + SLACK)
            & (others[:, 1] < bottom - SLACK)
            & (others[:, 3] > top + SLACK)
        )
        assert not meets.any(), f"card {node} overlaps {node + 1 + np.flatnonzero(meets)}"


def _check_ends(
    placement: Placement, boxes: Sequence[Box], source: int, target: int, port: int, points: NDArray[np.float64]
) -> None:
    along, across = flow(placement), 1 - flow(placement)
    corners = np.stack([placement.x, placement.y], axis=1).astype(np.float64)
    leaving, entering = points[0] - corners[source], points[-1] - corners[target]
    depth, breadth = size(boxes[source])[along], size(boxes[target])[across]
    assert abs(leaving[along] - depth) < SLACK and abs(leaving[across] - boxes[source].out) < SLACK
    assert abs(entering[along]) < SLACK
    if boxes[target].ins:
        assert abs(entering[across] - boxes[target].ins[port]) < SLACK
    assert 0 < entering[across] < breadth


def _check_way(placement: Placement, points: NDArray[np.float64]) -> None:
    """Curves of four points each, one beginning where the other ends, whose controls never turn back."""
    assert len(points) >= 4 and len(points) % 3 == 1
    assert (np.diff(points[:, flow(placement)]) >= -SLACK).all()


def _check_through_nothing(
    rectangles: NDArray[np.float64], source: int, target: int, points: NDArray[np.float64]
) -> None:
    foreign = np.delete(np.arange(len(rectangles)), [source, target])
    boxes, way = rectangles[foreign], samples(points)
    inside = ((way[:, None, :] > boxes[None, :, :2] + SLACK) & (way[:, None, :] < boxes[None, :, 2:] - SLACK)).all(
        axis=2
    )
    assert not inside.any(), f"edge {source} -> {target} runs through {foreign[inside.any(axis=0)]}"


def _check_cuts(graph: Graph, placement: Placement, rectangles: NDArray[np.float64]) -> None:
    """Every source ends before its target begins, so what is before any straight cut holds all its sources."""
    starts, stops = rectangles[:, flow(placement)], rectangles[:, flow(placement) + 2]
    for source, target, _ in _edges(graph):
        assert stops[source] <= starts[target] + SLACK, f"a cut can part {target} from its source {source}"


def check_chips(boxes: Sequence[Box], placement: Placement) -> None:
    """Fails where an edge's label covers a card."""
    rectangles = _rectangles(boxes, placement)
    for edge, middle in enumerate(placement.chips.astype(np.float64)):
        low, high = middle - CHIP / 2 + SLACK, middle + CHIP / 2 - SLACK
        meets = ((rectangles[:, :2] < high) & (rectangles[:, 2:] > low)).all(axis=1)
        assert not meets.any(), f"the label of edge {edge} covers card {np.flatnonzero(meets)}"


def overlapping_chips(placement: Placement) -> list[tuple[int, int]]:
    """Pairs of edges whose labels cover each other."""
    middles = placement.chips.astype(np.float64)
    near = (np.abs(middles[:, None] - middles[None]) < CHIP - SLACK).all(axis=2)
    return [(int(one), int(other)) for one, other in np.argwhere(near) if one < other]
