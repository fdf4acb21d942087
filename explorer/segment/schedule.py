"""A pipeline in time: which device does what to which microbatch, and when it stands idle.

    gpipe         all forwards, then all backwards                                    Huang et al. 2019
    1f1b          a backward as soon as there is one: fewer microbatches in memory    Narayanan et al. 2019 (PipeDream)
    interleaved   every device has several stages, spread over the model              Narayanan et al. 2021 (Megatron)
    zero-bubble   the backward in two halves; that of the weights waits for gaps      Qi et al. 2023
    inference     forwards alone

A simulator starts everything as soon as what it needs is there, on each device in the order of its schedule. Sending
runs beside computing; a link sends one thing after the other in each direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import inf

from explorer.errors import SegmentError
from explorer.segment.orders import Action, Kind, check, order
from explorer.segment.timing import Timing


@dataclass(frozen=True)
class Times:
    """Seconds of one microbatch on each stage: ``forward``, ``backward`` for the inputs, ``weights`` for the weights.

    ``send[s]`` is what passes between stage s and stage s + 1, either way.
    """

    forward: Sequence[float]
    backward: Sequence[float]
    weights: Sequence[float]
    send: Sequence[float]

    def __post_init__(self) -> None:
        stages = len(self.forward)
        if not len(self.backward) == len(self.weights) == stages == len(self.send) + 1:
            raise SegmentError(f"{stages} stages need {stages} times of every kind and {stages - 1} for sending.")
        if min(*self.forward, *self.backward, *self.weights, *self.send, 0.0) < 0:
            raise SegmentError("A time is negative. Give seconds of 0 or more.")

    def of(self, action: Action) -> float:
        stage = action.stage
        if action.what == "B":
            return self.backward[stage] + self.weights[stage]
        return {"F": self.forward, "I": self.backward, "W": self.weights}[action.what][stage]


def stage_times(times: Timing, microbatches: int, latencies: Sequence[float] = ()) -> Times:
    """Of one microbatch, where the batch that was timed is divided into so many.

    Work and bytes are taken to divide evenly, and a backward to be half for the inputs, half for the weights, as it
    is for a product of matrices. The ``latencies`` of links do not divide: each microbatch waits for the whole.
    """
    halves = [seconds / microbatches / 2 for seconds in times.backward]
    forward = [(both - back) / microbatches for both, back in zip(times.compute, times.backward, strict=True)]
    waits = [
        min(wait, seconds) for wait, seconds in zip(latencies or [0.0] * len(times.send), times.send, strict=False)
    ]
    send = [wait + (seconds - wait) / microbatches for wait, seconds in zip(waits, times.send, strict=True)]
    return Times(forward, halves, halves, send)


@dataclass(frozen=True, slots=True)
class Bar:
    """``action`` on a device, from ``start`` to ``end``."""

    device: int
    action: Action
    start: float
    end: float


@dataclass(frozen=True)
class Pipeline:
    """All bars, by start."""

    devices: int
    microbatches: int
    bars: Sequence[Bar]

    @cached_property
    def length(self) -> float:
        return max(bar.end for bar in self.bars)

    @property
    def bubble(self) -> float:
        """The share of all devices' time in which they stand idle."""
        busy = sum(bar.end - bar.start for bar in self.bars)
        return 1 - busy / (self.devices * self.length) if self.length else 0.0

    @property
    def throughput(self) -> float:
        """Microbatches a second."""
        return self.microbatches / self.length if self.length else inf

    def in_flight(self, bytes: Sequence[float] | None = None) -> list[float]:
        """Per device the most that it keeps at once between forwards and the backwards that need it.

        In microbatches, or in bytes, where ``bytes`` says how many each stage keeps of one.
        """
        return [self._most(device, bytes) for device in range(self.devices)]

    def _most(self, device: int, bytes: Sequence[float] | None) -> float:
        own = [bar for bar in self.bars if bar.device == device]
        done = {bar.action.what for bar in own}
        last = next(what for what in "WBF" if what in done)
        changes = [(bar.start, 1, bar) for bar in own if bar.action.what == "F"]
        changes += [(bar.end, -1, bar) for bar in own if bar.action.what == last]
        changes.sort(key=lambda change: change[:2])
        return max(accumulate(sign * (bytes[bar.action.stage] if bytes else 1) for _, sign, bar in changes))


