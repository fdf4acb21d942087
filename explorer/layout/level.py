"""One layout problem: items, segments between their ports, and a border with ports of its own.

Everything between here and the two entrances thinks in one frame: values flow downwards, ``x`` runs across the
flow and ``y`` along it. An item is ``breadth`` wide across the flow and ``depth`` deep along it; its inputs
dock at its upper side and its outputs leave at its lower side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

PLACING = "Laying it out"
"""What is told while a layout is made, often enough that whoever listens can end it."""

BORDER = -1
"""As the tail of a segment: it comes from an entry. As its head: it goes to an exit."""


class Item(NamedTuple):
    """A thing with a place: a card, or a group as one box.

    ``ins`` and ``outs`` are the distances of its ports from its left corner; where they are empty, the layout
    chooses them. ``is_open`` says that wires go on inside, straight from the ports.
    """

    breadth: float
    depth: float
    ins: tuple[float, ...] = ()
    outs: tuple[float, ...] = ()
    is_open: bool = False

    @property
    def spine(self) -> float:
        """Where the one output leaves, else the middle: inputs that are free dock about there, so that a line of
        such items runs straight on."""
        return self.outs[0] if len(self.outs) == 1 else self.breadth / 2


class Segment(NamedTuple):
    """One wire, from output ``tail_port`` of item ``tail`` to input ``head_port`` of item ``head``."""

    tail: int
    tail_port: int
    head: int
    head_port: int


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances in CSS pixels: across the flow between neighbours, and along it between rows.

    A gap between rows is ``row`` deep (``port_row`` next to the border's ports), and grows by ``slope`` for every
    pixel that a wire travels sideways in it, up to ``row_max``. ``chip`` is the room (across, along) that a
    wire's label needs.
    """

    item: float
    wire: float
    wire_to_item: float
    row: float
    port_row: float
    row_max: float
    slope: float
    chip: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Margins:
    """What a border keeps free inside: ``pad`` all around, and a strip for a title.

    The strip lies ``before`` the first row, where wires cross it and the ``title`` of that length stands between
    them; or ``beside`` the rows, along which the title runs.
    """

    pad: float
    before: float = 0.0
    beside: float = 0.0
    title: float = 0.0


@dataclass(frozen=True)
class Level:
    """Items and the segments between them, which form no circle.

    ``entries`` and ``exits`` count the ports of the border; ``entry_order`` and ``exit_order`` give them from
    left to right where that is decided already.
    """

    items: tuple[Item, ...]
    segments: tuple[Segment, ...]
    spacing: Spacing
    margins: Margins
    entries: int = 0
    exits: int = 0
    entry_order: tuple[int, ...] | None = None
    exit_order: tuple[int, ...] | None = None

    @cached_property
    def incoming(self) -> Sequence[Sequence[int]]:
        """Per item the numbers of the segments that enter it."""
        return _by_item([segment.head for segment in self.segments], len(self.items))

    @cached_property
    def outgoing(self) -> Sequence[Sequence[int]]:
        """Per item the numbers of the segments that leave it."""
        return _by_item([segment.tail for segment in self.segments], len(self.items))

    @cached_property
    def sources_first(self) -> Sequence[int]:
        """All items, each after those that wires come from."""
        missing = [0] * len(self.items)
        for segment in self.segments:
            if BORDER not in (segment.tail, segment.head):
                missing[segment.head] += 1
        order = [item for item, count in enumerate(missing) if not count]
        for item in order:
            for number in self.outgoing[item]:
                head = self.segments[number].head
                if head != BORDER:
                    missing[head] -= 1
                    if not missing[head]:
                        order.append(head)
        return order


def _by_item(ends: Sequence[int], count: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    for number, item in enumerate(ends):
        if item != BORDER:
            found[item].append(number)
    return found
