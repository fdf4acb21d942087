"""How many bytes a cut would send at every height of the picture, so that the thin waists are seen.

 bytes
┌────────────┐
│      ┌─────┘   0  embedding
│      └────────┐
│   ┌───────────┘   1  attention
│   └──┐
│      │         2  sum: a waist
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from explorer.segment.units import Units
from explorer.segment.values import values


@dataclass(frozen=True)
class Profile:
    """``bytes[i]`` cross a cut between the heights ``heights[i]`` and ``heights[i + 1]``."""

    heights: Sequence[float]
    bytes: Sequence[int]

    def waists(self) -> list[int]:
        """The places where fewer bytes cross than on either side; of several equal ones in a row, the middle one."""
        found, start = [], 0
        for place in range(1, len(self.bytes) + 1):
            if place < len(self.bytes) and self.bytes[place] == self.bytes[start]:
                continue
            falls = start == 0 or self.bytes[start - 1] > self.bytes[start]
            rises = place == len(self.bytes) or self.bytes[place] > self.bytes[start]
            if falls and rises:
                found.append((start + place - 1) // 2)
            start = place
        return found

    def at(self, height: float) -> int:
        """Bytes across a cut at ``height``; 0 outside the picture."""
        place = bisect_left(self.heights, height) - 1
        return self.bytes[place] if 0 <= place < len(self.bytes) else 0


def profile(taken: Units, heights: Sequence[float] | None = None) -> Profile:
    """The bytes that cross at every height, each value once, from where it is made to where it is read last.

    ``heights`` are those of all nodes, such that what reads a value lies further along; the order of the units
    when not given. A unit of several nodes is where the last of them is.
    """
    levels, spans = _levels(taken, heights), []
    for value in values(taken):
        ends = [levels[reader] for reader in value.readers]
        start = levels[value.owner] if value.owner >= 0 else min(ends)
        spans.append((start, max(start, *ends), value.bytes))
    return levels_crossed(levels, spans)


def levels_crossed(levels: Iterable[float], spans: Iterable[tuple[float, float, int]]) -> Profile:
    """The bytes between levels that follow each other, from values as (from, to, bytes); one may go on behind all."""
    steps = sorted(set(levels))
    change = [0] * (len(steps) + 1)
    for start, end, size in spans:
        change[bisect_left(steps, start)] += size
        change[bisect_left(steps, end)] -= size
    return Profile(steps, list(accumulate(change))[: len(steps) - 1])


def below(taken: Units, heights: Sequence[float], height: float) -> set[int]:
    """The units that a line at ``height`` leaves ahead of the cut."""
    return {unit for unit, level in enumerate(_levels(taken, heights)) if level <= height}


def _levels(taken: Units, heights: Sequence[float] | None) -> list[float]:
    if heights is None:
        return [float(unit) for unit in range(len(taken))]
    return [max(heights[node] for node in members) for members in taken.members]
