"""Schedules against closed forms, against longest paths, and against the rules that every pipeline keeps."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import SegmentError
from explorer.segment.orders import Action, Kind, order
from explorer.segment.schedule import Bar, Phase, Pipeline, Times, simulate, stage_times, waterfall
from explorer.segment.timing import Timing
from tests.capture.test_random_programs import QUIET

KINDS: tuple[Kind, ...] = ("gpipe", "1f1b", "interleaved", "zero-bubble", "inference")


def even(stages: int) -> Times:
    """A forward and both halves of a backward take one second; sending takes none."""
    return Times([1.0] * stages, [1.0] * stages, [1.0] * stages, [0.0] * (stages - 1))


def idle(kind: Kind, devices: int, microbatches: int, each: int) -> Fraction:
    """The bubble by the papers' formulae, for equal times: idle turns over all turns of a device."""
    fill, forwards = devices - 1, each * microbatches
    if kind in ("gpipe", "1f1b", "interleaved"):
        return Fraction(fill, forwards + fill)
    return Fraction(fill, (3 * forwards if kind == "zero-bubble" else forwards) + fill)


@pytest.mark.parametrize("devices", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("rounds", [1, 2, 3, 4])
@pytest.mark.parametrize(("kind", "each"), [
    ("gpipe", 1), ("1f1b", 1), ("inference", 1), ("interleaved", 2), ("interleaved", 3), ("zero-bubble", 1),
    ("zero-bubble", 2), ("zero-bubble", 3),
])  # fmt: skip
def test_bubbles_are_the_closed_forms(kind: Kind, each: int, rounds: int, devices: int) -> None:
    microbatches = rounds * devices
    made = simulate(kind, even(each * devices), devices, microbatches)
    assert made.bubble == pytest.approx(float(idle(kind, devices, microbatches, each)), abs=1e-12)
    assert made.throughput == pytest.approx(microbatches / made.length)


@pytest.mark.parametrize(("devices", "microbatches", "expected"), [
    (4, 8, (0.2727, 0.2727, 0.1579, 0.0588)), (8, 32, (0.1795, 0.1795, 0.0986, 0.0352)),
])  # fmt: skip
def test_bubbles_are_the_published_figures(devices: int, microbatches: int, expected: tuple[float, ...]) -> None:
    """GPipe, 1F1B, and with two stages on each device interleaved 1F1B and the zero-bubble family."""
    kinds: list[tuple[Kind, int]] = [("gpipe", 1), ("1f1b", 1), ("interleaved", 2), ("zero-bubble", 2)]
    found = [simulate(kind, even(each * devices), devices, microbatches).bubble for kind, each in kinds]
    assert found == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("devices", [2, 4])
def test_microbatches_in_flight(devices: int) -> None:
    """GPipe keeps all; 1F1B on device d no more than there are devices from d on; the first of both most."""
    many = 4 * devices
    assert simulate("gpipe", even(devices), devices, many).in_flight() == [many] * devices
    assert simulate("1f1b", even(devices), devices, many).in_flight() == [devices - d for d in range(devices)]
    assert max(simulate("zero-bubble", even(devices), devices, many).in_flight()) == devices
    assert simulate("inference", even(devices), devices, many).in_flight() == [1] * devices


def test_memory_in_flight_is_that_of_each_stage() -> None:
    made = simulate("interleaved", even(4), 2, 4)
    bytes = [10.0, 1.0, 100.0, 5.0]
    kept = [
        {bar.action for bar in made.bars if bar.start <= now and bar.action.what == "F" and bar.device == 0}
        - {Action("F", *bar.action[1:]) for bar in made.bars if bar.end <= now and bar.action.what == "B"}
        for now in range(int(made.length))
    ]
    assert made.in_flight(bytes)[0] == max(sum(bytes[action.stage] for action in each) for each in kept)


@st.composite
def pipelines(draw: st.DrawFn) -> tuple[Kind, Times, int, int]:
    kind = draw(st.sampled_from(KINDS))
    devices = draw(st.integers(1, 4))
    each = draw(st.integers(1, 3)) if kind in ("interleaved", "zero-bubble") else 1
    microbatches = draw(st.integers(1, 4)) * devices if each > 1 else draw(st.integers(1, 9))
    stages = devices * each

    def seconds(count: int, least: int) -> list[float]:
        return [float(x) for x in draw(st.lists(st.integers(least, 5), min_size=count, max_size=count))]

    times = Times(seconds(stages, 1), seconds(stages, 1), seconds(stages, 1), seconds(stages - 1, 0))
    return kind, times, devices, microbatches


def needs(action: Action, stages: int) -> list[Action]:
    """What must be done before an action, from the same microbatch."""
    what, stage, m = action
    if what == "F":
        return [Action("F", stage - 1, m)] if stage else []
    if what == "W":
        return [Action("I", stage, m)]
    return [Action("F", stage, m)] + ([Action(what, stage + 1, m)] if stage + 1 < stages else [])


def delayed(before: Action, after: Action, devices: int) -> bool:
    return before.stage % devices != after.stage % devices


def target(action: Action, stages: int) -> int:
    """The stage that reads the result of a forward or a backward, -1 where there is none."""
    found = action.stage + 1 if action.what == "F" else action.stage - 1
    return found if found < stages else -1


def link(action: Action, stages: int) -> int:
    return min(action.stage, target(action, stages))


@settings(QUIET, max_examples=200)
@given(pipelines())
def test_a_pipeline_keeps_its_rules(case: tuple[Kind, Times, int, int]) -> None:
    kind, times, devices, microbatches = case
    stages = len(times.forward)
    made = simulate(kind, times, devices, microbatches)
    bars = {bar.action: bar for bar in made.bars}
    whats = {"inference": "F", "zero-bubble": "FIW"}.get(kind, "FB")
    assert set(bars) == {Action(w, s, m) for w in whats for s in range(stages) for m in range(microbatches)}
    assert len(made.bars) == len(bars)
    for action, bar in bars.items():
        assert bar.device == action.stage % devices and bar.end - bar.start == times.of(action)
        for before in needs(action, stages):
            sending = times.send[link(before, stages)] if delayed(before, action, devices) else 0.0
            assert bars[before].end + sending <= bar.start
    for device in range(devices):
        own = sorted((bar.start, bar.end) for bar in made.bars if bar.device == device)
        assert all(one[1] <= two[0] for one, two in pairwise(own))
    assert 0 <= made.bubble < 1


@settings(QUIET, max_examples=200)
@given(pipelines())
def test_nothing_waits_without_a_reason(case: tuple[Kind, Times, int, int]) -> None:
    """Where the order of a device is fixed, every bar starts at the end of the longest path to it, links included."""
    kind, times, devices, microbatches = case
    if kind == "zero-bubble":
        return
    stages = len(times.forward)
    net = nx.DiGraph()
    for device in range(devices):
        own = order(kind, device, devices, stages, microbatches)
        for one, two in pairwise(own):
            net.add_edge(one, two, weight=times.of(one))
        for action in own:
            net.add_edge("start", action, weight=0.0)
        for reader in range(devices):
            sent = [a for a in own if reader != device and (t := target(a, stages)) >= 0 and t % devices == reader]
            for one, two in pairwise(sent):
                net.add_edge(("send", one), ("send", two), weight=times.send[link(one, stages)])
            for one in sent:
                net.add_edge(one, ("send", one), weight=times.of(one))
        for action in own:
            for before in needs(action, stages):
                if delayed(before, action, devices):
                    net.add_edge(("send", before), action, weight=times.send[link(before, stages)])
                else:
                    net.add_edge(before, action, weight=times.of(before))
    longest = {"start": 0.0}
    for node in nx.topological_sort(net):
        longest[node] = max([longest[a] + d["weight"] for a, _, d in net.in_edges(node, data=True)], default=0.0)
    for bar in simulate(kind, times, devices, microbatches).bars:
        assert bar.start == longest[bar.action]


@settings(QUIET, max_examples=100)
@given(pipelines())
def test_weights_wait_for_gaps_and_never_for_more_memory(case: tuple[Kind, Times, int, int]) -> None:
    kind, times, devices, microbatches = case
    if kind == "zero-bubble":
        assert max(simulate(kind, times, devices, microbatches).in_flight()) <= len(times.forward)


@pytest.mark.parametrize(("kind", "stages", "devices", "microbatches", "message"), [
    ("gpipe", 4, 2, 4, "one stage on each of 2 devices"), ("1f1b", 3, 2, 4, "spread evenly"),
    ("1f1b", 2, 4, 4, "spread evenly"), ("gpipe", 2, 2, 0, "a device and a microbatch"),
    ("interleaved", 8, 4, 9, "must be a multiple of 2. Try 8 or 10"),
])  # fmt: skip
def test_what_is_no_pipeline_is_refused(kind: Kind, stages: int, devices: int, microbatches: int, message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        simulate(kind, even(stages), devices, microbatches)


def test_times_must_fit() -> None:
    with pytest.raises(SegmentError, match="2 stages need 2 times"):
        Times([1.0, 1.0], [1.0], [1.0, 1.0], [0.0])
    with pytest.raises(SegmentError, match="negative"):
        Times([1.0, -1.0], [1.0, 1.0], [1.0, 1.0], [0.0])


def test_one_request_computes_and_sends_in_turn() -> None:
    times = Timing([2.0, 3.0], [1.0, 2.0], [0.5])
    expected = [Phase("compute", 0, 0.0, 2.0), Phase("send", 0, 2.0, 2.5), Phase("compute", 1, 2.5, 5.5)]
    assert waterfall(times) == expected and times.latency == 5.5 and times.bottleneck == 3.0


def test_a_batch_in_microbatches() -> None:
    times = stage_times(Timing([6.0, 9.0], [4.0, 6.0], [0.5]), 2)
    assert times == Times([1.0, 1.5], [1.0, 1.5], [1.0, 1.5], [0.25])
    assert isinstance(simulate("gpipe", times, 2, 2), Pipeline)
    assert simulate("gpipe", times, 2, 2).bars[0] == Bar(0, Action("F", 0, 0), 0.0, 1.0)