def simulate(kind: Kind, times: Times, devices: int, microbatches: int) -> Pipeline:
    """The schedule of so many microbatches. Raises SegmentError where stages or microbatches do not fit the kind."""
    check(kind, devices, len(times.forward), microbatches)
    workers = [_Worker(kind, device, devices, times, microbatches) for device in range(devices)]
    done = _Done(times, devices)
    bars: list[Bar] = []
    while True:
        offers = [worker.offer(done) for worker in workers]
        start, action = min(offers, key=lambda offer: offer[0])
        if action is None:
            return Pipeline(devices, microbatches, bars)
        bars.append(workers[action.stage % devices].take(action, start))
        done.add(bars[-1])


class _Done:
    """When each action was done, and when its result was where it is read next: a link sends one after the other."""

    def __init__(self, times: Times, devices: int) -> None:
        self._times, self._devices = times, devices
        self.ends: dict[Action, float] = {}
        self.arrivals: dict[Action, float] = {}
        self._free: dict[tuple[int, int], float] = {}

    def add(self, bar: Bar) -> None:
        what, stage, _ = bar.action
        self.ends[bar.action] = self.arrivals[bar.action] = bar.end
        reader = stage + 1 if what == "F" else stage - 1
        link = (bar.device, reader % self._devices)
        if what != "W" and 0 <= reader < len(self._times.forward) and link[0] != link[1]:
            begin = max(bar.end, self._free.get(link, 0.0))
            self._free[link] = self.arrivals[bar.action] = begin + self._times.send[min(stage, reader)]


class _Worker:
    """One device. ``waiting`` are halves of backwards, for the weights, that can run at any time."""

    def __init__(self, kind: Kind, device: int, devices: int, times: Times, microbatches: int) -> None:
        stages = len(times.forward)
        self._times, self._device, self._stages = times, device, stages
        self._order = order(kind, device, devices, stages, microbatches)
        self._place, self._free, self._kept = 0, 0.0, 0
        self._waiting: list[Action] = []
        # As many microbatches in memory as one backward after each forward would need (Qi et al., ZB-H1).
        self._room = stages

    def offer(self, done: _Done) -> tuple[float, Action | None]:
        """What the device does next and when, if nothing else is known; infinity where it has to wait."""
        action = self._order[self._place] if self._place < len(self._order) else None
        ready = self._ready(action, done) if action else inf
        is_full = action is not None and action.what == "F" and self._kept >= self._room
        if self._waiting and (ready > self._free or is_full):
            return self._free, self._waiting[0]
        return (max(self._free, ready), action) if ready < inf else (inf, None)

    def take(self, action: Action, start: float) -> Bar:
        self._free = start + self._times.of(action)
        if action.what == "W":
            self._waiting.pop(0)
        else:
            self._place += 1
        if action.what == "I":
            self._waiting.append(action._replace(what="W"))
        self._kept += {"F": 1, "W": -1, "B": -1}.get(action.what, 0)
        return Bar(self._device, action, start, self._free)

    def _ready(self, action: Action, done: _Done) -> float:
        """When everything that an action needs is there."""
        what, stage, microbatch = action
        own = 0.0 if what == "F" else done.ends.get(Action("F", stage, microbatch), inf)
        neighbour = stage - 1 if what == "F" else stage + 1
        if not 0 <= neighbour < self._stages:
            return own
        return max(own, done.arrivals.get(Action(what, neighbour, microbatch), inf))


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a request's way: a segment that computes (``place`` its number) or a link that sends behind it."""

    what: str
    place: int
    start: float
    end: float


def waterfall(times: Timing) -> list[Phase]:
    """One request through all segments: compute and send in turn."""
    phases, now = list[Phase](), 0.0
    for segment, seconds in enumerate(times.compute):
        phases.append(Phase("compute", segment, now, now + seconds))
        now += seconds
        if segment < len(times.send):
            phases.append(Phase("send", segment, now, now + times.send[segment]))
            now += times.send[segment]
    return phases
