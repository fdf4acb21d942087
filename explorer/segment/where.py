"""Which segment each node of an exported graph is in, and what each segment needs from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import fx

from explorer.errors import SegmentError
from explorer.segment.cut import Segmentation
from explorer.segment.flatten import Flat, is_number, is_tensor
from explorer.segment.traced import Traced

ANYWHERE = -1
_SIZE = torch.ops.aten.sym_size.int


def places(flat: Flat, run: Traced, of: Segmentation, sent: Collection[int]) -> dict[fx.Node, int]:
    """The segment of every node. Weights, sizes and what can be had anywhere are ``ANYWHERE``, unless ``sent``.

    What a run does not record (a result of several, a copy of a result) is where its sources are.
    """
    found: dict[fx.Node, int] = {}
    for operation, node in recorded(flat, run):
        is_placed = of.units.unit[node] >= 0 or node in sent
        found[operation] = of.of[node] if is_placed else ANYWHERE
    for one in flat.graph.nodes:
        if one not in found:
            known = [found[source] for source in one.all_input_nodes]
            found[one] = ANYWHERE if is_number(one) else max(known, default=ANYWHERE)
    return found


def recorded(flat: Flat, run: Traced) -> Iterable[tuple[fx.Node, int]]:
    """The operations with the graph's nodes for them. Raises SegmentError where the two do not belong together."""
    operations = flat.operations
    for node, origin in enumerate(run.origins):
        if 0 <= origin < len(operations):
            target = run.graph.attrs.get(node, {}).get("target")
            if target != str(operations[origin].target):
                raise SegmentError(f"The run and its exported graph differ at {run.graph.ids[node]!r}. Trace it again.")
            yield operations[origin], node


@dataclass(frozen=True)
class Needs:
    """``own`` nodes are in the segment's module; ``inputs`` come from elsewhere; ``sizes`` are read off a dimension of
    a tensor that is there. ``own`` and ``inputs`` in execution order.
    """

    own: Sequence[fx.Node]
    inputs: Sequence[fx.Node]
    sizes: Mapping[fx.Node, tuple[fx.Node, int]]


def needs(
    flat: Flat, place: Mapping[fx.Node, int], segment: int, wanted: Iterable[fx.Node], given: Collection[str]
) -> Needs:
    """What a segment needs for the nodes ``wanted`` of it. ``given`` are the names of the model's inputs."""
    marked = set(wanted)
    while True:
        found, missing = _needs(flat, place, segment, set(marked), given)
        if not missing:
            return found
        marked |= missing


def _needs(
    flat: Flat, place: Mapping[fx.Node, int], segment: int, marked: set[fx.Node], given: Collection[str]
) -> tuple[Needs, set[fx.Node]]:
    """The needs, and tensors that have to be there as well, because nothing else is as long as they are."""
    own, inputs, sizes = list[fx.Node](), list[fx.Node](), list[fx.Node]()
    for node in reversed(flat.graph.nodes):
        if node not in marked or node.op == "output":
            continue
        if node.name in given or place[node] not in (segment, ANYWHERE):
            inputs.append(node)
        elif node.target is _SIZE:
            sizes.append(node)
        else:
            own.append(node)
            marked.update(node.all_input_nodes)
    there = {*own, *inputs}
    read = {size: _dimension(size, there, inputs) for size in sizes}
    missing = {size.all_input_nodes[0] for size, source in read.items() if source is None}
    kept = {size: source for size, source in read.items() if source is not None}
    return Needs(own[::-1], inputs[::-1], kept), missing


def _dimension(size: fx.Node, there: Collection[fx.Node], inputs: Sequence[fx.Node]) -> tuple[fx.Node, int] | None:
    """A dimension of a tensor that is there and as long as ``size``: that which it was taken from, or an input's."""
    source, dimension = size.args
    assert isinstance(source, fx.Node) and isinstance(dimension, int)
    if source in there:
        return source, dimension
    expected = str(size.meta["val"])
    for node in inputs:
        shape = node.meta["val"].shape if is_tensor(node) else ()
        for axis, length in enumerate(shape):
            if str(length) == expected:
                return node, axis
    return None
