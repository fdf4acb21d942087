"""What the canvas gets of the cuts: what they are, and all that it needs to drag one without asking.

``item``            i4 per drawn node: the item that it shows (of), or -1; see ``segment.items``
``at, flops``       f8 per item: its place along the flow, its arithmetic
``bytes``           f8 per drawn node, of its value
``first, last``     u1 per drawn node: its segments, which are two where a cut goes through a closed group
``passing…``        per value that passes between items; ``Number`` is that of ``edges.value``, or -1
``held…``           per thing that every side which reads it holds for itself
``profile…``        bytes between two places along the flow; ``waists`` are numbers of such gaps
``moment…``         operations, and the pieces of memory that they touch: see ``live.Moments``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.canvas.wire import Section
from explorer.export.cards import box
from explorer.graph import Edge
from explorer.layout import Placement
from explorer.segment.cost import Costs
from explorer.segment.cut import MOST, Segmentation, letter
from explorer.segment.items import Items, items
from explorer.segment.live import Table, live, moments
from explorer.segment.preview import Preview
from explorer.segment.sizes import value_bytes
from explorer.ui.view import View


@dataclass(frozen=True)
class Picture:
    """A view as it is cut: its items, and the columns that do not depend on where the cuts are."""

    view: View
    items: Items
    columns: Mapping[str, NDArray[Any]]

    def original(self, drawn: int) -> int:
        """The node of the graph that a drawn one shows."""
        return self.view.seen.shows[drawn] if self.view.seen else drawn

    def edges(self, number: int) -> list[Edge]:
        """The edges of the graph that a drawn one stands for."""
        graph, drawn, run = self.items.taken.graph, self.view.shown.graph, self.view.shown
        target = next(t for t in range(len(drawn)) if drawn.edge_starts[t] <= number < drawn.edge_starts[t + 1])
        carried = run.carried[number]
        source = carried if self.view.seen is None else _value(self.view, carried)
        return [
            Edge(graph.ids[source], graph.ids[reader], port)
            for reader, port in graph.consumers[source]
            if self.node_of(reader) == target
        ]

    def drawn_edges(self, edges: Sequence[Edge]) -> list[int]:
        """The numbers of the drawn edges that stand for edges of the graph."""
        graph, run = self.items.taken.graph, self.view.shown
        wanted = {(graph.index[edge.source], self.node_of(graph.index[edge.target])) for edge in edges}
        numbers = []
        for target, ports in enumerate(run.graph.inputs):
            for number in range(run.graph.edge_starts[target], run.graph.edge_starts[target] + len(ports)):
                carried = run.carried[number]
                source = carried if self.view.seen is None else _value(self.view, carried)
                if (source, target) in wanted:
                    numbers.append(number)
        return numbers

    def node_of(self, node: int) -> int:
        """The drawn node that shows a node of the graph."""
        return self.view.seen.node_of[node] if self.view.seen else node


def picture(view: View, placement: Placement, of: Segmentation, known: Costs, choices: Mapping[int, str]) -> Picture:
    """How a view is cut, with the choices made."""
    drawn, is_down = view.shown.graph, placement.direction == "tb"
    node_of: Sequence[int] = view.seen.node_of if view.seen else range(len(drawn))
    boxes = [box(drawn, node, placement.direction) for node in range(len(drawn))]
    starts = placement.y if is_down else placement.x
    middles = [
        float(start) + (one.height if is_down else one.width) / 2 for start, one in zip(starts, boxes, strict=True)
    ]
    found = items(of.units, node_of, middles)
    return Picture(view, found, _columns(view, found, known, choices))


def section(shown: Picture, of: Segmentation, holds: Preview, names: Sequence[str], **more: Any) -> Section:
    """The cuts on a picture; ``more`` goes into the header as it is."""
    sent = [one for one in holds.crossings if one.way == "sent"]
    cuts = [
        {"name": name, "bytes": holds.links[k], "tensors": sum(one.source <= k < one.targets[-1] for one in sent)}
        for k, name in enumerate(names)
    ]
    segments = [
        {
            "letter": letter(k),
            "parameters": content.parameters,
            "flops": content.flops,
            "memory": content.memory.weights + content.memory.inference,
        }
        for k, content in enumerate(holds.contents)
    ]
    return Section(
        {"most": MOST, "cuts": cuts, "segments": segments, "ways": _ways(shown, holds), **more},
        {**shown.columns, **_spans(shown, of)},
    )


def _ways(shown: Picture, holds: Preview) -> list[dict[str, Any]]:
    """What crosses and is no computed value, where it is drawn."""
    graph, numbers = shown.items.taken.graph, _numbers(shown.view)
    return [
        {"number": numbers[one.node], "way": one.way, "why": one.why, "first": one.source, "last": one.targets[-1]}
        for one in holds.crossings
        if one.node in numbers and (len(one.ways) > 1 or graph.kind(one.node) != "op")
    ]


def _value(view: View, carried: int) -> int:
    """The node of the graph whose value has this number among the edges' values."""
    assert view.seen is not None
    count = len(view.seen.shows)
    return view.seen.shows[carried] if carried < count else view.seen.hidden[carried - count]


