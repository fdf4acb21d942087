"""Divisions against all divisions."""

from __future__ import annotations

import math
from random import Random

import pytest

from explorer.errors import SegmentError
from explorer.segment.partition.search import divide
from tests.segment.partition.oracle import divisions, price, random_links, random_places, random_work

CASES = 170
"""For each of three counts of devices: more than 500 graphs for each objective."""


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("objective", ["bottleneck", "traffic", "memory"])
def test_it_is_the_best_of_all_divisions(objective: str, parts: int) -> None:
    random = Random(f"{objective} {parts}")
    found = 0
    for _ in range(CASES):
        work = random_work(random, 7 if parts == 3 else 10)
        places = random_places(random, work, parts, memory=objective == "memory" or random.random() < 0.5)
        links = random_links(random, parts - 1)
        best = min(price(work, of, places, links, objective) for of in divisions(work, parts))
        if math.isinf(best):
            with pytest.raises(SegmentError, match="does not fit|more than"):
                divide(work, places, links, objective)
            continue
        done = divide(work, places, links, objective)
        assert done.is_optimal and done.label == "optimal"
        assert done.value == pytest.approx(best, rel=1e-12)
        assert price(work, done.of, places, links, objective) == pytest.approx(best, rel=1e-12)
        found += 1
    assert found > CASES / 4


@pytest.mark.parametrize("seed", range(3))
def test_of_equals_it_sends_the_least(seed: int) -> None:
    random = Random(seed)
    for _ in range(60):
        work = random_work(random, 7)
        places, links = random_places(random, work, 2, memory=False), random_links(random, 1)
        prices = {of: price(work, of, places, links, "bottleneck") for of in divisions(work, 2)}
        best = min(prices.values())
        if math.isfinite(best):
            least = min(price(work, of, places, links, "traffic") for of, worth in prices.items() if worth <= best)
            assert price(work, divide(work, places, links).of, places, links, "traffic") == pytest.approx(least)


def test_the_least_traffic_near_the_best_bottleneck() -> None:
    random = Random(11)
    for _ in range(300):
        work = random_work(random, 7)
        places, links = random_places(random, work, 2, memory=False), random_links(random, 1)
        times = {of: price(work, of, places, links, "bottleneck") for of in divisions(work, 2)}
        most = 1.25 * min(times.values())
        if math.isfinite(most):
            near = [of for of, worth in times.items() if worth <= most]
            least = min(price(work, of, places, links, "traffic") for of in near)
            done = divide(work, places, links, "traffic", slack=0.25)
            assert done.of in times and times[done.of] <= most * (1 + 1e-9)
            assert done.value == pytest.approx(least, rel=1e-12)


def test_fewest_devices() -> None:
    random = Random(5)
    for _ in range(500):
        work = random_work(random, 7)
        places, links = random_places(random, work, 3, memory=True), random_links(random, 2)
        enough = [
            count
            for count in (1, 2, 3)
            if any(math.isfinite(price(work, of, places[:count], links, "bottleneck")) for of in divisions(work, count))
        ]
        if not enough:
            with pytest.raises(SegmentError, match="does not fit"):
                divide(work, places, links, "fewest")
            continue
        done = divide(work, places, links, "fewest")
        assert done.value == max(done.of) + 1 == enough[0]


@pytest.mark.parametrize("most_sets", [0, 30])
@pytest.mark.parametrize("objective", ["bottleneck", "traffic", "memory"])
def test_with_some_sets_only_it_is_no_worse_than_one_order_and_keeps_to_its_bound(
    objective: str, most_sets: int
) -> None:
    """Some of all sets are looked at, those among them that the order of the items gives."""
    random, worse, sure = Random(9), 0, 0
    for _ in range(200):
        work = random_work(random, 8)
        places, links = random_places(random, work, 2, memory=objective == "memory"), random_links(random, 1)
        of_order = [[int(item >= cut) for item in range(len(work))] for cut in range(len(work) + 1)]
        in_order = min(price(work, of, places, links, objective) for of in of_order)
        anywhere = min(price(work, of, places, links, objective) for of in divisions(work, 2))
        if math.isinf(in_order):
            continue
        done = divide(work, places, links, objective, most_sets=most_sets)
        assert done.bound <= anywhere * (1 + 1e-9) and anywhere * (1 - 1e-9) <= done.value <= in_order * (1 + 1e-9)
        assert not done.is_optimal or done.value == pytest.approx(anywhere)
        worse += done.value > anywhere * (1 + 1e-9)
        sure += done.is_optimal
    assert objective == "memory" or (sure > 20 and (most_sets or worse))
