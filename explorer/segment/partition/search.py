"""The best division into segments in a row, one device each, for what one wants to be small.

    bottleneck    the longest time that a device or a link is busy: how often a result comes out
    traffic       bytes over all links, where no device or link is busy much longer than the best bottleneck
    memory        the largest share of its memory that a device needs
    fewest        devices, as many of them as the memory asks for; of those the smallest bottleneck

Exact on the graph where its closed sets are few enough to look at all of them; otherwise the best of some of them, with
a bound on what any other could save.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Literal

import numpy as np

from explorer.errors import SegmentError
from explorer.segment.devices import Link
from explorer.segment.partition import stages
from explorer.segment.partition.bound import lower_bound
from explorer.segment.partition.dynamic import Cost, Step, Way, best_way
from explorer.segment.partition.family import Family, closed_sets, some_sets
from explorer.segment.partition.reduce import Reduced, reduced
from explorer.segment.partition.work import Place, Work

Objective = Literal["bottleneck", "traffic", "memory", "fewest"]

MOST_SETS = 3000


@dataclass(frozen=True)
class Division:
    """``of[item]`` is its segment; ``value`` what was to be small, in seconds, bytes, or as a share.

    ``exact``: no other division of the graph is better. ``bound``: no division is smaller than that.
    """

    of: tuple[int, ...]
    objective: Objective
    value: float
    exact: bool
    bound: float

    @property
    def is_optimal(self) -> bool:
        return self.exact or self.value <= self.bound * (1 + 1e-9)

    @property
    def label(self) -> str:
        return "optimal" if self.is_optimal else within(self.value, self.bound)


def within(value: float, bound: float) -> str:
    """How far from the best a value can be at most, in words."""
    return f"within {100 * (value / bound - 1):.1f} % of the bound" if bound > 0 else "best of its order"


def divide(
    work: Work,
    places: Sequence[Place],
    links: Sequence[Link],
    objective: Objective = "bottleneck",
    *,
    slack: float = inf,
    most_sets: int = MOST_SETS,
) -> Division:
    """The best division of ``work`` on these places in this order, with ``links[k]`` behind place k.

    With ``slack`` 0.25, the least ``traffic`` is looked for where the bottleneck is at most 1.25 times the best.
    Every place is used, except for ``fewest``, and computes something. Raises SegmentError where there is none.
    """
    _check(work, places, links, objective)
    smaller = reduced(work, places)
    family = closed_sets(smaller.work, most_sets)
    search = _Search(smaller, family or some_sets(smaller.work, most_sets), links)
    exact = family is not None
    if objective == "traffic" and isfinite(slack):
        quickest = search.best("bottleneck", len(places))
        search.most_seconds = (1 + slack) * quickest.value if quickest else inf
    for count in range(1, len(places) + 1) if objective == "fewest" else [len(places)]:
        way = search.best("bottleneck" if objective == "fewest" else objective, count)
        if way is not None:
            value = float(count) if objective == "fewest" else way.value
            bound = value if exact else lower_bound(smaller.work, smaller.places, links, objective)
            return Division(tuple(smaller.spread(search.segments(way))), objective, value, exact, bound)
    raise SegmentError(_does_not_fit(work, places))


class _Search:
    """Ways through one family; equal devices share their costs."""

    def __init__(self, smaller: Reduced, family: Family, links: Sequence[Link]) -> None:
        self.work, self.places, self.links, self.family = smaller.work, smaller.places, links, family
        self.most_seconds = inf
        self._crossing = family.crossing(smaller.work)
        self._held = stages.memory(family, smaller.work)
        self._known: dict[object, Cost] = {}

    def best(self, objective: Objective, count: int) -> Way | None:
        """On the first ``count`` places: of all with the smallest value, the one that sends the fewest bytes."""
        costs = [self._cost(objective, place, place == count - 1) for place in range(count)]
        if objective == "traffic":
            return best_way(self.family, _in_a_row(costs), [count], "sum")
        best = best_way(self.family, _in_a_row(costs), [count])
        if best is None:
            return None
        sent = stages.traffic(self._crossing)
        limited = [stages.allowed_by(sent, stages.within(cost, best.value)) for cost in costs]
        least = best_way(self.family, _in_a_row(limited), [count], "sum")
        return replace(least or best, value=best.value)

    def segments(self, way: Way) -> list[int]:
        """Per item the first of the way's sets that holds it."""
        return [int(place) for place in self.family.members[list(way.sets)].argmax(0)]

    def _cost(self, objective: Objective, place: int, last: bool) -> Cost:
        link = None if last else self.links[place]
        key = (objective, id(self.places[place]), link)
        if key not in self._known:
            self._known[key] = self._make(objective, self.places[place], link)
        return self._known[key]

    def _make(self, objective: Objective, place: Place, link: Link | None) -> Cost:
        family, held = self.family, self._held
        if objective == "memory":
            cost: Cost = lambda columns: held(columns) / place.memory  # noqa: E731
        else:
            cost = stages.together(np.maximum, stages.compute(family, place), stages.sending(self._crossing, link))
        limits = [stages.computing(family, place)]
        if objective == "traffic":
            limits += [stages.within(cost, self.most_seconds)] if isfinite(self.most_seconds) else []
            cost = stages.traffic(self._crossing)
        if objective != "memory" and np.isfinite(place.memory):
            limits.append(stages.within(held, place.memory))
        return stages.allowed_by(cost, *limits)


def _in_a_row(costs: Sequence[Cost]) -> list[Step]:
    return [Step(place, place + 1, cost) for place, cost in enumerate(costs)]


def _check(work: Work, places: Sequence[Place], links: Sequence[Link], objective: Objective) -> None:
    if not places:
        raise SegmentError("There is no device to place anything on. Name at least one.")
    if len(links) < len(places) - 1:
        raise SegmentError(f"{len(places)} devices in a row need {len(places) - 1} links, and there are {len(links)}.")
    computing = sum(any(place.seconds[item] > 0 for place in places) for item in range(len(work)))
    if objective != "fewest" and computing < len(places):
        raise SegmentError(f"{len(places)} parts are more than the {computing} operations that take time.")


def _does_not_fit(work: Work, places: Sequence[Place]) -> str:
    total = sum(held.bytes for held in work.held)
    room = ", ".join(f"{place.memory:,.0f}" for place in places)
    return (
        f"It does not fit: {total:,.0f} bytes are held in all, and the devices have {room}. "
        "Use more devices, larger ones, or a smaller batch."
    )
