"""What a segmentation is worth by a goal, whoever made it, so that a choice of the user can stand beside a plan."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.segment.devices import Device
from explorer.segment.partition.plan import Objective
from explorer.segment.preview import Preview
from explorer.segment.timing import Timing
from explorer.segment.wording import size, time


def worth(objective: Objective, shown: Preview, times: Timing, devices: Sequence[Device]) -> float:
    """Smaller is better: seconds (``bottleneck``, ``latency``), bytes, the largest share of a device's memory that its
    segment holds, or the number of devices.
    """
    if objective == "bottleneck":
        return times.bottleneck
    if objective == "latency":
        return times.latency
    if objective == "traffic":
        return float(sum(shown.links))
    if objective == "memory":
        return max(one.memory.weights / device.memory for one, device in zip(shown.contents, devices, strict=True))
    return float(len(shown.contents))


def said(objective: Objective, value: float) -> str:
    """A worth with its unit."""
    if objective in ("bottleneck", "latency"):
        return time(value)
    if objective == "traffic":
        return size(value)
    if objective == "memory":
        return f"{100 * value:.3g} %"
    return f"{value:.0f} device{'s' * (value != 1)}"


def compared(objective: Objective, mine: float, planned: float) -> str:
    """How much worse a choice is than the plan, in words."""
    if mine == planned:
        return f"As good as the plan: {said(objective, mine)}."
    how = "worse" if mine > planned else "better"
    if planned <= 0:
        return f"{said(objective, mine)}, and {said(objective, planned)} as planned."
    share = abs(mine / planned - 1)
    much = f"{mine / planned:.3g} times as much" if share >= 1 else f"{100 * share:.2g} % {how}"
    return f"{said(objective, mine)}: {much}, as planned it is {said(objective, planned)}."
