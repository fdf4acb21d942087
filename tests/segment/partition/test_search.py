"""Divisions against all divisions."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from explorer.errors import SegmentError
from explorer.segment.partition.search import divide
from tests.segment.partition.oracle import divisions, price, prices, random_links, random_places, random_work

CASES = 500
"""Random graphs of up to ten operations, for every goal and count of devices."""


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("objective", ["bottleneck", "traffic", "memory"])
def test_it_is_the_best_of_all_divisions(objective: str, parts: int) -> None:
    random = Random(f"{objective} {parts}")
    found = 0
    for _ in range(CASES):
        work = random_work(random)
        places = random_places(random, work, parts, memory=objective == "memory" or random.random() < 0.5)
        links = random_links(random, parts - 1)
        best = prices(work, divisions(work.inputs, parts), places, links, objective).min()
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


@pytest.mark.parametrize("parts", [2, 3])
def test_of_equals_it_sends_the_least(parts: int) -> None:
    random = Random(parts)
    for _ in range(CASES):
        work = random_work(random)
        places, links = random_places(random, work, parts, memory=False), random_links(random, parts - 1)
        of = divisions(work.inputs, parts)
        times = prices(work, of, places, links, "bottleneck")
        if math.isfinite(times.min()):
            best = of[times <= times.min() * (1 + 1e-12)]
            least = prices(work, best, places, links, "traffic").min()
            assert price(work, divide(work, places, links).of, places, links, "traffic") == pytest.approx(least)


@pytest.mark.parametrize("parts", [2, 3])
def test_the_least_traffic_near_the_best_bottleneck(parts: int) -> None:
    random = Random(11 * parts)
    for _ in range(CASES):
        work = random_work(random)
        places, links = random_places(random, work, parts, memory=False), random_links(random, parts - 1)
        of = divisions(work.inputs, parts)
        times = prices(work, of, places, links, "bottleneck")
        most = 1.25 * times.min()
        if math.isfinite(most):
            least = prices(work, of[times <= most * (1 + 1e-12)], places, links, "traffic").min()
            done = divide(work, places, links, "traffic", slack=0.25)
            assert price(work, done.of, places, links, "bottleneck") <= most * (1 + 1e-9)
            assert price(work, done.of, places, links, "traffic") == pytest.approx(least, rel=1e-12)
            assert done.value == pytest.approx(least, rel=1e-12)


def test_fewest_devices() -> None:
    random = Random(5)
    for _ in range(CASES):
        work = random_work(random)
        places, links = random_places(random, work, 3, memory=True), random_links(random, 2)
        best = [
            float(prices(work, divisions(work.inputs, count), places[:count], links, "bottleneck").min())
            for count in (1, 2, 3)
        ]
        enough = next((count for count, worth in enumerate(best, 1) if math.isfinite(worth)), None)
        if enough is None:
            with pytest.raises(SegmentError, match="does not fit"):
                divide(work, places, links, "fewest")
            continue
        done = divide(work, places, links, "fewest")
        assert done.value == max(done.of) + 1 == enough
        worth = price(work, done.of, places[:enough], links, "bottleneck")
        assert worth == pytest.approx(best[enough - 1], rel=1e-12)


def test_of_one_order_it_is_the_best_there_is() -> None:
    """Without any set but the beginnings of the order: segments that lie next to each other in it, and no better."""
    random = Random(2)
    for _ in range(CASES):
        work = random_work(random)
        places, links = random_places(random, work, 3, memory=random.random() < 0.5, idle=0.0), random_links(random, 2)
        of = divisions(work.inputs, 3)
        in_order = of[(np.diff(of, axis=1) >= 0).all(1)]
        best = prices(work, in_order, places, links, "bottleneck").min()
        if math.isinf(best):
            with pytest.raises(SegmentError, match="does not fit|more than"):
                divide(work, places, links, most_sets=0)
            continue
        done = divide(work, places, links, most_sets=0)
        assert done.value == pytest.approx(best, rel=1e-12)
        assert price(work, done.of, places, links, "bottleneck") == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("most_sets", [0, 30])
@pytest.mark.parametrize("objective", ["bottleneck", "traffic", "memory"])
def test_with_some_sets_only_it_is_no_worse_than_one_order_and_keeps_to_its_bound(
    objective: str, most_sets: int
) -> None:
    """Some of all sets are looked at, those among them that the order of the items gives."""
    random, worse, sure = Random(9), 0, 0
    for _ in range(CASES):
        work = random_work(random)
        places, links = random_places(random, work, 2, memory=objective == "memory"), random_links(random, 1)
        of = divisions(work.inputs, 2)
        worth = prices(work, of, places, links, objective)
        in_order = worth[(np.diff(of, axis=1) >= 0).all(1)].min()
        anywhere = worth.min()
        if math.isinf(in_order):
            continue
        done = divide(work, places, links, objective, most_sets=most_sets)
        assert done.bound <= anywhere * (1 + 1e-9) and anywhere * (1 - 1e-9) <= done.value <= in_order * (1 + 1e-9)
        assert not done.is_optimal or done.value == pytest.approx(anywhere)
        worse += done.value > anywhere * (1 + 1e-9)
        sure += done.is_optimal
    assert objective == "memory" or (sure > 20 and (most_sets or worse))
