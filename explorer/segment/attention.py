"""Where a graph attends, and what generating token by token would have to remember there: keys and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from explorer.graph import Graph
from explorer.segment.flops import ATTENTION
from explorer.segment.sizes import item_bytes

_LAYOUT = frozenset({
    "view", "reshape", "expand", "transpose", "permute", "clone", "contiguous", "unsqueeze", "squeeze", "to", "slice",
    "repeat_interleave", "flatten", "unflatten", "detach", "alias", "broadcast_to", "repeat", "split", "getitem",
})  # fmt: skip
"""Operations that leave the numbers as they are; some repeat them, as grouped queries need it."""

_SCORES = _LAYOUT | {"div", "mul", "add", "sub", "masked_fill", "where", "maximum", "dropout", "clip", "tanh"}
"""What may stand between the product of queries and keys and its softmax, and between that and the values."""

_MASKS = frozenset({"add", "sub", "masked_fill", "where", "maximum"})


@dataclass(frozen=True, slots=True)
class Attention:
    """``node`` weighs the values of ``value`` by the similarity of ``query`` and ``key`` (all nodes).

    ``tokens`` is how many it looks at. ``cached`` are the nodes whose values a cache holds, ``bytes`` of them for each
    token, over the batch. Both are empty where nothing is added to the scores, neither mask nor bias: then every token
    sees all others, and nothing can be cached.
    """

    node: int
    query: int
    key: int
    value: int
    tokens: int
    cached: tuple[int, ...]
    bytes: int


def attentions(graph: Graph) -> list[Attention]:
    """Every attention, be it one operation or products around a softmax."""
    return [*_whole(graph), *_in_parts(graph)]


def _whole(graph: Graph) -> Iterator[Attention]:
    for node, op in enumerate(graph.ops):
        if op in ATTENTION:
            query, key, value, *mask = graph.inputs[node]
            masked = bool(mask) or bool(graph.attrs.get(node, {}).get("is_causal", False))
            yield _attention(graph, node, query, key, value, graph.shapes[key][-2], masked)


def _in_parts(graph: Graph) -> Iterator[Attention]:
    for softmax, op in enumerate(graph.ops):
        if op != "softmax":
            continue
        scores, masked = _scores(graph, softmax)
        product = _reader(graph, softmax)
        if scores is not None and product is not None:
            query, key = graph.inputs[scores][-2:]
            value = graph.inputs[product][1]
            yield _attention(graph, product, query, key, value, graph.shapes[softmax][-1], masked)


def _scores(graph: Graph, softmax: int) -> tuple[int | None, bool]:
    """The product that the scores come from, and whether a mask came between."""
    node, masked = graph.inputs[softmax][0], False
    while graph.ops[node] != "matmul":
        name = graph.ops[node].partition(".")[0]
        as_large = [s for s in graph.inputs[node] if prod(graph.shapes[s]) == prod(graph.shapes[softmax])]
        if name not in _SCORES or not as_large:
            return (node, masked) if name == "baddbmm" else (None, masked)
        masked |= name in _MASKS and len(graph.inputs[node]) > 1
        node = as_large[0]
    return node, masked


def _reader(graph: Graph, softmax: int) -> int | None:
    """The product that weighs the values."""
    node = softmax
    while True:
        readers = [(target, port) for target, port in graph.consumers[node] if port == 0]
        if not readers:
            return None
        node = readers[0][0]
        if graph.ops[node] == "matmul":
            return node
        if graph.ops[node].partition(".")[0] not in _SCORES:
            return None


def _attention(graph: Graph, node: int, query: int, key: int, value: int, tokens: int, masked: bool) -> Attention:
    cached = (_origin(graph, key), _origin(graph, value)) if masked else ()
    sizes = (prod(graph.shapes[one]) * item_bytes(graph.dtypes[one]) for one in cached)
    return Attention(node, query, key, value, tokens, cached, sum(sizes) // tokens if cached else 0)


def _origin(graph: Graph, node: int) -> int:
    """Back through what only arranges or repeats numbers, to where there are fewest of them."""
    least = node
    while graph.ops[node] in _LAYOUT:
        node = graph.inputs[node][0]
        if not graph.dtypes[node] or prod(graph.shapes[node]) > prod(graph.shapes[least]):
            break
        least = node
    return least
