"""Graphviz's dot, in process: it decides the ranks, and the order within each of them. The rest is ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from threading import Lock

import pygraphviz

from explorer.layout.grid import Grid, ends
from explorer.layout.level import BORDER, Level

MOST_NODES, MOST_EDGES = 1000, 3000
"""Within these dot answers in well under half a second."""

WIRE = 1000
"""The weight of a wire: more than all that is added to choose among ways to make wires short."""

ONE_AT_A_TIME = Lock()
"""Graphviz is not safe in several threads: held around every call of it."""

_RANK = re.compile(r"\tn(\d+)\t\[[^\]]*?rank=(\d+)")
_ORDER = re.compile(r"\tn(\d+)\t\[[^\]]*?order=(\d+)")


def is_small(nodes: int, edges: int) -> bool:
    """Whether dot is quick at so many nodes and edges."""
    return nodes <= MOST_NODES and edges <= MOST_EDGES


def ranks(level: Level) -> list[int]:
    """A rank per item, from 0, -1 for items without a wire: the wires together are as short as can be.

    Where that leaves a choice, items stand early: wires weigh a little more the earlier they begin.
    """
    count, depth = len(level.items), _depths(level)
    deepest = max(depth, default=0)
    source = ["digraph{phase=1;", *_same_rank("source", range(count, count + level.entries))]
    for segment in level.segments:
        tail, head = ends(level, segment)
        weight = WIRE + deepest - (depth[tail] if tail < count else -1)
        source.append(f"n{tail}->n{head}[weight={weight}];")
    found = {int(name): int(rank) for name, rank in _RANK.findall(_draw("".join(source) + "}"))}
    used = sorted({rank for element, rank in found.items() if element < count})
    steps = {rank: step for step, rank in enumerate(used)}
    return [steps[found[item]] if item in found else -1 for item in range(count)]


def _same_rank(rank: str, elements: Sequence[int]) -> list[str]:
    return [f"{{rank={rank};{_list(elements)}}}"] if elements else []


def _depths(level: Level) -> list[int]:
    """How many items are before each at most."""
    depth = [0] * len(level.items)
    for item in level.sources_first:
        for number in level.outgoing[item]:
            head = level.segments[number].head
            if head != BORDER:
                depth[head] = max(depth[head], depth[item] + 1)
    return depth


def order(grid: Grid) -> list[list[int]]:
    """The rows of the grid, each from left to right, so that few wires cross."""
    place = {int(name): int(at) for name, at in _ORDER.findall(_draw(text(grid)))}
    return [sorted(row, key=place.__getitem__) for row in grid.rows]


def text(grid: Grid) -> str:
    """The grid as DOT: element ``e`` is ``n<e>``, and no edge spans more than one rank."""
    level = grid.level
    source = [
        'digraph{phase=2;node[shape=record,label=""];',
        *(f"n{element}{_ports(grid, element)};" for row in grid.rows for element in row),
        *(line for row in grid.rows for line in _same_rank("same", row)),
        _pinned(level.entry_order, grid.items),
        _pinned(level.exit_order, grid.items + level.entries),
        *_edges(grid),
    ]
    return "".join(source) + "}"


def _draw(source: str) -> str:
    """dot's answer. Graphviz is not thread-safe, hence the lock."""
    with ONE_AT_A_TIME:
        drawn: bytes = pygraphviz.AGraph(string=source).draw(format="dot", prog="dot")
    return drawn.decode()


def _list(elements: Sequence[int]) -> str:
    return "".join(f"n{element};" for element in elements)


def _pinned(order: Sequence[int] | None, first: int) -> str:
    """Invisible edges that keep the border's ports in order."""
    if order is None or len(order) < 2:
        return ""
    return "{edge[style=invis];" + "->".join(f"n{first + port}" for port in order) + ";}"


def _ports(grid: Grid, element: int) -> str:
    """The ports of an item as fields of a record; only their order matters."""
    if element >= grid.items:
        return ""
    item = grid.level.items[element]
    rows = [_fields(name, ports) for name, ports in (("p", item.ins), ("q", item.outs)) if len(ports) > 1]
    return f'[label="{{{"|".join(rows)}}}"]' if rows else ""


def _fields(name: str, ports: Sequence[float]) -> str:
    across = sorted(range(len(ports)), key=ports.__getitem__)
    return "{" + "|".join(f"<{name}{port}>" for port in across) + "}"


def _edges(grid: Grid) -> Iterator[str]:
    """One edge per stretch of wire, however many segments share it."""
    seen: set[str] = set()
    for segment, path in zip(grid.level.segments, grid.paths, strict=True):
        for up, down in pairwise(path):
            tail, head = _dock(grid, up, "q", segment.tail_port), _dock(grid, down, "p", segment.head_port)
            edge = f"n{up}{tail}:s->n{down}{head}:n;"
            if edge not in seen:
                seen.add(edge)
                yield edge


def _dock(grid: Grid, element: int, name: str, port: int) -> str:
    if element >= grid.items:
        return ""
    ports = grid.level.items[element].ins if name == "p" else grid.level.items[element].outs
    return f":{name}{port}" if len(ports) > 1 else ""
