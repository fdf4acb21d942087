"""The cheapest cut against all cuts."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import pytest

from explorer.errors import SegmentError
from explorer.segment.mincut import Paid, cheapest_cut
from tests.segment.graphs import downward_closed, random_inputs

Problem = tuple[list[list[int]], list[float], list[float], list[Paid]]


def price(problem: Problem, held: frozenset[int]) -> float:
    """The cost of a cut, read off its definition."""
    inputs, before, after, values = problem
    places = sum(before[v] if v in held else after[v] for v in range(len(inputs)))
    return places + sum(v.cost for v in values if v.owner in held and not held.issuperset(v.readers))


def draw(random: Random, most: int, number: Callable[[], float], forbid: bool = False) -> Problem:
    """Zero to three values a node, each read by some of the nodes that need it."""
    inputs = random_inputs(random, most)
    before, after = ([math.inf if forbid and random.random() < 0.1 else number() for _ in inputs] for _ in range(2))
    readers = [[v for v, sources in enumerate(inputs) if node in sources] for node in range(len(inputs))]
    values = [
        Paid(node, random.sample(readers[node], random.randint(1, len(readers[node]))), number())
        for node in range(len(inputs))
        for _ in range(random.choice((0, 1, 1, 1, 2, 3)) if readers[node] else 0)
    ]
    return inputs, before, after, values


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_cheapest_of_all_cuts(seed: int) -> None:
    """Whole numbers, so that ties are common, and a few places that are forbidden."""
    random = Random(seed)
    for _ in range(110):
        problem = draw(random, 10, lambda: float(random.randint(0, 6)), forbid=True)
        best = min(price(problem, held) for held in downward_closed(problem[0]))
        if math.isinf(best):
            with pytest.raises(SegmentError, match="both sides"):
                cheapest_cut(*problem)
            continue
        found = frozenset(cheapest_cut(*problem))
        assert all(source in found for v in found for source in problem[0][v])
        assert price(problem, found) == best


def test_real_numbers_are_compared_to_their_last_digits() -> None:
    random = Random(1)
    for _ in range(100):
        problem = draw(random, 10, lambda: random.random() * 10 ** random.randint(-6, 3))
        best = min(price(problem, held) for held in downward_closed(problem[0]))
        assert price(problem, frozenset(cheapest_cut(*problem))) == pytest.approx(best, rel=1e-12)
