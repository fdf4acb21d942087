"""Many leaves of one node: as single cards they would make a row that nobody overlooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.graph import LEAVES, Graph

MANY = 8
"""So many leaves of one node are a group."""


def gathered(graph: Graph, places: Sequence[str]) -> Iterator[tuple[int, str, Sequence[int]]]:
    """A node, a place, and the leaves there that only this node uses, where they are many. A leaf that is a result of
    the graph is none of them. ``places`` says where each node is.
    """
    found: dict[tuple[int, str], list[int]] = {}
    for index, slots in enumerate(graph.consumers):
        if graph.ops[index] in LEAVES and slots and index not in graph.outputs:
            target, _ = slots[0]
            if all(other == target for other, _ in slots):
                found.setdefault((target, places[index]), []).append(index)
    return ((target, place, leaves) for (target, place), leaves in found.items() if len(leaves) >= MANY)


def plural(graph: Graph, leaves: Sequence[int]) -> str:
    """``parameters``; ``leaves`` where they are of several kinds."""
    kinds = {graph.ops[index] for index in leaves}
    return f"{kinds.pop()}s" if len(kinds) == 1 else "leaves"
