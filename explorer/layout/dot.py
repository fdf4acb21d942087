"""Graphviz's dot, in process: it decides ranks, left-right order and a first x; the rest is ours."""

from __future__ import annotations

from threading import Lock

import pygraphviz

from explorer.layout.level import Item, Level, Segment, Spacing

POINTS = 72.0
"""Points per inch: dot takes sizes in inches; we let one point be one CSS pixel."""

_ONE_AT_A_TIME = Lock()
_CELL = '<TD FIXEDSIZE="TRUE" WIDTH="{}" HEIGHT="2"{}></TD>'
_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{}</TABLE>'


def text(level: Level, spacing: Spacing) -> str:
    """The level as DOT: item ``i`` is ``n<i>``, a segment's number is its colour, heights are all alike."""
    head = (
        f"digraph{{nodesep={spacing.item / POINTS:.4f};ranksep=.5;"
        'node[shape=box,fixedsize=true,label="",height=.33,margin=0];edge[dir=none];'
    )
    nodes = (_node(i, item) for i, item in enumerate(level.items) if level.incoming[i] or level.outgoing[i])
    edges = (_edge(level, number, segment) for number, segment in enumerate(level.segments))
    return head + "".join(nodes) + "".join(edges) + "}"


def draw(source: str) -> str:
    """dot's answer in the ``plain-ext`` format. Graphviz is not thread-safe, hence the lock."""
    with _ONE_AT_A_TIME:
        drawn: bytes = pygraphviz.AGraph(string=source).draw(format="plain-ext", prog="dot")
    return drawn.decode()


def _node(index: int, item: Item) -> str:
    # A box exactly as wide as its table is reported as too small, hence the hundredths.
    width = f"n{index}[width={(item.breadth + 0.02) / POINTS:.6f}"
    rows = [
        _ports(item.breadth, ports, name)
        for ports, name in ((item.ins, "p"), (item.outs, "q"))
        if len(ports) > 1
    ]
    return f"{width},label=<{_TABLE.format(''.join(rows))}>];" if rows else f"{width}];"


def _ports(breadth: float, ports: tuple[float, ...], name: str) -> str:
    """A table row of port cells, 2 wide, with spacers between."""
    cells, reached = [], 0
    for offset, port in sorted((round(offset), port) for port, offset in enumerate(ports)):
        start = max(reached, offset - 1)
        if start > reached:
            cells.append(_CELL.format(start - reached, ""))
        cells.append(_CELL.format(2, f' PORT="{name}{port}"'))
        reached = start + 2
    if breadth > reached + 1:
        cells.append(_CELL.format(round(breadth - reached), ""))
    return f"<TR><TD>{_TABLE.format('<TR>' + ''.join(cells) + '</TR>')}</TD></TR>"


def _edge(level: Level, number: int, segment: Segment) -> str:
    tail = f":q{segment.tail_port}" if len(level.items[segment.tail].outs) > 1 else ""
    head = f":p{segment.head_port}" if len(level.items[segment.head].ins) > 1 else ""
    return f'n{segment.tail}{tail}:s->n{segment.head}{head}:n[color="#{number:06x}"];'
