"""What is in a group, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from explorer.graph import LEAVES, Graph


@dataclass(frozen=True, slots=True)
class Contents:
    """How many operations, and how many elements the parameters have that they read. In a group of leaves: none, and
    those of its own.
    """

    operations: int
    parameters: int


def contents(graph: Graph, members: Sequence[int]) -> Contents:
    """Of the nodes of a group, inner ones too."""
    operations = [index for index in members if graph.ops[index] not in LEAVES]
    read = {source for index in operations for source in graph.inputs[index]} if operations else members
    parameters = (index for index in read if graph.ops[index] == "parameter")
    return Contents(len(operations), sum(prod(graph.shapes[index]) for index in parameters))
