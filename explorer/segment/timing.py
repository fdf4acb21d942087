"""How long a given segmentation takes on given devices: each segment, each link, one request, one result a turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.errors import SegmentError
from explorer.segment.cost import Costs
from explorer.segment.devices import Device, Link
from explorer.segment.measured import Measured
from explorer.segment.preview import Preview


@dataclass(frozen=True)
class Timing:
    """Seconds: ``compute`` of every segment, and of that ``backward``; ``send`` over every link."""

    compute: Sequence[float]
    backward: Sequence[float]
    send: Sequence[float]

    @property
    def bottleneck(self) -> float:
        """The longest that one device or one link is busy with one batch."""
        return max([*self.compute, *self.send])

    @property
    def latency(self) -> float:
        """One batch through all segments and links, one after the other."""
        return sum(self.compute) + sum(self.send)


def node_seconds(
    costs: Costs, device: Device, measured: Measured | None = None, *, training: bool = False
) -> list[float]:
    """Per node its time on a device: as measured, where that was done, else by the roofline.

    A measured time is taken for the forward; the backward is in proportion to the arithmetic.
    """
    if measured is None or device.name not in measured.by_device:
        return [costs.seconds(node, device, training=training) for node in range(len(costs.graph))]
    forward = measured.seconds(device.name)
    if not training:
        return forward
    shares = [back / ahead if ahead else 1.0 for back, ahead in zip(costs.backward_flops, costs.flops, strict=True)]
    return [seconds * (1 + share) for seconds, share in zip(forward, shares, strict=True)]


def timing(
    preview: Preview,
    costs: Costs,
    devices: Sequence[Device],
    links: Sequence[Link],
    measured: Measured | None = None,
    *,
    training: bool = False,
) -> Timing:
    """The times of the segments of a preview, one device each, with ``links[k]`` behind device k.

    Raises SegmentError where devices or links are missing.
    """
    parts = len(preview.contents)
    if len(devices) != parts or len(links) < parts - 1:
        raise SegmentError(
            f"{parts} segments need {parts} devices and {parts - 1} links between them, "
            f"and there are {len(devices)} and {len(links)}."
        )
    forward = _compute(preview, costs, devices, measured, training=False)
    both = _compute(preview, costs, devices, measured, training=True) if training else forward
    send = [link.seconds(bytes) for link, bytes in zip(links, preview.links, strict=False)]
    return Timing(both, [b - f for b, f in zip(both, forward, strict=True)], send)


def _compute(
    preview: Preview, costs: Costs, devices: Sequence[Device], measured: Measured | None, *, training: bool
) -> list[float]:
    """Seconds of every segment; devices of one kind are asked once."""
    known: dict[str, list[float]] = {}
    found = []
    for device, content in zip(devices, preview.contents, strict=True):
        if device.name not in known:
            known[device.name] = node_seconds(costs, device, measured, training=training)
        found.append(sum(known[device.name][node] for node in content.members))
    return found


def joules(times: Timing, devices: Sequence[Device]) -> float | None:
    """The energy of one batch on all devices while they compute; None where the power of one is not known."""
    watts = [device.watts for device in devices]
    if any(one is None for one in watts):
        return None
    return sum(one * seconds for one, seconds in zip(watts, times.compute, strict=True) if one is not None)
