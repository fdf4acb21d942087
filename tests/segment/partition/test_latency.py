"""The soonest answer against all divisions, and the published cuts of a network at two speeds of a link."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from explorer.errors import SegmentError
from explorer.segment.devices import Link
from explorer.segment.partition.latency import soonest
from explorer.segment.partition.work import Handed, Place, Work
from tests.segment.partition.oracle import (
    Divisions,
    Numbers,
    busy,
    divisions,
    held,
    over,
    random_places,
    random_work,
    sent,
)

CASES = 500
"""Random graphs of up to ten operations."""


def prices(work: Work, of: Divisions, edge: Place, centre: Place, link: Link) -> Numbers:
    """One request: the edge, the link, the centre; infinite where something does not fit."""
    fits = (held(work, of, 0) <= edge.memory) & (held(work, of, 1) <= centre.memory)
    times = busy(of, edge, 0) + over([link], 0, sent(work, of, 0, given_to_the_first=True)) + busy(of, centre, 1)
    return np.asarray(np.where(fits, times, np.inf))


@pytest.mark.parametrize("memory", [False, True])
def test_it_is_the_soonest_of_all_divisions(memory: bool) -> None:
    random = Random(int(memory))
    tight = 0
    for _ in range(CASES):
        work = random_work(random)
        edge, centre = random_places(random, work, 2, memory)
        link = Link("l", random.choice((0.5, 1.0, 4.0)), latency=random.choice((0.0, 0.0, 2.0)))
        best = prices(work, divisions(work.inputs, 2), edge, centre, link).min()
        if math.isinf(best):
            with pytest.raises(SegmentError, match="does not fit"):
                soonest(work, edge, centre, link)
            continue
        done = soonest(work, edge, centre, link)
        of = np.array([[item not in done.edge for item in range(len(work))]], np.int8)
        assert done.is_optimal
        assert done.seconds == pytest.approx(best, rel=1e-12)
        assert prices(work, of, edge, centre, link)[0] == pytest.approx(best, rel=1e-12)
        unlimited = soonest(work, Place(edge.seconds), Place(centre.seconds), link)
        tight += unlimited.seconds < best * (1 - 1e-9)
    assert tight > CASES / 10 if memory else tight == 0


def test_without_branches_the_bound_still_holds() -> None:
    random = Random(3)
    open_ = 0
    for _ in range(CASES):
        work = random_work(random)
        edge, centre = random_places(random, work, 2, memory=True)
        link = Link("l", 1.0)
        best = prices(work, divisions(work.inputs, 2), edge, centre, link).min()
        try:
            done = soonest(work, edge, centre, link, most_branches=1)
        except SegmentError:
            continue
        assert done.bound <= best * (1 + 1e-9) and best <= done.seconds * (1 + 1e-9)
        open_ += not done.is_optimal
    assert open_


INPUT, MAX5 = 0.95e6, 0.08e6
"""Bytes that a small detector reads, and that its fifth pooling layer hands on (DADS, section III)."""


@pytest.mark.parametrize(("mbit", "at_the_edge"), [(18.0, 0), (4.0, 10)])
def test_the_published_cuts_of_a_detector(mbit: float, at_the_edge: int) -> None:
    """At 18 Mbit/s send the input, at 4 Mbit/s what comes out of max5, as published.

    A chain of ten layers up to max5 and the rest; the times are ours, and lie between the two.
    """
    sizes = [INPUT, *(INPUT * 2 for _ in range(9)), MAX5]
    work = Work([() if not item else (item - 1,) for item in range(11)], [
        Handed(item - 1, (item,), size) for item, size in enumerate(sizes)
    ])  # fmt: skip
    edge, centre = Place([0.1] * 10 + [2.0]), Place([0.005] * 10 + [0.05])
    done = soonest(work, edge, centre, Link("radio", mbit * 1e6 / 8))
    assert len(done.edge) == at_the_edge and done.is_optimal
