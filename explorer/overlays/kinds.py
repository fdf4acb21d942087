"""The overlays that are worked out from a run. Each kind is a row of the table at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import torch
from torch import Tensor

from explorer.errors import OverlayError, SegmentError
from explorer.execute import levels
from explorer.graph import LEAVES, Graph
from explorer.overlays.overlay import Datum, Overlay
from explorer.passes.depth import depths, gradient_norms
from explorer.passes.memory import inference
from explorer.progress import tell
from explorer.run import Number, Run, Tangents, is_finite
from explorer.segment.flops import flops, is_known
from explorer.segment.measured import THIS_MACHINE, measure
from explorer.segment.sizes import value_bytes

Kind = str


@dataclass(frozen=True)
class Asked:
    """What an overlay is made of. ``tangents`` are there in forward mode; ``segments`` are the names of the nodes'
    segments, where there is a segmentation; ``given`` is an overlay from a file; ``seconds`` are times that were
    measured before, for this graph.
    """

    run: Run
    tangents: Tangents | None = None
    segments: Sequence[str | None] | None = None
    given: Overlay | None = None
    seconds: Sequence[float | None] | None = None

    @property
    def graph(self) -> Graph:
        return self.run.graph


def overlay(kind: Kind, asked: Asked | Run) -> Overlay:
    """The overlay of a kind. Raises OverlayError for an unknown kind and for one that the run cannot give."""
    asked = Asked(asked) if isinstance(asked, Run) else asked
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=2)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise OverlayError(f"There is no overlay {kind!r}.{hint} There are {', '.join(KINDS)}.")
    return KINDS[kind](asked)


def _value(asked: Asked) -> Overlay:
    run = asked.run
    data = [_norm(value, not run.is_broken(node)) for node, value in enumerate(run.values)]
    return Overlay(
        "value", TITLES["value"], data, ramp="value", after="value", note="tensors by their norm, masks aside"
    )


def _gradient(asked: Asked) -> Overlay:
    tangents = asked.tangents
    data = [_norm(grad) for grad in (asked.run.grads if tangents is None else tangents.tangents)]
    title = TITLES["gradient"] if tangents is None else "Tangent"
    return Overlay("gradient", title, data, ramp="gradient", after="gradient", note="tensors by their norm")


def _slope(asked: Asked) -> Overlay:
    """Of every node the gradient norm of its whole level: vanishing and exploding show as a slope."""
    norms = gradient_norms(asked.run)
    data = [norms[level] for level in depths(asked.graph)]
    note = "all gradients of a level together: fading to the left they vanish, growing they explode"
    return Overlay("slope", TITLES["slope"], data, ramp="gradient", note=note)


def _time(asked: Asked) -> Overlay:
    data = measured_seconds(asked.run) if asked.seconds is None else asked.seconds
    return Overlay("time", TITLES["time"], data, "s", "sum", note="fastest of three, measured on this machine")


def measured_seconds(run: Run) -> list[float | None]:
    """Per operation the seconds of its forward on this machine; None for leaves.

    What it tells of its progress can be stopped there. Raises OverlayError where an operation cannot be run again.
    """
    try:
        measured = None
        for share, done in measure(run):
            tell(share, "Timing every operation")
            measured = done
        assert measured is not None
    except SegmentError as error:
        raise OverlayError(f"The operations of this run cannot be timed. {error}") from None
    taken = measured.by_device[THIS_MACHINE]
    return [taken[node].seconds if op not in LEAVES else None for node, op in enumerate(run.graph.ops)]


def _memory(asked: Asked) -> Overlay:
    graph = asked.graph
    data = [float(value_bytes(graph, node)) if dtype else None for node, dtype in enumerate(graph.dtypes)]
    return Overlay("memory", TITLES["memory"], data, "B", "sum", note="bytes of the result")


def _live(asked: Asked) -> Overlay:
    """Bytes in memory while an operation runs, where nothing is kept for a backward."""
    plan = inference(asked.run)
    data: list[Datum] = [None] * len(asked.graph)
    for action, live in zip(plan.actions, plan.live, strict=True):
        if action.kind == "forward":
            data[action.node] = float(live)
    note = "all that is alive while the operation runs, in inference, each result in memory of its own"
    return Overlay("live", TITLES["live"], data, "B", note=note)


def _flops(asked: Asked) -> Overlay:
    graph = asked.graph
    data = [None if op in LEAVES else _flops_of(graph, node) for node, op in enumerate(graph.ops)]
    guessed = dict.fromkeys(op for op in graph.ops if op not in LEAVES and not is_known(op))
    note = f"one an element for want of better: {', '.join(list(guessed)[:3])}" if guessed else "of the forward pass"
    return Overlay("flops", TITLES["flops"], data, "FLOP", "sum", note=note)


def _flops_of(graph: Graph, node: int) -> float:
    ports = [tuple(graph.shapes[source]) for source in graph.inputs[node]]
    return float(flops(graph.ops[node], ports, tuple(graph.shapes[node]), graph.attrs.get(node, {})))


def _dtype(asked: Asked) -> Overlay:
    return Overlay("dtype", TITLES["dtype"], [dtype or None for dtype in asked.graph.dtypes], gather="same")


def _level(asked: Asked) -> Overlay:
    note = "operations on the longest way to it; those of one level can run side by side"
    return Overlay("level", TITLES["level"], [float(level) for level in levels(asked.graph)], note=note)


NAN, INFINITE, BROKEN_GRADIENT, FINITE = "NaN", "infinite", "gradient not finite", "finite"
MASK = "−∞ that masks"


def _finite(asked: Asked) -> Overlay:
    run = asked.run
    grads = run.grads if asked.tangents is None else asked.tangents.tangents
    data = [_state(run, node, grads[node]) for node in range(len(run.graph))]
    words = (NAN, INFINITE, BROKEN_GRADIENT, MASK, FINITE)
    return Overlay("finite", TITLES["finite"], data, gather="first", words=words)


def _state(run: Run, node: int, grad: Number | None) -> str | None:
    value = run.values[node]
    if value is None:
        return None
    if run.is_broken(node):
        has_nan = bool(value.isnan().any()) if isinstance(value, Tensor) else math.isnan(value)
        return NAN if has_nan else INFINITE
    if grad is not None and not is_finite(grad):
        return BROKEN_GRADIENT
    return FINITE if is_finite(value) else MASK


def _segment(asked: Asked) -> Overlay:
    if asked.segments is None:
        raise OverlayError("There are no segments yet. Divide the graph first, then colour it by segment.")
    words = tuple(sorted({name for name in asked.segments if name is not None}))
    return Overlay("segment", TITLES["segment"], list(asked.segments), gather="same", words=words)


def _given(asked: Asked) -> Overlay:
    if asked.given is None:
        raise OverlayError("There is no file to colour by yet. Upload JSON or CSV of node id and number or colour.")
    return asked.given


def _norm(number: Number | None, masked: bool = False) -> float | None:
    """The size of a number, the 2-norm of a tensor's entries; where they are ``masked``, of the finite ones."""
    if number is None:
        return None
    if isinstance(number, Tensor):
        entries = number.double()
        return float(torch.linalg.vector_norm(entries[entries.isfinite()] if masked else entries))
    return abs(float(number))


TITLES: Mapping[Kind, str] = {
    "value": "Value",
    "gradient": "Gradient",
    "slope": "Gradient by depth",
    "time": "Time",
    "memory": "Memory",
    "live": "Live memory",
    "flops": "FLOPs",
    "dtype": "Data type",
    "level": "Depth level",
    "finite": "NaN and infinity",
    "segment": "Segment",
    "file": "From a file",
}

KINDS: Mapping[Kind, Callable[[Asked], Overlay]] = {
    "value": _value,
    "gradient": _gradient,
    "slope": _slope,
    "time": _time,
    "memory": _memory,
    "live": _live,
    "flops": _flops,
    "dtype": _dtype,
    "level": _level,
    "finite": _finite,
    "segment": _segment,
    "file": _given,
}
