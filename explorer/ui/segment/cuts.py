"""The cuts of a graph as the user has made them, and the way back and forth through their changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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


@dataclass(frozen=True, slots=True)
class Changes:
    """The cuts before and after the present ones, nearest last."""

    past: tuple[Cuts, ...] = ()
    future: tuple[Cuts, ...] = ()

    def record(self, cuts: Cuts) -> Changes:
        """``cuts`` were present and are about to be replaced."""
        return Changes((*self.past, cuts)[-LENGTH:])

    def back(self, present: Cuts) -> tuple[Cuts, Changes]:
        """The cuts before; ``present`` itself where there are none."""
        if not self.past:
            return present, self
        return self.past[-1], Changes(self.past[:-1], (*self.future, present))

    def forth(self, present: Cuts) -> tuple[Cuts, Changes]:
        """The cuts that were gone back from; ``present`` itself where there are none."""
        if not self.future:
            return present, self
        return self.future[-1], Changes((*self.past, present), self.future[:-1])
