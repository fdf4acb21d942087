"""What every segment holds and costs, before anything is exported: the numbers of the panel and of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from explorer.graph import Graph
from explorer.segment.attention import Attention, attentions
from explorer.segment.cost import Costs
from explorer.segment.crossing import Crossing, contents, crossings, link_bytes
from explorer.segment.cut import Segmentation
from explorer.segment.memory import Memory, memory

NARROW = {"float32": 4, "float16": 2, "int8": 1}
"""Bytes an element in which a link may send numbers with a fraction part."""


@dataclass(frozen=True, slots=True)
class Content:
    """One segment. ``members`` has copies; ``parameters`` counts numbers; ``received`` and ``sent`` are nodes.

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


def narrowed(of: Segmentation, crossing: Sequence[Crossing], dtype: str) -> list[int]:
    """Bytes on every link where numbers with a fraction part are sent as ``float32``, ``float16`` or ``int8``.

    For ``int8`` one scale, of four bytes, travels with each value.
    """
    graph, totals = of.graph, [0] * (of.parts - 1)
    for one in crossing:
        if one.way != "sent":
            continue
        is_float = graph.dtypes[one.node].startswith(("float", "bfloat"))
        scale = 4 if dtype == "int8" else 0
        size = prod(graph.shapes[one.node]) * NARROW[dtype] + scale if is_float else one.bytes
        for cut in range(one.source, one.targets[-1]):
            totals[cut] += size
    return totals


def per_token(of: Segmentation, crossing: Sequence[Crossing], tokens: int) -> list[int]:
    """Bytes on every link for each further token, where keys and values are cached: of what is as long as the
    ``tokens`` that were traced, one place; all of what is not.
    """
    shares = [
        replace(one, bytes=one.bytes // tokens) if tokens in of.graph.shapes[one.node] else one for one in crossing
    ]
    return link_bytes(of, shares)


def gradient_bytes(of: Segmentation, crossing: Sequence[Crossing]) -> list[int]:
    """Bytes that a training step sends back over every link: one gradient for each value that wants one."""
    wanting = [one for one in crossing if of.graph.requires_grad[one.node]]
    return link_bytes(of, wanting)


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
    )


def _parameters(graph: Graph, members: Sequence[int]) -> int:
    return sum(prod(graph.shapes[node]) for node in members if graph.ops[node] == "parameter")
