"""An invalid assignment made valid with the smallest change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.segment.cut import Segmentation, placed
from explorer.segment.mincut import cheapest_cut
from explorer.segment.units import Units


@dataclass(frozen=True)
class Repair:
    """``moved`` are the nodes that had to leave the segment that they were given."""

    segmentation: Segmentation
    moved: tuple[int, ...]
    why: str


def repair(taken: Units, of: Sequence[int]) -> Repair:
    """The segmentation nearest to these segments of units: fewest steps from segment to segment, over all units.

    Raises SegmentError where a segment is left without an operation.
    """
    repaired = [0] * len(taken)
    for cut in range(max(of)):
        for unit in _beyond(taken, [at > cut for at in of]):
            repaired[unit] = max(repaired[unit], cut + 1)
    moved = [unit for unit, (was, now) in enumerate(zip(of, repaired, strict=True)) if was != now]
    nodes = sorted(taken.nodes(moved))
    return Repair(placed(taken, repaired, max(of) + 1), tuple(nodes), _why(taken, nodes))


def _beyond(taken: Units, wished: Sequence[bool]) -> set[int]:
    """The units after one cut, of which the fewest are not where they were wished.

    Only those are looked at that are in a conflict: after the cut with a reader before it, or the other way round.
    """
    after = {unit for unit, wish in enumerate(wished) if wish}
    before = {unit for unit, wish in enumerate(wished) if not wish}
    conflict = sorted((taken.needed(before) & after) | (taken.dependent(after) & before))
    place = {unit: number for number, unit in enumerate(conflict)}
    kept = cheapest_cut(
        [[place[source] for source in taken.inputs[unit] if source in place] for unit in conflict],
        [float(wished[unit]) for unit in conflict],
        [float(not wished[unit]) for unit in conflict],
        [],
    )
    return {unit for unit in after if unit not in place} | {unit for unit in conflict if place[unit] not in kept}


def _why(taken: Units, moved: Sequence[int]) -> str:
    if not moved:
        return "Nothing had to move."
    ids = taken.graph.ids
    named = ", ".join(ids[node] for node in moved[:3]) + (f" and {len(moved) - 3} more" if len(moved) > 3 else "")
    return f"{named} had to change sides, because values flow one way: from each segment to later ones."
