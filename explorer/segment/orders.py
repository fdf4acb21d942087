"""In which order each device of a pipeline takes its forwards and backwards, for every kind of schedule."""

from __future__ import annotations

from typing import Literal, NamedTuple

from explorer.errors import SegmentError

Kind = Literal["gpipe", "1f1b", "interleaved", "zero-bubble", "inference"]


class Action(NamedTuple):
    """``what``: F forward, B backward, I the half of it for the inputs, W the half for the weights."""

    what: str
    stage: int
    microbatch: int


def order(kind: Kind, device: int, devices: int, stages: int, microbatches: int) -> list[Action]:
    """The forwards and backwards of one device; stage s is on device s modulo their number.

    Raises SegmentError where stages or microbatches do not go with the kind of schedule.
    """
    check(kind, devices, stages, microbatches)
    if kind == "inference":
        return [Action("F", device, m) for m in range(microbatches)]
    if kind == "gpipe":
        return [Action(what, device, m) for what in "FB" for m in range(microbatches)]
    each = stages // devices
    # A round trip of the pipeline ahead; with several stages each, twice that keeps every device in step.
    ahead = (devices - device - 1) * (2 if kind == "interleaved" and each > 1 else 1)
    total = each * microbatches
    warm = min(total, (each - 1) * _in_a_round(devices, microbatches) + ahead)
    forwards = _passes("F", device, devices, each, microbatches)
    backwards = _passes("I" if kind == "zero-bubble" else "B", device, devices, each, microbatches)
    steady = [action for pair in zip(forwards[warm:], backwards, strict=False) for action in pair]
    return [*forwards[:warm], *steady, *backwards[total - warm :]]


def check(kind: Kind, devices: int, stages: int, microbatches: int) -> None:
    """Raises SegmentError where no schedule of this kind can be made."""
    if devices < 1 or microbatches < 1:
        raise SegmentError(f"A pipeline needs a device and a microbatch, not {devices} and {microbatches}.")
    if stages < devices or stages % devices:
        raise SegmentError(f"{stages} stages cannot be spread evenly over {devices} devices. Cut a multiple of them.")
    if stages > devices and kind not in ("interleaved", "zero-bubble"):
        raise SegmentError(f"{kind} has one stage on each of {devices} devices, not {stages}. Take interleaved.")
    rounds = max(1, microbatches // devices)
    if stages > devices and microbatches % rounds:
        raise SegmentError(
            f"With several stages on each device, {microbatches} microbatches must be a multiple of {rounds}. "
            f"Try {microbatches - microbatches % rounds} or {microbatches + rounds - microbatches % rounds}."
        )


def _in_a_round(devices: int, microbatches: int) -> int:
    """Microbatches that pass one stage before the device turns to its next: as many as devices, or a few more."""
    return microbatches // max(1, microbatches // devices)


def _passes(what: str, device: int, devices: int, each: int, microbatches: int) -> list[Action]:
    """All of one kind: a round through the device's first stage, through its second, ...; backwards the last first."""
    size = _in_a_round(devices, microbatches)
    found = []
    for start in range(0, microbatches, size):
        for local in range(each) if what == "F" else range(each - 1, -1, -1):
            found += [Action(what, local * devices + device, m) for m in range(start, min(start + size, microbatches))]
    return found
