"""Automatic cuts of a graph, in words as well: what is best, how good that is, and why each cut lies where it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from explorer.errors import SegmentError
from explorer.segment.cost import Costs
from explorer.segment.crossing import crossings, link_bytes
from explorer.segment.cut import Segmentation, letter, placed
from explorer.segment.devices import Device, Link
from explorer.segment.measured import Measured
from explorer.segment.memory import memory
from explorer.segment.partition.because import because
from explorer.segment.partition.latency import soonest
from explorer.segment.partition.search import Division, divide, within
from explorer.segment.partition.work import Place, Work, work_of
from explorer.segment.preview import Preview, preview
from explorer.segment.timing import Timing, node_seconds, timing
from explorer.segment.units import Units
from explorer.segment.wording import size, time

Objective = Literal["bottleneck", "latency", "traffic", "memory", "fewest"]

SLACK = 0.25
"""How much longer than at best a segment may take for the sake of fewer bytes. Else all cuts would be at the ends."""


@dataclass(frozen=True)
class Plan:
    """``segmentation`` is None where the best is not to cut at all; ``devices`` are those of the segments then used.

    ``value`` in seconds, bytes, a share of memory, or devices, without what every segment computes for itself (masks);
    ``label`` says how good that is; ``why`` in a line,
    and ``cuts`` a line for each cut.
    """

    objective: Objective
    segmentation: Segmentation | None
    devices: Sequence[Device]
    value: float
    label: str
    why: str
    cuts: Sequence[str]


def plan(
    units: Units,
    costs: Costs,
    devices: Sequence[Device],
    links: Sequence[Link],
    objective: Objective = "bottleneck",
    *,
    training: bool = False,
    measured: Measured | None = None,
) -> Plan:
    """The best segmentation for these devices in this order, one segment each; for ``latency``, edge then centre.

    Raises SegmentError where there is none: too many parts, too little memory, devices or links missing.
    """
    work = work_of(units, costs, training=training)
    activations = memory(units.graph, costs.rehearsal, range(len(units.graph))).inference
    places = [_place(units, costs, device, measured, training, activations) for device in devices]
    if objective == "latency":
        return _two_sided(units, work, places, devices, links)
    division = divide(work, places, links, objective, slack=SLACK)
    made = placed(units, division.of)
    shown = preview(made, costs)
    times = timing(shown, costs, devices[: made.parts], links, measured, training=training)
    why = _why(division, shown, times, devices)
    reasons = _cuts(made, work, places, objective)
    return Plan(objective, made, devices[: made.parts], division.value, division.label, why, reasons)


def _place(
    units: Units, costs: Costs, device: Device, measured: Measured | None, training: bool, activations: int
) -> Place:
    """A device with the activations of the whole graph set aside, which no segment of it exceeds by much."""
    seconds = node_seconds(costs, device, measured, training=training)
    if device.memory <= activations:
        raise SegmentError(
            f"{device.name} has {size(device.memory)} of memory, and the activations alone take up to "
            f"{size(activations)}. Use a smaller batch or a larger device."
        )
    return Place([sum(seconds[node] for node in members) for members in units.members], device.memory - activations)


def _two_sided(
    units: Units, work: Work, places: Sequence[Place], devices: Sequence[Device], links: Sequence[Link]
) -> Plan:
    if len(places) != 2 or not links:
        raise SegmentError(f"Least latency is between two devices and over one link, not {len(places)} devices.")
    done = soonest(work, places[0], places[1], links[0])
    label = "optimal" if done.is_optimal else within(done.seconds, done.bound)
    alone = [sum(place.seconds) for place in places]
    given = sum(value.bytes for value in work.handed if value.owner < 0)
    why = (
        f"{time(done.seconds)} for one request; {time(alone[0])} all on {devices[0].name}, "
        f"{time(alone[1] + links[0].seconds(given))} with the inputs sent to {devices[1].name}."
    )
    of = [int(unit not in done.edge) for unit in range(len(units))]
    if len(set(of)) < 2:
        return Plan("latency", None, [devices[of[0]]], done.seconds, label, f"Do not cut: {why}", ())
    made = placed(units, of)
    return Plan("latency", made, devices, done.seconds, label, why, _cuts(made, work, places, "latency"))


def _why(division: Division, shown: Preview, times: Timing, devices: Sequence[Device]) -> str:
    if division.objective == "traffic":
        most = f"no device or link is busy more than {SLACK:.0%} longer than at best"
        return f"{size(division.value)} cross in all, where {most}."
    if division.objective == "memory":
        return f"The fullest device uses {100 * division.value:.3g} % of its memory for what its segment holds."
    busy = _busiest(times, devices)
    if division.objective == "fewest":
        count = int(division.value)
        fewer = f"; {count - 1} would have too little memory" if count > 1 else ""
        return f"{count} of the devices hold{'s' * (count == 1)} it{fewer}. {busy}"
    even = sum(times.compute) / len(times.compute)
    return f"{busy} An even split of the work would be {time(even)}."


def _busiest(times: Timing, devices: Sequence[Device]) -> str:
    """Which device or link is busy longest."""
    if times.send and max(times.send) >= max(times.compute):
        cut = times.send.index(max(times.send))
        return f"The link from {letter(cut)} to {letter(cut + 1)} is busy longest, {time(times.bottleneck)}."
    segment = times.compute.index(max(times.compute))
    return f"Segment {letter(segment)} on {devices[segment].name} is busy longest, {time(times.bottleneck)}."


def _cuts(of: Segmentation, work: Work, places: Sequence[Place], objective: Objective) -> tuple[str, ...]:
    """A line for each cut: what crosses it, and what would be if it lay elsewhere."""
    lines, across = [], crossings(of)
    for cut, (total, reason) in enumerate(
        zip(link_bytes(of, across), because(of, work, places, objective), strict=True)
    ):
        names = [of.graph.ids[one.node] for one in across if one.way == "sent" and one.source <= cut < one.targets[-1]]
        named = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        ends = "cross" if len(names) > 1 else "crosses"
        lines.append(f"{letter(cut)} | {letter(cut + 1)}: {named or 'nothing'} {ends}, {size(total)}. {reason}")
    return tuple(lines)
