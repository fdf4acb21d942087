"""What the activity Optimise keeps for a session: the passes that were applied, and what is lit. No Streamlit in here.

The document is never changed: a pass is applied to whatever run the document has, again after every edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from explorer.canvas.wire import Section
from explorer.errors import CaptureError, ExplorerError, RunError
from explorer.execute import Replays
from explorer.export.placing import groups_of
from explorer.graph import Graph
from explorer.layout import Placement
from explorer.passes.failure import failure
from explorer.passes.parallel import critical_path
from explorer.passes.rewrite import Changes, Pass, Proof, Rewrite, chain, changes, prove, repeatable, rerun
from explorer.passes.simplify import fold, merge, merge_exactly, prune
from explorer.progress import tell
from explorer.recorded import unknown
from explorer.run import Run
from explorer.ui.lit import NAME, of_path
from explorer.ui.model import Traced
from explorer.ui.optimise.captured import Captured, capture
from explorer.ui.optimise.costs import Unit, costs_of
from explorer.ui.optimise.section import section
from explorer.ui.optimise.watching import Watching, is_alike
from explorer.ui.session import Session
from explorer.ui.view import View

Key = Literal["merge", "fold", "prune"]
KEYS: tuple[Key, ...] = ("merge", "fold", "prune")

DRAWN_ANEW = frozenset({"applied", "exact", "shows_before"})
"""Choices that change the graph which is shown; all others only what is said of it."""


MOST_RESULTS = 3
"""So many are remembered, so that what was taken back, or is switched, is there at once."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What memory is planned for: the ``phase``, and which values are kept for the backward: ``every`` value, each
    ``stride``-th operation's, those of the ``chosen`` ids, or ``none`` but leaves and results.
    """

    phase: Literal["training", "inference"] = "training"
    what: Literal["every", "stride", "chosen", "none"] = "stride"
    stride: int = 3
    chosen: tuple[str, ...] = ()

    @property
    def marked(self) -> tuple[str, ...]:
        """The checkpoints that the canvas shows: those chosen by hand."""
        return self.chosen if (self.phase, self.what) == ("training", "chosen") else ()

    def checkpoints(self, graph: Graph) -> list[int] | None:
        """The operations whose values are kept; None for all."""
        operations = [index for index, ports in enumerate(graph.inputs) if ports]
        if self.what == "every":
            return None
        if self.what == "stride":
            return operations[self.stride - 1 :: self.stride]
        return [graph.index[id_] for id_ in self.chosen if id_ in graph.index] if self.what == "chosen" else []


@dataclass(frozen=True)
class Result:
    """A run, and what the applied passes make of it: ``after`` is the run of the simpler graph."""

    before: Run
    rewrite: Rewrite
    after: Run
    changes: Changes
    proof: Proof


class Optimising:
    """``applied`` are the passes in order, ``undone`` those that were taken back, the last first. ``exact`` merges only
    what leaves every gradient as it is to the last bit; ``shows_before`` shows the graph as it was, with marks.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.applied: tuple[Key, ...] = ()
        self.undone: tuple[Key, ...] = ()
        self._edits: tuple[int, ...] = ()
        self.exact = True
        self.shows_before = False
        self.shows_levels = True
        self.shows_critical = False
        self.unit: Unit = "operations"
        self.workers = 2
        self.memory = Keeping()
        self.problem = ""
        self.uncaptured = ""
        self._watching: Watching | None = None
        self._captured: tuple[Traced, Captured] | None = None
        self._results: list[tuple[object, Result]] = []
        self._offers: tuple[object, Mapping[Key, int]] | None = None

    # Passes ------------------------------------------------------------------------------------------------------

    def apply(self, key: Key) -> None:
        """One pass more, on what those before it left."""
        edits = (*self._edits[: len(self.applied)], self.session.history.edits)
        self._change((*self.applied, key), ())
        self._edits = edits if len(self.applied) == len(edits) else self._edits

    @property
    def undoes(self) -> int | None:
        """How many edits the document had behind it when the last pass was applied; None where none is."""
        return self._edits[len(self.applied) - 1] if self.applied else None

    @property
    def redoes(self) -> int | None:
        """The same of the pass that was taken back last."""
        return self._edits[len(self.applied)] if self.undone else None

    def undo(self) -> None:
        """Take the last pass back."""
        if self.applied:
            self._change(self.applied[:-1], (*self.undone, self.applied[-1]))

    def redo(self) -> None:
        if self.undone:
            self._change((*self.applied, self.undone[-1]), self.undone[:-1])

    def _change(self, applied: tuple[Key, ...], undone: tuple[Key, ...]) -> None:
        """Draw the graph after other passes; where they cannot be applied it stays, and ``problem`` says why."""
        self.problem = ""
        try:
            self.show(applied=applied, undone=undone, shows_before=False)
        except ExplorerError as error:
            self.problem = str(error)

    def show(self, **choices: Any) -> None:
        """Set what is shown, and draw it; the rest of the page follows. What cannot be drawn, or is stopped, stays."""
        before = {name: getattr(self, name) for name in choices}
        vars(self).update(choices)
        try:
            if DRAWN_ANEW.isdisjoint(choices):
                self.session.retell()
            else:
                self.session.redraw()
        except BaseException:
            vars(self).update(before)
            raise
        self.session.is_behind = True

    def result(self, view: View) -> Result | None:
        """What the applied passes make of a document's own view; None where none is applied, or none can be."""
        own = view.own or view
        if not self.applied or refusal(own):
            return None
        key = (own.run, self.applied, self.exact)
        found = next((result for known, result in self._results if _is_same(known, key)), None)
        if found is None:
            found = self._worked_out(own.run)
            self._results = [(key, found), *self._results][:MOST_RESULTS]
        return found

    def _worked_out(self, run: Run) -> Result:
        rewrite = chain(repeatable(run), [self.run_of(key) for key in self.applied])
        tell(0.85, "Running both graphs to compare them")
        return Result(run, rewrite, rerun(run, rewrite), changes(run.graph, rewrite), prove(run, rewrite))

    def run_of(self, key: Key) -> Pass:
        """The pass behind a key."""
        return {"merge": merge_exactly if self.exact else merge, "fold": fold, "prune": prune}[key]

    def offers(self, view: View) -> Mapping[Key, int]:
        """How many nodes fewer the graph would have after each pass; of a model, whose gradients take a run each to
        compare, after merging all that is equal.
        """
        found = self.result(view)
        run = (view.own or view).run if found is None else found.after
        key = (run, self.exact)
        if self._offers is None or not _is_same(self._offers[0], key):
            is_model = isinstance(run, Replays)
            passes = {name: merge if is_model and name == "merge" else self.run_of(name) for name in KEYS}
            self._offers = (key, {name: len(run.graph) - len(one(run).graph) for name, one in passes.items()})
        return self._offers[1]

    # Dynamic beside static ---------------------------------------------------------------------------------------

    def watching(self, view: View) -> Watching:
        """The runs of the program that is shown, beside its built graph; begun anew for another text."""
        assert view.program is not None
        if self._watching is None or not is_alike(self._watching.program, view.program):
            self._watching = Watching(view.program)
        return self._watching

    def captured(self, view: View) -> Captured | None:
        """What torch.export made of the model that is shown, once it was asked to."""
        return self._captured[1] if self._captured is not None and self._captured[0] is view.model else None

    def capture(self, view: View) -> None:
        """Ask torch.export; ``uncaptured`` says why it would not."""
        assert view.model is not None
        self.uncaptured = ""
        try:
            self._captured = (view.model, capture(view.model))
        except CaptureError as error:
            self.uncaptured = str(error)

    # The canvas --------------------------------------------------------------------------------------------------

    def instead(self, view: View) -> View:
        """The simpler graph in place of the document's own. Another document may be one that nothing is proved of."""
        try:
            found = self.result(view)
        except RunError as error:
            if view.run is (self.session.view.own or self.session.view).run:
                raise
            found, self.applied, self.undone, self.problem = None, (), (), str(error)
        if found is None:
            return view
        run = found.before if self.shows_before else found.after
        return replace(view, run=run, tangents=None, groups=groups_of(run.graph))

    def sections(self, view: View, _: Placement) -> Mapping[str, Section]:
        found = self.result(view)
        shown = None if found is None else (found.rewrite, found.changes)
        path = critical_path(view.run.graph, costs_of(view.run.graph, self.unit)) if self.shows_critical else []
        return {
            "optimise": section(view, shown, self.shows_before, self.shows_levels, self.memory.marked),
            NAME: of_path(view, path),
        }

    def on_event(self, event: Mapping[str, Any]) -> bool:
        return False


