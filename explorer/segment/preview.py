"""What every segment holds and costs, before anything is exported: the numbers of the panel and of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from explorer.graph import Graph
from explorer.segment.attention import Attention, attentions
from explorer.segment.cost import Costs
from explorer.segment.crossing import Crossing, contents, crossings, link_bytes
from explorer.segment.cut import Segmentation
from explorer.segment.memory import Memory, memory


@dataclass(frozen=True, slots=True)
class Content:
    """One segment. ``members`` has copies; ``parameters`` counts numbers; ``received`` and ``sent`` are nodes that
    cross a link, ``given`` the inputs of the model that it reads, ``results`` what the model returns of it.

    ``flops`` and ``backward_flops`` for the batch as traced; ``cache`` in bytes for each further token, over the batch.
    """

    members: Sequence[int]
    parameters: int
    flops: float
    backward_flops: float
    memory: Memory
    cache: int
    received: tuple[int, ...]
    sent: tuple[int, ...]
    given: tuple[int, ...] = ()
    results: tuple[int, ...] = ()


@dataclass(frozen=True)
class Preview:
    """``links[k]`` are the bytes from segment k to k + 1 as traced; ``copied`` bytes of gradients that are added up
    after every training step, because several segments hold a copy of the weight.
    """

    contents: Sequence[Content]
    crossings: Sequence[Crossing]
    links: Sequence[int]
    copied: int


def preview(of: Segmentation, costs: Costs, choices: Mapping[int, str] | None = None) -> Preview:
    """All segments and what crosses between them; ``choices`` by node as ``crossings`` takes them."""
    across = crossings(of, choices)
    attending = attentions(of.graph)
    parts = [
        _content(of, costs, segment, members, across, attending) for segment, members in enumerate(contents(of, across))
    ]
    copied = sum(
        one.bytes * len(one.targets)
        for one in across
        if of.graph.kind(one.node) == "parameter" and one.way == "replicated" and of.graph.requires_grad[one.node]
    )
    return Preview(parts, across, link_bytes(of, across), copied)


def _content(
    of: Segmentation,
    costs: Costs,
    segment: int,
    members: Sequence[int],
    across: Sequence[Crossing],
    attending: Sequence[Attention],
) -> Content:
    graph, inside = of.graph, set(members)
    received = tuple(one.node for one in across if one.way == "sent" and segment in one.targets)
    sent = tuple(one.node for one in across if one.way == "sent" and one.source == segment)
    return Content(
        members,
        _parameters(graph, members),
        sum(costs.flops[node] for node in members),
        sum(costs.backward_flops[node] for node in members),
        memory(graph, costs.rehearsal, members, received, sent),
        sum(one.bytes for one in attending if one.node in inside),
        received,
        sent,
        tuple(node for node in members if graph.ops[node] == "input" and node not in received),
        tuple(node for node in dict.fromkeys(graph.outputs) if of.of[node] == segment and node not in of.units.loss),
    )


def _parameters(graph: Graph, members: Sequence[int]) -> int:
    return sum(prod(graph.shapes[node]) for node in members if graph.ops[node] == "parameter")
