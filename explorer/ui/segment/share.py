"""What the activity Segment keeps for a session: the run that is cut, its cuts, and the way back through them.

Whoever changes cuts calls ``place`` (with a segmentation from anywhere: by hand, automatic) or ``choose``; whoever
shows them reads ``cuts``, ``preview`` and ``said``. A change draws the canvas anew; a SegmentError from a gesture is
``said`` and the last valid cuts stay. No Streamlit in here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from explorer.canvas.wire import Section
from explorer.errors import CaptureError, ExplorerError, SegmentError
from explorer.graph import Edge, Graph
from explorer.layout import Placement
from explorer.run import Run
from explorer.segment.cost import Costs, costs
from explorer.segment.crossing import crossings
from explorer.segment.cut import Segmentation, letter, whole
from explorer.segment.preview import Preview, preview
from explorer.segment.units import units
from explorer.ui.planned import without_weights
from explorer.ui.segment.cuts import Changes, Cuts
from explorer.ui.segment.gestures import STALE, answer
from explorer.ui.segment.planning import Planning
from explorer.ui.segment.section import Picture, picture, section
from explorer.ui.session import Session
from explorer.ui.view import View, exported, unweighted
from explorer.ui.waiting import awaited


@dataclass(frozen=True, slots=True)
class Said:
    """The line under the canvas's last gesture: what was completed and why, or (``refused``) why it was not done.

    ``added`` are the edges that a stroke did not hold and that had to be cut as well.
    """

    text: str = ""
    refused: bool = False
    added: tuple[Edge, ...] = ()


NOTHING = Said()
CAPTURING = "Capturing the graph"
MOST_LEFT = 4
"""Of so many graphs that were cut before, the cuts are there again when the graph is."""


class Cutting:
    """``run`` is what is cut: of a model its torch.export graph, else the run in view. ``uncaptured`` says why a model
    has no such graph; then cuts can be planned, and not be proved or exported. ``large`` names a model that is cut in
    place of the document's, by shapes alone.
    """

    run: Run
    cuts: Cuts
    _preview: Preview | None = None
    _drawn: tuple[tuple[object, ...], Picture] | None = None

    def __init__(self, session: Session) -> None:
        self.session = session
        self.uncaptured = self.large = ""
        self.said = Said()
        self.changes = Changes()
        self.planning = Planning(self)
        self._stood: tuple[View, View] | None = None
        self._left: list[tuple[Cuts, Changes]] = []
        self.instead(session.view.own or session.view)

    # What is cut -------------------------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        return self.run.graph

    @property
    def segmentation(self) -> Segmentation:
        return self.cuts.segmentation

    @cached_property
    def costs(self) -> Costs:
        """What every operation costs; worked out once for a run."""
        return costs(self.graph)

    @property
    def preview(self) -> Preview:
        """What each segment holds and what crosses, with the choices made."""
        if self._preview is None:
            self._preview = preview(self.segmentation, self.costs, self.cuts.choices)
        return self._preview

    def segment_names(self, run: Run) -> Sequence[str] | None:
        """Per node the letter of its segment; None for another run than the one that is cut."""
        return [letter(segment) for segment in self.segmentation.of] if run is self.run else None

    def instead(self, view: View) -> View:
        """The view that is shown and cut in place of the document's own: a model's exported graph."""
        if self._stood is None or not _is_same(self._stood[0], view):
            self.large = self.large if self._stood is None else ""
            self._stood = (view, self._captured(view))
            self._adopt(self._stood[1].run)
        return self._stood[1]

    def plan_large(self, name: str) -> None:
        """Cut a model that is too large to compute here, by its shapes; "" goes back to the document's own.

        What cannot be made is said, and what was cut stays.
        """
        before, self.large = (self.large, self._stood), name
        self._stood = None
        try:
            self.session.opened = None
            self.instead(self.session.view.own or self.session.view)
            self.session.redraw()
        except BaseException as problem:  # those of the page as well, which interrupts it
            self.large, self._stood = before
            if not isinstance(problem, ExplorerError):
                raise
            self.said = Said(str(problem), refused=True)

    def _captured(self, view: View) -> View:
        self.uncaptured = ""
        if self.large:
            return unweighted(view, awaited(self.large, CAPTURING, partial(without_weights, self.large)), self.large)
        if view.document.model is None or view.document.saved:
            return view
        try:
            return awaited(view.model, CAPTURING, partial(exported, view))
        except CaptureError as error:
            self.uncaptured = str(error)
            return view

    def _adopt(self, run: Run) -> None:
        """Another run: the cuts stay where its graph has the same operations, or are those that were left when a graph
        like it was cut last; else they begin anew.
        """
        before: Cuts | None = getattr(self, "cuts", None)
        self.run, self._preview = run, None
        self.__dict__.pop("costs", None)
        self.said = Said()
        if before is not None:
            self._left = [(before, self.changes), *self._left][:MOST_LEFT]
        found = next((one for one in self._left if _is_alike(one[0].segmentation.graph, run.graph)), None)
        if found is None:
            self.cuts, self.changes = Cuts(whole(run.graph)), Changes()
            return
        self._left.remove(found)
        carry = partial(_carried, graph=run.graph)
        self.cuts, self.changes = carry(found[0]), found[1].carried(carry)

    # Changes -----------------------------------------------------------------------------------------------------

    def place(
        self,
        segmentation: Segmentation,
        why: str = "",
        names: tuple[str, ...] | None = None,
        added: Sequence[Edge] = (),
    ) -> None:
        """The cuts are elsewhere from now on; ``why`` is said. Undo brings those before back."""
        self._change(self.cuts.placed(segmentation, names), Said(why, added=tuple(added)))

    def choose(self, node: int, way: str) -> None:
        """How the value of a node crosses; see ``crossing.Crossing.ways``. Raises SegmentError for no way of its."""
        choices = {**self.cuts.choices, node: way}
        crossings(self.segmentation, choices)
        self._change(replace(self.cuts, choices=choices))

    def name(self, cut: int, name: str) -> None:
        """What a cut is called; "" for no name."""
        names = list(self.cuts.names)
        names[cut] = name.strip()[:40]
        self._change(replace(self.cuts, names=tuple(names)))

    @property
    def undoes(self) -> int | None:
        """How many edits the document had behind it at the change that ``undo`` takes back; None without one."""
        return self.changes.past[-1].edits if self.changes.past else None

    @property
    def redoes(self) -> int | None:
        """The same of the change that ``redo`` makes again."""
        return self.changes.future[-1].edits if self.changes.future else None

    def undo(self) -> None:
        cuts, self.changes = self.changes.back(self.cuts)
        self._show(cuts)

    def redo(self) -> None:
        cuts, self.changes = self.changes.forth(self.cuts)
        self._show(cuts)

    def _change(self, cuts: Cuts, said: Said = NOTHING) -> None:
        if cuts != self.cuts:
            self.changes = self.changes.record(self.cuts, self.session.history.edits)
        self._show(cuts, said)

    def _show(self, cuts: Cuts, said: Said = NOTHING) -> None:
        self.cuts, self._preview, self.said = cuts, None, said
        self._tell()

    def _tell(self) -> None:
        """The canvas hears of it at once, the rest of the page after."""
        if self.session.activity == "segment":
            self.session.retell()
            self.session.is_behind = True

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """A SegmentError inside is said, and the cuts stay as they are."""
        try:
            yield
        except SegmentError as problem:
            self.said = Said(str(problem), refused=True)
            self._tell()

    # The canvas --------------------------------------------------------------------------------------------------

    def sections(self, view: View, placement: Placement) -> Mapping[str, Section]:
        """What the browser needs to cut by itself while a hand moves."""
        key = (placement, self.graph, self.cuts.choices)
        if self._drawn is None or any(a is not b for a, b in zip(self._drawn[0], key, strict=True)):
            found = picture(view, placement, self.segmentation, self.costs, self.cuts.choices)
            self._drawn = (key, found)
        shown = self._drawn[1]
        more = {
            "said": self.said.text,
            "refused": self.said.refused,
            "added": shown.drawn_edges(self.said.added),
            "undo": len(self.changes.past),
            "redo": len(self.changes.future),
        }
        return {"segment": section(shown, self.segmentation, self.preview, self.cuts.names, **more)}

    def shown(self, event: Mapping[str, Any]) -> Picture:
        """The picture that a gesture was made on. Raises SegmentError where another is shown by now."""
        if self._drawn is None or int(event.get("rev", 0)) < self._drawn[1].view.rev:
            raise SegmentError(STALE)
        return self._drawn[1]

    def on_event(self, event: Mapping[str, Any]) -> bool:
        """The gestures of the canvas: see ``gestures``."""
        if event.get("name") != "cut":
            return False
        with self.guarded():
            answer(self, event)
        return True


def share(session: Session) -> Cutting:
    """What the activity keeps, made when it is entered first."""
    return Cutting(session)


def of(session: Session) -> Cutting:
    """What the activity keeps for a session that has entered it."""
    found = session.shares["segment"]
    assert isinstance(found, Cutting)
    return found


def _is_same(before: View, now: View) -> bool:
    """Whether both views show one run, so that a model need not be captured again."""
    model = now.document.model
    return before.run is now.run or (model is not None and model == before.document.model and not now.document.saved)


def _is_alike(before: Graph, now: Graph) -> bool:
    return list(before.ids) == list(now.ids) and list(before.inputs) == list(now.inputs)


def _carried(cuts: Cuts, graph: Graph) -> Cuts:
    return replace(cuts, segmentation=Segmentation(units(graph), cuts.segmentation.of))
