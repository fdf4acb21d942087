"""What an operation of a program keeps from its forward for its backward."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

from explorer.errors import RunError
from explorer.graph import Graph
from explorer.ops import OPS
from explorer.ops.kept import Kept, Port, ask


def kept(graph: Graph, index: int) -> Kept:
    """What the backward of an operation needs. Raises RunError for one that is not of the language."""
    if graph.ops[index] not in OPS:
        raise RunError(
            f"What {graph.ids[index]!r} ({graph.ops[index]}) keeps for its backward is not known. "
            "Memory in training is planned for programs of the language."
        )
    sources = graph.inputs[index]
    return _ask(
        graph.ops[index],
        tuple(Port(tuple(graph.shapes[i]), graph.dtypes[i], graph.requires_grad[i]) for i in sources),
        tuple(sorted(graph.attrs.get(index, {}).items())),
    )


@lru_cache(maxsize=4096)
def _ask(op: str, ports: tuple[Port, ...], attrs: tuple[tuple[str, object], ...]) -> Kept:
    found = ask(partial(OPS[op].call, **dict(attrs)), ports)
    # A single exponent is kept as a plain number, which no hook sees.
    return replace(found, ports=found.ports | {1}) if op == "pow" else found
