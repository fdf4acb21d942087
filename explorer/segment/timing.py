"""How long a given segmentation takes on given devices: each segment, each link, one request, one result a turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.errors import SegmentError
from explorer.segment.cost import Costs
from explorer.segment.devices import Device, Link
from explorer.segment.measured import Profile
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
    costs: Costs, device: Device, profile: Profile | None = None, *, training: bool = False
) -> list[float]:
    """Per node its time on a device: as measured, where the profile knows the device, else by the roofline.

    A measured time is taken for the forward; the backward is in proportion to the arithmetic.
    """
    if profile is None or device.name not in profile.by_device:
        return [costs.seconds(node, device, training=training) for node in range(len(costs.graph))]
    measured = profile.seconds(device.name)
    if not training:
        return measured
    shares = [back / ahead if ahead else 1.0 for back, ahead in zip(costs.backward_flops, costs.flops, strict=True)]
    return [seconds * (1 + share) for seconds, share in zip(measured, shares, strict=True)]


def timing(
    preview: Preview,
    costs: Costs,
    devices: Sequence[Device],
    links: Sequence[Link],
    profile: Profile | None = None,
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
    forward = _compute(preview, costs, devices, profile, training=False)
    both = _compute(preview, costs, devices, profile, training=True) if training else forward
    send = [link.seconds(bytes) for link, bytes in zip(links, preview.links, strict=False)]
    return Timing(both, [b - f for b, f in zip(both, forward, strict=True)], send)


def _compute(
    preview: Preview, costs: Costs, devices: Sequence[Device], profile: Profile | None, *, training: bool
) -> list[float]:
    """Seconds of every segment; devices of one kind are asked once."""
    known: dict[str, list[float]] = {}
    found = []
    for device, content in zip(devices, preview.contents, strict=True):
        if device.name not in known:
            known[device.name] = node_seconds(costs, device, profile, training=training)
        found.append(sum(known[device.name][node] for node in content.members))
    return found
