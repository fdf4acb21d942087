"""Where the segments run and what was planned and proved of them: what the panel and the dock of Segment show.

No Streamlit in here. The cuts themselves are ``share.Cutting``'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.errors import SegmentError
from explorer.export.parts import to_parts
from explorer.graph import Graph
from explorer.segment.api import USUAL_DEVICE, USUAL_LINK
from explorer.segment.cost import Costs, costs
from explorer.segment.cut import Segmentation, whole
from explorer.segment.devices import Device, Link
from explorer.segment.measured import THIS_MACHINE, Measured, measure, read_profile, this_machine
from explorer.segment.orders import Kind
from explorer.segment.partition.plan import Objective, Plan, plan
from explorer.segment.preview import Preview, preview
from explorer.segment.profiles import Profiles, shipped
from explorer.segment.proof import Proof, prove, sample
from explorer.segment.resize import Size, free_sizes, resized
from explorer.segment.schedule import Pipeline, simulate, stage_times
from explorer.segment.split import split
from explorer.segment.timing import Timing, timing
from explorer.segment.traced import Traced
from explorer.segment.units import units
from explorer.segment.worth import compared, worth
from explorer.ui.background import Job

if TYPE_CHECKING:
    from explorer.ui.segment.share import Cutting


@dataclass(frozen=True)
class Planned:
    """A plan with what it was made for; ``devices`` and ``links`` by their names."""

    plan: Plan
    segmentation: Segmentation
    worth: float
    training: bool


class Planning:
    """``device_names`` and ``link_names`` hold what was chosen; further segments are on the last one.

    ``base`` are the profiles that the tables of the present ``edition`` began with. The pipeline in time is shown for
    ``sizes``; the free sizes that are not in it are as traced.
    """

    def __init__(self, cutting: Cutting) -> None:
        self.cutting = cutting
        self.profiles = self.base = shipped()
        self.edition = 0
        self.device_names, self.link_names = [USUAL_DEVICE], [USUAL_LINK]
        self.objective: Objective = "bottleneck"
        self.parts, self.training = 3, False
        self.measured: Measured | None = None
        self.measuring: Job[Measured | None] | None = None
        self.kind: Kind = "1f1b"
        self.microbatches, self.each = 4, 2
        self.sizes: dict[str, int] = {}
        self.proof: Job[Proof] | None = None
        self._planned: Planned | None = None
        self._proved: tuple[object, ...] = ()
        self._sized: tuple[Graph, tuple[tuple[str, int], ...], Graph, Costs] | None = None

    # Devices and links -------------------------------------------------------------------------------------------

    def devices(self, count: int | None = None) -> list[Device]:
        """One for each segment."""
        count = count or self.cutting.segmentation.parts
        return [self.profiles.devices[name] for name in _filled(self.device_names, self.profiles.devices, count)]

    def links(self, count: int | None = None) -> list[Link]:
        """One for each cut."""
        count = self.cutting.segmentation.parts - 1 if count is None else count
        return [self.profiles.links[name] for name in _filled(self.link_names, self.profiles.links, count)]

    def put_device(self, segment: int, name: str) -> None:
        names = [one.name for one in self.devices()]
        names[segment] = name
        self.device_names = names

    def put_link(self, cut: int, name: str) -> None:
        names = [one.name for one in self.links()]
        names[cut] = name
        self.link_names = names

    def take_profiles(self, profiles: Profiles) -> None:
        """Other profiles, from a file or as shipped; what was chosen and is gone is replaced by the first."""
        self.profiles = self.base = profiles
        self.edition += 1

    def times(self) -> Timing:
        """Seconds of the segments as cut, for the batch as traced."""
        return timing(
            self.cutting.preview, self.cutting.costs, self.devices(), self.links(), self.known,
            training=self.training,
        )  # fmt: skip

    @property
    def known(self) -> Measured | None:
        """What was measured, where it was measured on this graph."""
        return self.measured if self.measured is not None and self.measured.graph is self.cutting.graph else None

    # Automatic cuts ----------------------------------------------------------------------------------------------

    def place(self, objective: Objective, parts: int) -> None:
        """Puts the best cuts on the canvas. What cannot be planned is said, and the cuts stay."""
        self.objective, self.parts = objective, parts
        cutting = self.cutting
        with cutting.guarded():
            count = 2 if objective == "latency" else parts
            on, over = self.devices(count), self.links(count - 1)
            made = plan(
                units(cutting.graph), cutting.costs, on, over, objective, training=self.training, measured=self.known
            )
            found = made.segmentation or whole(cutting.graph)
            self.device_names = [device.name for device in made.devices]
            self.link_names = [link.name for link in over] or self.link_names
            cutting.place(found, f"{made.label[0].upper()}{made.label[1:]}. {made.why}")
            value = self._worth(objective)
            self._planned = Planned(made, found, value, self.training)

    @property
    def planned(self) -> Planned | None:
        """The last plan, where it is one of this graph."""
        found = self._planned
        return found if found is not None and found.segmentation.graph is self.cutting.graph else None

    @property
    def is_as_planned(self) -> bool:
        return self.planned is not None and self.planned.segmentation.of == self.cutting.segmentation.of

    def beside_the_plan(self) -> str:
        """How much worse, or better, the present cuts and devices are than the plan was; "" without one."""
        found = self.planned
        if found is None or (found.training, found.segmentation.parts) != (
            self.training,
            self.cutting.segmentation.parts,
        ):
            return ""
        return compared(found.plan.objective, self._worth(found.plan.objective), found.worth)

    def _worth(self, objective: Objective) -> float:
        return worth(objective, self.cutting.preview, self.times(), self.devices())

    # Proof -------------------------------------------------------------------------------------------------------

    @property
    def unproved(self) -> str:
        """Why nothing can be compared; "" where it can."""
        cutting = self.cutting
        if getattr(cutting.run, "exported", None) is None:
            return cutting.uncaptured or "Only a model is divided into modules that run; this is planned alone."
        if cutting.run.values[cutting.graph.outputs[0]] is None:
            return "The model has no weights here. What needs numbers, such as parity, is not there."
        return ""

    def keep_proving(self) -> None:
        """Begins the proof of the present cuts, where it is not under way or done; one of other cuts is stopped."""
        cutting = self.cutting
        key = (cutting.run, cutting.segmentation.of, tuple(sorted(cutting.cuts.choices.items())))
        if self._proved and self._proved[0] is key[0] and self._proved[1:] == key[1:]:
            return
        if self.proof is not None:
            self.proof.stop()
        self._proved, self.proof = key, None
        if not self.unproved and cutting.segmentation.parts > 1:
            run: Traced = cutting.run  # type: ignore[assignment]  # an exported run, as unproved is empty
            self.proof = Job(prove(run, cutting.segmentation, dict(cutting.cuts.choices)))

    def prove_again(self) -> None:
        """Begins anew after a stop."""
        self._proved = ()

    def exported(self) -> bytes:
        """The present segments as a zip of files that run by themselves."""
        seg = split(self.cutting.run, self.cutting.segmentation, self.cutting.cuts.choices)  # type: ignore[arg-type]
        return to_parts(seg, *sample(seg))

    # Measured times ----------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Times every operation on this machine, in the background."""
        self.measuring = Job(_measuring(self.cutting))

    def take_measured(self) -> bool:
        """What was measured becomes a device, once it is there; whether one was made just now."""
        job = self.measuring
        if job is None or not job.is_done:
            return False
        self.measuring = None
        if job.found is not None and not job.is_stopped:
            machine = this_machine(self.cutting.costs, job.found)
            self._keep(job.found)
            self.take_profiles(self.profiles.with_all([machine], []))
            return True
        if job.problem:
            raise SegmentError(job.problem)
        return False

    def import_measured(self, text: str) -> None:
        """A profile from a file. Raises SegmentError where it does not fit the graph or names unknown devices."""
        found = read_profile(self.cutting.graph, text)
        for device in found.by_device:
            if device not in self.profiles.devices and device != THIS_MACHINE:
                raise SegmentError(
                    f"There is no device called {device!r}. Add it to the devices first, for its memory."
                )
            found.seconds(device)
        self._keep(found)
        if THIS_MACHINE in found.by_device:
            machine = this_machine(self.cutting.costs, found)
            self.take_profiles(self.profiles.with_all([machine], []))

    def forget_measured(self) -> None:
        """Times come from the roofline again."""
        self.measured = None

    def _keep(self, found: Measured) -> None:
        known = self.known
        self.measured = Measured(found.graph, {**(known.by_device if known else {}), **found.by_device})

    # The pipeline in time ----------------------------------------------------------------------------------------

    def free(self) -> list[Size]:
        """The sizes that the pipeline can be shown for; none where the graph has them fixed."""
        run = self.cutting.run
        return free_sizes(run) if getattr(run, "exported", None) is not None else []  # type: ignore[arg-type]

    def sized(self) -> tuple[Segmentation, Preview, Costs]:
        """The segments at the chosen sizes. Raises SegmentError for sizes that the model does not take."""
        cutting, wanted = self.cutting, tuple(sorted(self.sizes.items()))
        if not wanted:
            return cutting.segmentation, cutting.preview, cutting.costs
        if self._sized is None or self._sized[0] is not cutting.graph or self._sized[1] != wanted:
            graph = resized(cutting.run, self.sizes)  # type: ignore[arg-type]
            self._sized = (cutting.graph, wanted, graph, costs(graph))
        graph, known = self._sized[2:]
        of = Segmentation(units(graph), cutting.segmentation.of[: len(graph)])
        return of, preview(of, known, cutting.cuts.choices), known

    def sized_times(self, *, training: bool) -> Timing:
        _, shown, known = self.sized()
        measured = self.known if known is self.cutting.costs else None
        return timing(shown, known, self.devices(), self.links(), measured, training=training)

    def pipeline(self) -> Pipeline:
        """The schedule of microbatches of the chosen sizes each. Raises SegmentError where they do not fit its kind."""
        times = self.sized_times(training=self.kind != "inference")
        stages, each = self.cutting.segmentation.parts, self.each if self.kind == "interleaved" else 1
        if stages % each:
            raise SegmentError(
                f"Interleaved, every device has {each} segments, and {stages} do not come out even. "
                f"Cut it into {stages - stages % each or each} or {stages - stages % each + each}."
            )
        return simulate(self.kind, stage_times(times, 1), stages // each, self.microbatches)

    def in_flight(self, made: Pipeline) -> list[float]:
        """Per device the most bytes that wait for a backward."""
        return made.in_flight([content.memory.kept for content in self.sized()[1].contents])


def _filled(names: Sequence[str], known: object, count: int) -> list[str]:
    """So many names: the last one again where there are too few, the first known one for what is gone."""
    assert isinstance(known, dict)
    there = [name if name in known else next(iter(known)) for name in names]
    return (there + [there[-1]] * count)[:count]


def _measuring(cutting: Cutting) -> Iterator[tuple[float, str, Measured | None]]:
    """The measurement in steps, which the job can be stopped between."""
    words = f"timing the operations of {len(cutting.graph):,} nodes"
    for share, found in measure(cutting.run):
        yield share, words, found
