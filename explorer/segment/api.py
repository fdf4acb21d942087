"""The way in: a traced model, divided by hand or by itself, with everything there is to know about the parts.

run = explorer.trace_module(model, inputs, mode="export")
seg = segment(run, after=["h.0", "h.2"])              # by hand
seg = segment(run, parts=3, objective="bottleneck")   # by itself
seg.segments[1].parameters, seg.crossings, seg.verify().bit_equal, seg.modules, seg(inputs)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeVar

from torch import nn

from explorer.errors import SegmentError
from explorer.graph import Graph, Node
from explorer.segment.cost import Costs, costs
from explorer.segment.crossing import Crossing
from explorer.segment.cut import Segmentation, assigned, letter, whole
from explorer.segment.cut import after as cut_after
from explorer.segment.devices import Device, Link
from explorer.segment.devices import devices as known_devices
from explorer.segment.devices import links as known_links
from explorer.segment.fresh import fresh
from explorer.segment.integers import Integer, integers
from explorer.segment.measured import Measured
from explorer.segment.orders import Kind
from explorer.segment.parity import Parity, verify
from explorer.segment.partition.plan import Objective, Plan, plan
from explorer.segment.preview import Content, Preview, preview
from explorer.segment.schedule import Phase, Pipeline, simulate, stage_times, waterfall
from explorer.segment.split import Split, split
from explorer.segment.timing import Timing, joules, timing
from explorer.segment.traced import Traced
from explorer.segment.units import units

USUAL_DEVICE, USUAL_LINK = "Server GPU, A100 SXM 80GB", "NVLink 3"


@dataclass(frozen=True)
class Segment:
    """One part. ``parameters`` is their number, ``bytes`` what they take with its buffers; ``flops`` of a forward;
    ``inputs`` and ``outputs`` are what crosses links, and what the model itself is given and returns. Everything for
    the batch as traced.
    """

    name: str
    content: Content
    graph: Graph
    device: Device

    @property
    def parameters(self) -> int:
        return self.content.parameters

    @property
    def bytes(self) -> int:
        return self.content.memory.weights

    @property
    def flops(self) -> float:
        return self.content.flops

    @property
    def peak_memory(self) -> int:
        """Bytes of weights and the most activations at once, in inference."""
        return self.bytes + self.content.memory.inference

    @property
    def training_memory(self) -> int:
        """The same in training, with a gradient for every parameter, without what an optimiser holds."""
        memory = self.content.memory
        return self.bytes + memory.gradients + memory.training

    @property
    def inputs(self) -> tuple[Node, ...]:
        return tuple(self.graph.node(node) for node in (*self.content.given, *self.content.received))

    @property
    def outputs(self) -> tuple[Node, ...]:
        return tuple(self.graph.node(node) for node in dict.fromkeys((*self.content.sent, *self.content.results)))


class Segments:
    """A segmentation of a run on devices; ``plan`` is None where it was made by hand."""

    def __init__(
        self,
        run: Traced,
        of: Segmentation,
        known: Costs,
        devices: Sequence[Device],
        links: Sequence[Link],
        *,
        choices: Mapping[int, str],
        training: bool,
        measured: Measured | None,
        found: Plan | None,
    ) -> None:
        self.run, self.segmentation, self.costs, self.plan, self.choices = run, of, known, found, choices
        self.devices, self.links = devices, links
        self._training, self._measured = training, measured

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the whole model returns, by running the segments in order."""
        return self._split(*args, **kwargs)

    @cached_property
    def preview(self) -> Preview:
        return preview(self.segmentation, self.costs, self.choices)

    @cached_property
    def segments(self) -> Sequence[Segment]:
        parts = zip(self.preview.contents, self.devices, strict=True)
        return [Segment(letter(k), content, self.run.graph, device) for k, (content, device) in enumerate(parts)]

    @property
    def crossings(self) -> Sequence[Crossing]:
        return self.preview.crossings

    @property
    def modules(self) -> list[nn.Module]:
        """The segments as modules with weights of their own. Raises SegmentError for a run that was not exported."""
        return [stage.module for stage in self._split.stages]

    @cached_property
    def integers(self) -> Sequence[Integer]:
        """Sizes that several segments read, and how each comes by them; none where the graph was not exported."""
        return integers(self._split, self.run) if self.run.exported is not None else ()

    @cached_property
    def timing(self) -> Timing:
        """Seconds of every segment and link."""
        return timing(self.preview, self.costs, self.devices, self.links, self._measured, training=self._training)

    @property
    def joules(self) -> float | None:
        """Energy of one batch while the devices compute; None where the power of one is not known."""
        return joules(self.timing, self.devices)

    def verify(self, *args: Any, **kwargs: Any) -> Parity:
        """The proof of parity on these inputs; without any, on those that the model was captured with."""
        return verify(self._split, *self._inputs(args, kwargs))

    def verify_fresh(self) -> Parity:
        """The same on inputs of another batch and length, where the model allows it."""
        program = self._split.exported.program
        return verify(self._split, *fresh(program, *self._inputs((), {})))

    def timeline(self, kind: Kind = "1f1b", microbatches: int = 8, each: int = 1) -> Pipeline:
        """The batch as traced, in so many microbatches, through the segments as a pipeline.

        With ``each`` above 1 every device has so many segments, spread over the model: segment s is on device s modulo
        the devices (``interleaved``, ``zero-bubble``). Raises SegmentError where that does not come out even.
        """
        if each < 1 or len(self.devices) % each:
            raise SegmentError(
                f"{len(self.devices)} segments cannot be {each} on each device. Cut a multiple of {each}."
            )
        times = timing(self.preview, self.costs, self.devices, self.links, self._measured, training=kind != "inference")
        taken = stage_times(times, microbatches, [link.latency for link in self.links])
        return simulate(kind, taken, len(self.devices) // each, microbatches)

    def in_flight(self, pipeline: Pipeline) -> list[float]:
        """Per device of a timeline the most bytes that wait on it, between forwards and their backwards."""
        kept = [content.memory.kept / pipeline.microbatches for content in self.preview.contents]
        return pipeline.in_flight(kept)

    def waterfall(self) -> list[Phase]:
        """One batch through all segments, computing and sending in turn."""
        return waterfall(self.timing)

    @cached_property
    def _split(self) -> Split:
        return split(self.run, self.segmentation, self.choices)

    def _inputs(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Sequence[Any], Mapping[str, Any]]:
        if args or kwargs:
            return args, kwargs
        sample = self._split.exported.program.example_inputs
        if sample is None:
            raise SegmentError("The inputs that the model was captured with are not there any more. Give some.")
        return sample[0], sample[1]


def segment(
    run: Traced,
    after: Sequence[str | int] | None = None,
    *,
    assignment: Mapping[str, int] | None = None,
    parts: int | None = None,
    objective: Objective = "bottleneck",
    devices: Sequence[Device | str] | None = None,
    links: Sequence[Link | str] | None = None,
    choices: Mapping[str, str] | None = None,
    training: bool = False,
    measured: Measured | None = None,
) -> Segments:
    """A run divided: ``after`` nodes or module paths, by ``assignment`` of every operation, or best in ``parts``.

    The segment ahead of a cut holds its node, or all of its module, with everything that they need. ``devices`` and
    ``links`` are profiles or the names of some; one stands for all. ``parts`` may be left out where devices are given.
    ``choices`` say by node how a value crosses where there is a choice: a tied weight ``sent`` instead of
    ``replicated``. Raises SegmentError for what does not go together.
    """
    if sum(one is not None for one in (after, assignment, parts)) > 1:
        raise SegmentError("Say where to cut in one way: after=..., assignment=... or parts=...")
    known = costs(run.graph)
    made, found = _by_hand(run, after, assignment), None
    count = made.parts if made else _count(parts, devices, objective)
    on = _several(devices or [USUAL_DEVICE], known_devices, Device, count)
    over = _several(links or [USUAL_LINK], known_links, Link, count - 1)
    if made is None:
        found = plan(units(run.graph), known, on, over, objective, training=training, measured=measured)
        made, on = found.segmentation or whole(run.graph), list(found.devices)
    ways = {run.graph.find(id_): way for id_, way in (choices or {}).items()}
    return Segments(run, made, known, on, over, choices=ways, training=training, measured=measured, found=found)


def _by_hand(
    run: Traced, after: Sequence[str | int] | None, assignment: Mapping[str, int] | None
) -> Segmentation | None:
    if after is not None:
        return cut_after(run.graph, after)
    return assigned(run.graph, assignment) if assignment is not None else None


def _count(parts: int | None, devices: Sequence[Device | str] | None, objective: Objective) -> int:
    if parts is None:
        if not devices:
            raise SegmentError("Say where to cut: after=..., assignment=..., parts=... or the devices.")
        return 2 if objective == "latency" else len(devices)
    if isinstance(parts, bool) or parts < 1:
        raise SegmentError(f"{parts!r} parts cannot be made. Give a whole number of 1 or more.")
    return parts


Profiled = TypeVar("Profiled", Device, Link)


def _several(given: Sequence[Profiled | str], known: Any, kind: type[Profiled], count: int) -> list[Profiled]:
    """So many of them; one stands for all. Raises SegmentError for an unknown name, naming near ones."""
    if isinstance(given, str):
        given = [given]
    found = [one if isinstance(one, kind) else named(str(one), known(), kind.__name__.lower()) for one in given]
    if len(found) == 1:
        return found * count
    if len(found) < count:
        told = ", ".join(one.name for one in found)
        raise SegmentError(f"{count} {kind.__name__.lower()}s are needed, and {len(found)} were given: {told}.")
    return found[:count]


def named(name: str, known: Mapping[str, Profiled], kind: str = "device") -> Profiled:
    """By its name, or a part of it that only one has. Raises SegmentError with those that are near."""
    matching = [one for full, one in known.items() if name.lower() in full.lower()]
    if name in known or len(matching) == 1:
        return known.get(name) or matching[0]
    near = [one.name for one in matching] or get_close_matches(name, known, n=3, cutoff=0.3) or list(known)
    raise SegmentError(f"{name!r} is not one of the profiles of a {kind}. There are {'; '.join(near)}.")
