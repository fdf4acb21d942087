"""What is written about the operations of a graph, as the browser gets it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from explorer.graph import Graph
from explorer.ops import Op
from explorer.ops.explain import Explanation, explain


def explained(graph: Graph) -> tuple[Sequence[dict[str, Any]], Sequence[int]]:
    """Every explanation that the nodes need, once, and per node its place there."""
    found = [explain(graph, index) for index in range(len(graph))]
    ops = {id(op): op for op in found}
    places = {key: place for place, key in enumerate(ops)}
    return [_written(op) for op in ops.values()], [places[id(op)] for op in found]


@lru_cache(maxsize=4096)
def _written(op: Op | Explanation) -> dict[str, Any]:
    return {
        "name": op.name,
        "label": op.label,
        "symbol": op.symbol,
        "ports": op.ports,
        "elementwise": op.elementwise,
        "formula": op.formula,
        "locals": op.locals,
        "vjp": op.vjp,
        "forwardSentence": op.forward_sentence,
        "backwardSentence": op.backward_sentence,
    }