def refusal(view: View) -> str:
    """Why no pass can be applied; "" where it can."""
    if view.program is not None:
        return ""
    if not isinstance(view.run, Replays):
        return "A saved run holds numbers alone: its operations cannot be done again, so nothing could be proved."
    if failure(view.run) is not None:
        return "The forward pass did not come to its end, so there is nothing that a simpler graph could be held to."
    if view.run.values[view.run.backward.output] is None:
        return "The model has no weights here, so there are no numbers that a simpler graph could be held to."
    name = unknown(view.run.graph)
    if not name:
        return ""
    return (
        f"A pass is proved by running the new graph, and {name} cannot be done again: torch did it out of sight. "
        "Another capture (as it runs, or torch.export) may do without. Levels, workers and memory hold all the same."
    )


def share(session: Session) -> Optimising:
    """What the activity keeps, made when it is entered first."""
    return Optimising(session)


def of(session: Session) -> Optimising:
    """What the activity keeps for a session that has entered it."""
    found = session.shares["optimise"]
    assert isinstance(found, Optimising)
    return found


def _is_same(one: object, two: object) -> bool:
    """Whether two keys are equal, the runs in them by being the very same."""
    assert isinstance(one, tuple) and isinstance(two, tuple)
    return one[0] is two[0] and one[1:] == two[1:]
