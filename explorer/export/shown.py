"""What a picture shows of a run: all of it or with groups closed, where everything is, and in which colours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from explorer.export.placing import as_picked, first_opened, groups_of, place
from explorer.layout import Box, Direction, Placement
from explorer.overlays import Overlay, Painted, overlay, paint
from explorer.passes.condense import Condensed, condense
from explorer.passes.groups import Groups
from explorer.run import Run

Opened = Collection[str] | int | None
"""The keys of the groups that are open, a depth down to which all are, or None for what is open at first."""

Coloured = Overlay | str | None
"""What nodes are coloured by: an overlay, the name of one that is made of the run, or nothing."""


@dataclass(frozen=True)
class Shown:
    """``run`` has the nodes that are drawn: those of ``whole``, or, as ``seen``, some groups closed."""

    whole: Run
    seen: Condensed | None
    boxes: Sequence[Box]
    placement: Placement
    painted: Painted | None

    @property
    def run(self) -> Run:
        return self.whole if self.seen is None else self.seen.run


def shown(run: Run, opened: Opened = None, colors: Coloured = None, direction: Direction = "lr") -> Shown:
    """Raises OverlayError where there is no such overlay of the run."""
    seen = seen_of(run, opened)
    boxes, placement = place(run.graph, seen, direction, compact=bool(run.graph.modules))
    return Shown(run, seen, boxes, placement, painted(run, seen, colors))


def seen_of(run: Run, opened: Opened = None) -> Condensed | None:
    """The run with some groups closed; None where it has no groups."""
    groups = groups_of(run.graph)
    if groups is None:
        return None
    opened = keys(groups, opened)
    return condense(run, as_picked(groups, opened), opened)


def keys(groups: Groups, opened: Opened) -> frozenset[str]:
    """The keys of the groups that are open."""
    if opened is None:
        return first_opened(groups)
    return groups.down_to(opened) if isinstance(opened, int) else frozenset(opened)


def painted(run: Run, seen: Condensed | None, colors: Coloured) -> Painted | None:
    """The overlay on what is seen; None for no overlay."""
    if not colors:
        return None
    return paint(overlay(colors, run) if isinstance(colors, str) else colors, seen)
