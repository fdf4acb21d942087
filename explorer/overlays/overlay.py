"""One number or word for every node of a graph, and what is made of it for a closed group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Datum = float | str | None
"""A number, a word of a category, or nothing known."""

Gather = Literal["sum", "largest", "same", "first"]
"""What a closed group shows: the sum or the largest number inside; the word that all inside share; the first of the
overlay's words that is inside.
"""

Ramp = Literal["value", "gradient", "amount"]
SEVERAL = "several"


@dataclass(frozen=True)
class Overlay:
    """``data`` holds a number or word per node, None where it is not known. ``unit`` is "s", "B", "FLOP" or "".

    ``ramp`` says which hue stands for numbers. ``after`` names what a stepping reader must have reached before a card
    may show it: its ``value``, its ``gradient``, or "" for what holds from the start. ``words`` are the categories in
    order, where they have one, and ``colors`` those given for words, as ``#RRGGBB``. ``of_groups`` are data that were
    given for groups, by key. ``note`` says what is assumed.
    """

    key: str
    title: str
    data: Sequence[Datum]
    unit: str = ""
    gather: Gather = "largest"
    ramp: Ramp = "amount"
    after: Literal["", "value", "gradient"] = ""
    words: Sequence[str] = ()
    colors: Mapping[str, str] = field(default_factory=dict)
    of_groups: Mapping[str, Datum] = field(default_factory=dict)
    note: str = ""

    def of_group(self, key: str, members: Sequence[int]) -> Datum:
        """What a closed group shows; ``members`` are the nodes inside."""
        if key in self.of_groups:
            return self.of_groups[key]
        known = [self.data[member] for member in members if self.data[member] is not None]
        words = [datum for datum in known if isinstance(datum, str)]
        numbers = [datum for datum in known if isinstance(datum, float)]
        if words:
            return self._word(set(words))
        return (sum(numbers) if self.gather == "sum" else _largest(numbers)) if numbers else None

    def _word(self, words: set[str]) -> str:
        if self.gather == "first":
            return next(word for word in self.words if word in words)
        return next(iter(words)) if len(words) == 1 else SEVERAL

    @property
    def about_groups(self) -> str:
        """What a closed group shows, in words."""
        return {
            "sum": "closed groups: the sum inside",
            "largest": "closed groups: the largest inside",
            "same": "closed groups: what all inside share",
            "first": "closed groups: the worst inside",
        }[self.gather]


def _largest(numbers: Sequence[float]) -> float:
    """By size; one that is not a number counts as larger than all others."""
    return max(numbers, key=lambda number: (number != number, abs(number)))
