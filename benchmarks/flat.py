"""Crossings of edges as they are drawn: counted on the curves of ours, and on those of dot with groups and without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pygraphviz
from numpy.typing import NDArray

from explorer.export.cards import box
from explorer.graph import Graph
from explorer.layout import arrange_nested

CHORDS = 6
"""So many straight pieces stand for one Bézier curve."""

Route = NDArray[np.float64]


class Crossings(NamedTuple):
    """``pairs`` of edges that cross, and crossings that are ``seen``, where what several edges share is one line."""

    pairs: int
    seen: int


def nested_crossings(graph: Graph) -> Crossings:
    """With all groups of ``graph`` open, as the canvas draws it."""
    boxes = [box(graph, index, "tb") for index in range(len(graph))]
    placed = arrange_nested(graph, boxes, lambda name: 34 + 8.0 * len(name), "tb")
    points = placed.points.astype(np.float64)
    routes = (points[start:stop] for start, stop in zip(placed.starts[:-1], placed.starts[1:], strict=True))
    edges = [(source, target) for target, ports in enumerate(graph.inputs) for source in ports]
    return crossings(edges, routes)


def flat_crossings(graph: Graph) -> Crossings:
    """As dot alone places and routes it, in boxes of the same size."""
    return _drawn_by_dot(graph, "")


def clustered_crossings(graph: Graph) -> Crossings:
    """The same with every group as a cluster of dot's, which keeps it together in a box of its own."""
    clusters: dict[tuple[str, ...], list[str]] = {(): []}
    for node, scope in enumerate(graph.scopes):
        for depth in range(len(scope) + 1):
            clusters.setdefault(scope[:depth], [])
        clusters[scope].append(f"n{node};")
    for number, scope in enumerate(sorted(clusters, key=len, reverse=True)):
        if scope:
            clusters[scope[:-1]].append(f"subgraph cluster{number}{{{''.join(clusters[scope])}}}")
    return _drawn_by_dot(graph, "".join(clusters[()]))


def _drawn_by_dot(graph: Graph, clusters: str) -> Crossings:
    head = 'digraph{node[shape=box,fixedsize=true,width=2.1,height=1,label=""];edge[dir=none];'
    edges = dict.fromkeys((source, target) for target, ports in enumerate(graph.inputs) for source in ports)
    lines = [head, clusters, *(f"n{source}->n{target};" for source, target in edges), "}"]
    drawn = pygraphviz.AGraph(string="".join(lines)).draw(format="plain", prog="dot").decode()
    found = re.findall(r"^edge n(\d+) n(\d+) \d+ ((?:[-\d.e]+ )+)", drawn, re.MULTILINE)
    ends = [(int(tail), int(head)) for tail, head, _ in found]
    return crossings(ends, [np.array(numbers.split(), float).reshape(-1, 2) for *_, numbers in found])


def crossings(ends: Sequence[tuple[int, int]], routes: Iterable[Route]) -> Crossings:
    """Of edges without a common end, each crossing counted once."""
    pieces = [_straightened(route) for route in routes]
    starts = np.concatenate([piece[:-1] for piece in pieces])
    stops = np.concatenate([piece[1:] for piece in pieces])
    edge = np.repeat(np.arange(len(pieces)), [len(piece) - 1 for piece in pieces])
    order = np.argsort(np.minimum(starts[:, 1], stops[:, 1]))
    starts, stops, edge = starts[order], stops[order], edge[order]
    low, high = np.minimum(starts, stops), np.maximum(starts, stops)
    tail, head = np.array(ends).T
    line = _lines(tail[edge], starts, stops)
    found: set[tuple[int, int]] = set()
    seen: set[tuple[int, int]] = set()
    for at in range(len(edge)):
        until = int(np.searchsorted(low[:, 1], high[at, 1], side="left"))
        near = np.arange(at + 1, until)
        near = near[(low[near, 0] < high[at, 0]) & (high[near, 0] > low[at, 0])]
        near = near[_cross(starts[at], stops[at], starts[near], stops[near])]
        one, others = edge[at], edge[near]
        apart = (
            (tail[others] != tail[one])
            & (head[others] != head[one])
            & (tail[others] != head[one])
            & (head[others] != tail[one])
        )
        found.update((min(one, other), max(one, other)) for other in others[apart].tolist())
        seen.update((min(line[at], other), max(line[at], other)) for other in line[near[apart]].tolist())
    return Crossings(len(found), len(seen))


def _lines(tail: NDArray[np.int64], starts: Route, stops: Route) -> NDArray[np.intp]:
    """Equal numbers for pieces of one value that lie on each other."""
    pieces = np.round(np.column_stack([tail, starts, stops]), 2)
    numbers: NDArray[np.intp] = np.unique(pieces, axis=0, return_inverse=True)[1].reshape(-1)
    return numbers


def _straightened(route: Route) -> Route:
    t = np.linspace(0, 1, CHORDS + 1)[1:, None]
    pieces = [route[:1]]
    for at in range(0, len(route) - 3, 3):
        a, b, c, d = route[at : at + 4]
        pieces.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return np.concatenate(pieces)


def _cross(a: Route, b: Route, c: Route, d: Route) -> NDArray[np.bool_]:
    """Whether the piece from ``a`` to ``b`` crosses those from ``c`` to ``d`` in their insides."""

    def side(p: Route, q: Route, r: Route) -> NDArray[np.float64]:
        turned: NDArray[np.float64] = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (
            r[..., 0] - p[..., 0]
        )
        return turned

    crossed: NDArray[np.bool_] = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
    return crossed