def _spans(shown: Picture, of: Segmentation) -> dict[str, NDArray[Any]]:
    count = len(shown.view.shown.graph)
    first, last = [of.parts] * count, [-1] * count
    for node, item in enumerate(shown.items.of_node):
        if item >= 0:
            drawn = shown.node_of(node)
            first[drawn], last[drawn] = min(first[drawn], of.of[node]), max(last[drawn], of.of[node])
    for drawn in range(count):
        if last[drawn] < 0:
            first[drawn] = last[drawn] = of.of[shown.original(drawn)]
    return {"first": np.array(first, np.uint8), "last": np.array(last, np.uint8)}


def _columns(view: View, found: Items, known: Costs, choices: Mapping[int, str]) -> dict[str, NDArray[Any]]:
    parts = live(found, known, choices)
    profile, run = parts.profile(), moments(parts, known)
    graph, numbers = found.taken.graph, _numbers(view)
    return {
        "item": np.array(found.of_drawn, np.int32),
        "bytes": np.array([value_bytes(view.shown.graph, node) for node in range(len(view.shown.graph))], np.float64),
        "at": np.array(found.at, np.float64),
        "flops": np.array(parts.flops, np.float64),
        "passingNumber": np.array([numbers.get(one.node, -1) for one in parts.passing], np.int32),
        "passingOwner": np.array([one.owner for one in parts.passing], np.int32),
        "passingBytes": np.array([one.bytes for one in parts.passing], np.float64),
        "passingIsInput": np.array([graph.ops[one.node] == "input" for one in parts.passing], np.uint8),
        "passingSent": np.array([one.is_sent for one in parts.passing], np.uint8),
        **_table("passing", [one.readers for one in parts.passing]),
        "heldNumbers": np.array([one.numbers for one in parts.held], np.float64),
        "heldBytes": np.array([one.bytes for one in parts.held], np.float64),
        "heldFlops": np.array([one.flops for one in parts.held], np.float64),
        **_table("held", [one.readers for one in parts.held]),
        "profileAt": np.array(profile.heights, np.float64),
        "profileBytes": np.array(profile.bytes, np.float64),
        "waists": np.array(profile.waists(), np.uint32),
        "momentItem": np.array(run.item, np.int32),
        "pieceBytes": np.array(run.sizes, np.float64),
        "results": np.array(run.results, np.int32).reshape(-1),
        **_rows("momentCopies", run.copies),
        **_rows("momentTouches", run.touches),
        **_rows("passingLives", run.lives),
    }


def _numbers(view: View) -> Mapping[int, int]:
    """By node of the graph the number of its value among the edges' values."""
    if view.seen is None:
        return {node: node for node in range(len(view.shown.graph))}
    originals = [*view.seen.shows, *view.seen.hidden]
    return {original: number for number, original in reversed(list(enumerate(originals)))}


def _table(name: str, rows: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
    starts = np.cumsum([0, *map(len, rows)], dtype=np.uint32)
    return {f"{name}Starts": starts, f"{name}Readers": np.array([e for row in rows for e in row], np.int32)}


def _rows(name: str, rows: Table) -> dict[str, NDArray[Any]]:
    return {f"{name}Starts": np.array(rows.starts, np.uint32), name: np.array(rows.entries, np.int32)}
