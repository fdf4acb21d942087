"""The cuts of a graph as the user has made them, and the way back and forth through their changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from explorer.segment.cut import Segmentation

LENGTH = 200
"""So many changes are kept."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """``names`` of the cuts, "" for one without; ``choices`` by node how its value crosses, see ``crossing``."""

    segmentation: Segmentation
    names: tuple[str, ...] = ()
    choices: Mapping[int, str] = field(default_factory=dict)

    def placed(self, segmentation: Segmentation, names: tuple[str, ...] | None = None) -> Cuts:
        """The same with the cuts elsewhere. Without ``names`` each keeps its own, and further ones have none."""
        kept = self.names if names is None else names
        count = segmentation.parts - 1
        return replace(self, segmentation=segmentation, names=(*kept, *[""] * count)[:count])


class Change(NamedTuple):
    """What to go to, across a change that was made when the document had ``edits`` behind it."""

    edits: int
    cuts: Cuts


@dataclass(frozen=True, slots=True)
class Changes:
    """The cuts before and after the present ones, nearest last."""

    past: tuple[Change, ...] = ()
    future: tuple[Change, ...] = ()

    def record(self, cuts: Cuts, edits: int) -> Changes:
        """``cuts`` were present and are about to be replaced."""
        return Changes((*self.past, Change(edits, cuts))[-LENGTH:])

    def back(self, present: Cuts) -> tuple[Cuts, Changes]:
        """The cuts before; ``present`` itself where there are none."""
        if not self.past:
            return present, self
        edits, cuts = self.past[-1]
        return cuts, Changes(self.past[:-1], (*self.future, Change(edits, present)))

    def forth(self, present: Cuts) -> tuple[Cuts, Changes]:
        """The cuts that were gone back from; ``present`` itself where there are none."""
        if not self.future:
            return present, self
        edits, cuts = self.future[-1]
        return cuts, Changes((*self.past, Change(edits, present)), self.future[:-1])

    def carried(self, carry: Callable[[Cuts], Cuts]) -> Changes:
        """The same for another run of the same graph."""
        past, future = (
            tuple(Change(edits, carry(cuts)) for edits, cuts in stack) for stack in (self.past, self.future)
        )
        return Changes(past, future)
