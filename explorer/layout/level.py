"""One layout problem: items, and segments between their ports.

Everything between here and ``arrange`` thinks in one frame: values flow downwards, ``x`` runs across the
flow and ``y`` along it. An item is ``breadth`` wide across the flow and ``depth`` deep along it; its inputs
dock at its upper side and its outputs leave at its lower side, at the given distances from its left corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Item:
    """A thing with a place: a card."""

    breadth: float
    depth: float
    ins: tuple[float, ...]
    outs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One wire, from an output of item ``tail`` to an input of item ``head``."""

    tail: int
    tail_port: int
    head: int
    head_port: int


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances in CSS pixels: across the flow between neighbours, and along it between rows.

    A gap between rows is ``row`` deep, and grows by ``slope`` for every pixel that a wire travels sideways in
    it, up to ``row_max``. ``chip`` is the room (across, along) that a wire's label needs.
    """

    item: float
    wire: float
    wire_to_item: float
    row: float
    row_max: float
    slope: float
    margin: float
    chip: tuple[float, float]


@dataclass(frozen=True)
class Level:
    """Items and the segments between them; the segments run from lower to higher indices."""

    items: Sequence[Item]
    segments: Sequence[Segment]

    @cached_property
    def incoming(self) -> Sequence[Sequence[int]]:
        """Per item the numbers of the segments that enter it."""
        return _by_item([segment.head for segment in self.segments], len(self.items))

    @cached_property
    def outgoing(self) -> Sequence[Sequence[int]]:
        """Per item the numbers of the segments that leave it."""
        return _by_item([segment.tail for segment in self.segments], len(self.items))


def _by_item(ends: Sequence[int], count: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    for number, item in enumerate(ends):
        found[item].append(number)
    return found
