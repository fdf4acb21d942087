"""A way through the graph that a part of the page picks out on the canvas. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from explorer.canvas.wire import Section
from explorer.graph import Edge, Graph
from explorer.layout import Placement
from explorer.ui.session import Session
from explorer.ui.view import View

NAME = "lit"


class Lighting:
    """What Step keeps for a session: the ``edges`` that are lit, by the ids of their ends."""

    def __init__(self) -> None:
        self.edges: tuple[Edge, ...] = ()

    def sections(self, view: View, _: Placement) -> Mapping[str, Section]:
        return {NAME: of_edges(view, self.edges)}

    def on_event(self, event: Mapping[str, Any]) -> bool:
        return False


def light(session: Session, edges: tuple[Edge, ...]) -> None:
    """Light a way in Step, or with no edges put the light out."""
    lighting = session.shares.setdefault("step", Lighting())
    assert isinstance(lighting, Lighting)
    lighting.edges = edges
    session.retell()
    session.is_behind = True


def is_lit(session: Session, edges: tuple[Edge, ...]) -> bool:
    """Whether that way is the one that is lit in Step."""
    lighting = session.shares.get("step")
    return isinstance(lighting, Lighting) and bool(edges) and lighting.edges == edges


def of_edges(view: View, edges: Iterable[Edge]) -> Section:
    """The cards and edges that show these; what the graph no longer has is left out."""
    graph = view.run.graph
    there = [edge for edge in edges if _is_there(graph, edge)]
    nodes = [graph.index[id_] for edge in there for id_ in (edge.source, edge.target)]
    return _section(view, nodes, [graph.edge_number(edge) for edge in there])


def of_path(view: View, nodes: list[int]) -> Section:
    """A path by its nodes, with every edge between one and the next."""
    graph, steps = view.run.graph, set(pairwise(nodes))
    numbers = [
        number
        for target in nodes
        for number, source in enumerate(graph.inputs[target], graph.edge_starts[target])
        if (source, target) in steps
    ]
    return _section(view, nodes, numbers)


def _section(view: View, nodes: Iterable[int], numbers: list[int]) -> Section:
    """Of nodes and edges of the run, as they are drawn: inside of a closed group there is only the group."""
    if view.seen is not None:
        nodes = [view.seen.node_of[node] for node in nodes]
        numbers = list(_drawn(view, numbers))
    columns = {
        "nodes": np.array(list(dict.fromkeys(nodes)), np.uint32),
        "edges": np.array(numbers, np.uint32),
    }
    return Section({}, columns)


def _drawn(view: View, numbers: list[int]) -> Iterator[int]:
    assert view.seen is not None
    graph, node_of, drawn = view.run.graph, view.seen.node_of, view.seen.run.graph
    ends = {(node_of[graph.index[edge.source]], node_of[graph.index[edge.target]]) for edge in _edges(graph, numbers)}
    for target, ports in enumerate(drawn.inputs):
        for number, source in enumerate(ports, drawn.edge_starts[target]):
            if (source, target) in ends:
                yield number


def _edges(graph: Graph, numbers: list[int]) -> Iterator[Edge]:
    return (graph.edges[number] for number in numbers)


def _is_there(graph: Graph, edge: Edge) -> bool:
    target = graph.index.get(edge.target)
    if target is None or edge.port >= len(graph.inputs[target]):
        return False
    return graph.ids[graph.inputs[target][edge.port]] == edge.source
