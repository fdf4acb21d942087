"""Why a cut lies where it does: what would be if it lay one operation earlier, or one later."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.segment.cut import Segmentation, letter
from explorer.segment.partition.work import Place, Work
from explorer.segment.wording import size, time

_MOST_STEPS = 40
"""Operations that are passed at most, on the way to one that changes something."""


def because(of: Segmentation, work: Work, places: Sequence[Place], objective: str) -> tuple[str, ...]:
    """A reason for each cut."""
    row = _Row(of, work, places)
    return tuple(row.reason(cut, objective) for cut in range(of.parts - 1))


class _Row:
    """Segments in a row, each on its device."""

    def __init__(self, of: Segmentation, work: Work, places: Sequence[Place]) -> None:
        self.segmentation, self.work, self.places = of, work, places
        self.of = list(of.of_units)

    def reason(self, cut: int, objective: str) -> str:
        """What moving it would cost: time on the busier side, or bytes on the link."""
        parts = [part for part in (self._moved(cut, later, objective) for later in (False, True)) if part]
        if not parts:
            return "Cut here because no operation can change sides alone."
        return f"Cut here because {'; '.join(parts)}."

    def _moved(self, cut: int, later: bool, objective: str) -> str:
        """The nearest place on one side where something would be different, and what."""
        now, of, name = self._worth(self.of, cut, objective), list(self.of), ""
        for _ in range(_MOST_STEPS):
            unit = self._next(of, cut, later)
            if unit is None:
                return ""
            of[unit] = cut if later else cut + 1
            name = name or self.segmentation.graph.ids[self.segmentation.units.members[unit][0]]
            told = _said(cut, now, self._worth(of, cut, objective))
            if told:
                return f"with {name} {'ahead of' if later else 'behind'} it {told}"
        return ""

    def _next(self, of: Sequence[int], cut: int, later: bool) -> int | None:
        """The operation nearest to the cut that can pass it, without leaving its segment empty."""
        side, units = (cut + 1 if later else cut), self.segmentation.units
        here = [unit for unit, at in enumerate(of) if at == side]
        if len(here) < 2:
            return None
        across = units.inputs if later else units.readers
        free = (
            unit
            for unit in (here if later else reversed(here))
            if all(of[other] <= cut if later else of[other] > cut for other in across[unit])
        )
        return next(free, None)

    def _worth(self, of: Sequence[int], cut: int, objective: str) -> tuple[float, float]:
        """Seconds of the slower of the two sides, and bytes over the link between them."""
        busy = [
            sum(self.places[side].seconds[unit] for unit, at in enumerate(of) if at == side) for side in (cut, cut + 1)
        ]
        bytes = self._sent(of)[cut]
        return sum(busy) if objective == "latency" else max(busy), bytes

    def _sent(self, of: Sequence[int]) -> list[float]:
        totals = [0.0] * (self.segmentation.parts - 1)
        for owner, readers, bytes in self.work.handed:
            first = of[owner] if owner >= 0 else min(of[reader] for reader in readers)
            for cut in range(first, max((of[reader] for reader in readers), default=first)):
                totals[cut] += bytes
        return totals


def _said(cut: int, now: tuple[float, float], then: tuple[float, float]) -> str:
    """What is different, as far as one sees it in the figures."""
    told, sides = [], f"{letter(cut)} and {letter(cut + 1)}"
    if size(then[1]) != size(now[1]):
        told.append(f"{size(then[1])} would cross, not {size(now[1])}")
    if time(then[0]) != time(now[0]):
        told.append(f"the slower of {sides} would take {time(then[0])}, not {time(now[0])}")
    return ", and ".join(told)
