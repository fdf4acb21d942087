"""The best way up a family of sets, from nothing to everything, one segment a step: a dynamic programme.

    value[s][I] = min over J below I of  max(value[s'][J], cost(J, I))     (or the sum, where costs add up)

The items of I that are not in J are one segment; a state says which devices are used up, so a step between two
states is a device. Tarnawski et al. 2020, section 3, for sets on a graph; PipeDream for beginnings of an order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from explorer.segment.partition.family import Family

Block = NDArray[np.float64]
Cost = Callable[[slice], Block]
"""``cost(columns)[j, i]``: what the segment between set j and each set of ``columns`` costs; inf forbids it."""

_COLUMNS = 256


@dataclass(frozen=True, slots=True)
class Step:
    """One more segment, on the device of ``cost``: from state ``source`` to ``target``, which is larger."""

    source: int
    target: int
    cost: Cost


@dataclass(frozen=True)
class Way:
    """``sets`` are the places in the family after each segment; ``steps`` the places of its steps."""

    value: float
    sets: Sequence[int]
    steps: Sequence[int]


def best_way(
    family: Family, steps: Sequence[Step], ends: Sequence[int], combine: Literal["max", "sum"] = "max"
) -> Way | None:
    """The cheapest way from nothing in state 0 to everything in a state of ``ends``; None where there is none.

    Steps come in the order of their targets.
    """
    states, count = max(step.target for step in steps) + 1, len(family)
    value = np.full((states, count), np.inf)
    value[0, 0] = 0.0
    came = np.full((states, count, 2), -1)
    join = np.maximum if combine == "max" else np.add
    for start in range(1, count, _COLUMNS):
        columns = slice(start, min(start + _COLUMNS, count))
        allowed, known = family.below[:, columns], dict[int, Block]()
        for number, step in enumerate(steps):
            cost = known.setdefault(id(step.cost), np.empty(0))
            if not cost.size:
                cost = known[id(step.cost)] = np.where(allowed, step.cost(columns), np.inf)
            _improve(value, came, number, step, join(value[step.source][:, None], cost), columns)
    end = min(ends, key=lambda state: value[state, -1])
    return None if np.isinf(value[end, -1]) else _follow(family, steps, came, end, float(value[end, -1]))


def _improve(value: Block, came: NDArray[np.int64], number: int, step: Step, found: Block, columns: slice) -> None:
    best = found.argmin(0)
    reached = found[best, np.arange(found.shape[1])]
    better = reached < value[step.target, columns]
    value[step.target, columns] = np.where(better, reached, value[step.target, columns])
    came[step.target, columns, 0] = np.where(better, best, came[step.target, columns, 0])
    came[step.target, columns, 1] = np.where(better, number, came[step.target, columns, 1])


def _follow(family: Family, steps: Sequence[Step], came: NDArray[np.int64], end: int, value: float) -> Way:
    """Back from everything to nothing."""
    state, place = end, len(family) - 1
    sets, taken = [place], list[int]()
    while state:
        place, number = (int(x) for x in came[state, place])
        taken.append(number)
        sets.append(place)
        state = steps[number].source
    return Way(value, sets[::-1][1:], taken[::-1])
