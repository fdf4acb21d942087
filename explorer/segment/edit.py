"""What hands do to a segmentation: add a cut, drag it, remove it, send a node to the other side.

Each edit gives another segmentation or raises SegmentError; the one before it stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from explorer.errors import SegmentError
from explorer.segment.cut import MOST, Segmentation, placed


@dataclass(frozen=True)
class Move:
    """``moved`` are the nodes that changed their segment because of ``node``, itself first."""

    segmentation: Segmentation
    node: int
    moved: tuple[int, ...]


def add_cut(to: Segmentation, before: Collection[int]) -> Segmentation:
    """Divides the segment that ``before`` ends in: its units of ``before`` and all that they need stay ahead.

    Raises SegmentError where that leaves one side without an operation.
    """
    ahead = to.units.needed(before)
    segment = max([to.of_units[unit] for unit in ahead], default=0)
    if to.parts == MOST:
        raise SegmentError(f"{MOST} segments are the most. Remove a cut first.")
    of = [at + (at > segment or (at == segment and unit not in ahead)) for unit, at in enumerate(to.of_units)]
    return placed(to.units, of, to.parts + 1)


def drag_cut(to: Segmentation, cut: int, before: Collection[int]) -> Segmentation:
    """The cut somewhere else, between its neighbours: ``before`` and all that it needs are ahead of it."""
    _check_cut(to, cut)
    ahead = to.units.needed(before)
    side = [cut if unit in ahead else cut + 1 for unit in range(len(to.units))]
    of = [new if cut <= at <= cut + 1 else at for at, new in zip(to.of_units, side, strict=True)]
    return placed(to.units, of, to.parts)


def remove_cut(to: Segmentation, cut: int) -> Segmentation:
    """The two segments at the cut become one."""
    _check_cut(to, cut)
    return placed(to.units, [at - (at > cut) for at in to.of_units])


def move(to: Segmentation, node: int, segment: int) -> Move:
    """Puts ``node`` into another segment, and with it what must follow along.

    Forward, that is all that is computed from it and would be left behind; backward, all that it is computed from.
    Raises SegmentError for a node that is not placed by hand and where a segment would be left empty.
    """
    unit = to.units.unit[node]
    if unit < 0:
        raise SegmentError(f"{to.graph.ids[node]!r} can be had anywhere and follows what reads it. Move that instead.")
    after = send(to, [unit], segment)
    changed = [other for other, (was, now) in enumerate(zip(to.of, after.of, strict=True)) if was != now]
    return Move(after, node, tuple(sorted(changed, key=lambda other: other != node)))


def send(to: Segmentation, units: Collection[int], segment: int) -> Segmentation:
    """The same for several units at once, such as those of a group; raises what ``move`` raises."""
    if not 0 <= segment < to.parts:
        raise SegmentError(f"There is no segment {segment}: there are {to.parts}, counted from 0.")
    of = list(to.of_units)
    for follower in to.units.dependent([unit for unit in units if of[unit] < segment]):
        of[follower] = max(of[follower], segment)
    for follower in to.units.needed([unit for unit in units if of[unit] >= segment]):
        of[follower] = min(of[follower], segment)
    return placed(to.units, of, to.parts)


def _check_cut(to: Segmentation, cut: int) -> None:
    if not 0 <= cut < to.parts - 1:
        raise SegmentError(f"There is no cut {cut}: there are {to.parts - 1}, counted from 0.")
