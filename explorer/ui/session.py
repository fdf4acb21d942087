"""One user's session: the document, what is shown of it, and every way to change it. No Streamlit in here.

The last good view stays when the text cannot be traced; ``problem`` then says why.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal, Protocol

from explorer.canvas.wire import Section
from explorer.errors import CanvasError, ExplorerError, ProgramError
from explorer.layout import Direction, Placement
from explorer.ui.coloring import Coloring, color_by, sections
from explorer.ui.document import Document, History, Source, from_example
from explorer.ui.examples import Example, Value, examples
from explorer.ui.levels import answered
from explorer.ui.literals import is_finite, with_literal
from explorer.ui.model_source import ModelSource, fresh
from explorer.ui.telling import telling
from explorer.ui.unmet import unmet
from explorer.ui.view import Adding, View, instead_by, look, program, redrawn, retold, without_literals
from explorer.ui.waiting import Waiting

LOG = logging.getLogger("explorer")
ONE_GESTURE_SECONDS = 1.0
"""Edits of one input that follow each other faster than this are undone as one."""

Activity = Literal["step", "train", "optimise", "segment"]
OF_GROUPS = ("toggle", "depth", "reveal", "pick")
"""The events that open or close groups."""


class Share(Protocol):
    """What an activity keeps for a session."""

    def sections(self, view: View, placement: Placement) -> Mapping[str, Section]:
        """What the canvas draws for it besides the run; called whenever the view is drawn anew."""
        ...

    def on_event(self, event: Mapping[str, Any]) -> bool:
        """Answer an event of the canvas. False where it is none of its own."""
        ...


class Session(Waiting):
    """``activity`` is what the user is at, ``shares`` what each activity that was entered keeps, ``coloring`` what the
    nodes are coloured by. ``note`` says what was asked for and is not shown. ``selected`` is the node that was clicked,
    by id. ``dragging`` is true between the events of a drag, and ``is_behind`` when parts of the page outside of the
    bench show what was before an event of the canvas. ``opened`` are the keys of the groups that are open, None until
    the user opens or closes one.
    """

    def __init__(self, document: Document | None = None, clock: Any = time.monotonic) -> None:
        super().__init__()
        self.history = History()
        self.problem: ExplorerError | None = None
        self.note = ""
        self.selected: str | None = None
        self.opened: frozenset[str] | None = None
        self.dragging = False
        self.is_behind = False
        self.activity: Activity = "step"
        self.shares: dict[Activity, Share] = {}
        self.coloring = Coloring(self.shares)
        self.direction: Direction = "lr"
        self.given = ""
        self._last_model: ModelSource | None = None
        self._clock, self._gesture, self._rev = clock, ("", float("-inf")), 0
        self.document = from_example(examples()[0])
        self.view: View = look(self.document, self._next_rev(), self.direction, adding=self._adding())
        if document is not None:
            self.start(document)

    @property
    def is_current(self) -> bool:
        """Whether the canvas shows the document, rather than the last one that could be traced."""
        return self.problem is None

    @property
    def is_brisk(self) -> bool:
        """Whether pictures follow each other so fast that the canvas alone shows each."""
        return bool(getattr(self.shares.get(self.activity), "playing", False))

    @property
    def is_edited(self) -> bool:
        """Whether there is anything that a link would have to bring back."""
        return bool(self.history.past or self.history.future)

    @property
    def inspected(self) -> str:
        """The selected node, of a group its result; without one the node with most to tell."""
        if self.selected is not None:
            return self.view.run.graph.ids[self.view.result(self.selected)]
        return telling(self.view)

    def start(self, document: Document) -> None:
        """Show what the page is opened on: there is nothing before it that could be undone."""
        self.given = document.saved
        with self._kept("document", "problem", "note"):
            self._show(document)

    # Edits ---------------------------------------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """The user typed another program. A value that the new text writes out wins over one set before."""
        self._edit(replace(self.document, text=text, values=without_literals(text, self.document.values)))

    def leave_text(self, text: str) -> None:
        """The user typed another program, and did not wait for it: it stays what is typed, the graph what was shown."""
        self.history = self.history.record(self.document)
        self.document = replace(self.document, text=text)
        self.problem = ProgramError("You stopped this program.", hint="Make it smaller, or undo.")

    def set_input(self, name: str, value: Value) -> None:
        """One input changed, wherever it was changed."""
        self.set_inputs({name: value})

    def set_inputs(self, values: Mapping[str, Value]) -> None:
        """Inputs changed together: one edit. Names that the program does not have are left out."""
        base = self.document if self.is_current else self.view.document
        if base.model is not None:
            return
        for name, value in values.items():
            found = program(base.text).inputs.get(name)
            text = with_literal(base.text, found.line, name, value) if found and found.default is not None else None
            if found is not None:
                base = base.with_value(name, value) if text is None else replace(base, text=text)
        self._edit(base, gesture=f"input {' '.join(values)}")

    def set_held(self, names: frozenset[str]) -> None:
        """``names`` are the inputs that need no gradient."""
        self._edit(replace(self.document, held=names))

    def set_output(self, output: str | None, upstream: Value | None = None) -> None:
        """Differentiate another node, or with another upstream gradient (``None``: ones)."""
        graph = self.view.run.graph
        if output == graph.ids[graph.outputs[-1]]:
            output = None
        self._edit(replace(self.document, output=output, upstream=upstream))

    def set_mode(self, forward: bool, wrt: str | None = None) -> None:
        """Reverse mode, or forward mode with respect to an input (``None``: the first)."""
        self._edit(replace(self.document, mode="forward" if forward else "reverse", wrt=wrt))

    def show_source(self, source: Source) -> None:
        """Show the program again, the model that was there last, or the run that the app was opened on."""
        if source == "model":
            self.set_model(self._last_model or fresh())
        else:
            self._edit(replace(self.document, model=None, saved=self.given if source == "run" else ""))

    def set_model(self, model: ModelSource) -> None:
        """Show a model: another one, one that is set up otherwise, or the same again, whose folder may be there now."""
        self._last_model = model
        (self._show if model == self.document.model else self._edit)(replace(self.document, model=model, saved=""))

    def open(self, example: Example) -> None:
        """Start from a worked example; undo brings the program before it back."""
        self.selected = self.opened = None
        self._edit(from_example(example))

    def load(self, document: Document) -> None:
        """Go on from any document; undo brings the one before it back."""
        self._edit(document)

    def undo(self) -> None:
        document, self.history = self.history.back(self.document)
        self._show(document)

    def redo(self) -> None:
        document, self.history = self.history.forth(self.document)
        self._show(document)

    def enter(self, activity: Activity, make: Callable[[Session], Share] | None = None) -> None:
        """Go over to another activity; ``make`` makes what it keeps, when it is entered first."""
        with self._kept("activity"), self._guarded():
            self.activity = activity
            if make is not None and activity not in self.shares:
                self.shares[activity] = make(self)
            self.redraw()

    def redraw(self, view: View | None = None) -> None:
        """Draw the view anew, or another one in its place: what an activity adds to it has changed."""
        self.view = redrawn(view or self.view, self._next_rev(), self.direction, self.opened, self._adding())

    def retell(self) -> None:
        """Tell the canvas anew what the activity adds to the view: the drawing itself is as it was."""
        self.view = retold(self.view, self._next_rev(), self._adding())

    def _adding(self) -> Adding:
        share = self.shares.get(self.activity)
        added = sections(self.coloring, None if share is None else share.sections)
        return Adding(self.activity, added, instead_by(share)) if share is not None else Adding(self.activity, added)

    # Events of the canvas ------------------------------------------------------------------------------------

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Answer an event of the canvas. One about a node that is no longer there is dropped."""
        with self._guarded():
            self._answer(event)

    def _answer(self, event: Mapping[str, Any]) -> None:
        kind, node = event.get("name"), str(event.get("id"))
        share = self.shares.get(self.activity)
        if share is not None and share.on_event(event):
            return None
        if kind == "whole":
            self.view = replace(self.view, news=b"")
            return None
        if kind == "overlay":
            return color_by(self, str(event.get("key")))
        if kind in OF_GROUPS:
            return self._open_groups(event)
        self.dragging = kind == "edit" and not event.get("final", True)
        self.is_behind = not self.dragging
        if kind == "orient" and event.get("direction") in ("lr", "tb"):
            self._turn(event["direction"])
        elif kind == "select":
            self.selected = node if self._is_there(node) else None
        elif kind == "edit" and node in self.view.run.graph.index and is_finite(event.get("value")):
            self.set_input(self.view.run.graph.nodes[node].name, float(event["value"]))

    def _turn(self, direction: Direction) -> None:
        with self._kept("direction"):
            self.direction = direction
            self.redraw()

    def _open_groups(self, event: Mapping[str, Any]) -> None:
        """Open or close groups, unless too much would be seen; the rest of the page stays as it is."""
        if self.view.groups is None:
            return
        self.note = ""
        try:
            with self._kept("opened"):
                self.opened = answered(self.view.groups, self.view.opened, event)
                self.redraw()
        except CanvasError as problem:
            self.note, self.is_behind = str(problem), True
            self.redraw()

    def _is_there(self, id_: str | None) -> bool:
        """Whether the graph has a node or a group of that name."""
        groups = self.view.groups
        return id_ in self.view.run.graph.index or (groups is not None and id_ in groups.by_key)

    # Inside --------------------------------------------------------------------------------------------------

    def _edit(self, document: Document, gesture: str = "") -> None:
        if document == self.document:
            return
        with self._kept("opened", "document", "history", "_gesture", "problem", "note"):
            if document.subject != self.document.subject:
                self.opened = None
            last, when = self._gesture
            now = self._clock()
            if not gesture or gesture != last or now - when > ONE_GESTURE_SECONDS:
                self.history = self.history.record(self.document)
            self._gesture = (gesture, now)
            self._show(document)

    def _show(self, document: Document) -> None:
        """Make ``document`` the present one, and show it if it can be traced."""
        self.document, self.problem, self.note = document, None, ""
        was_program, direction = self.view.program is not None, self.direction
        if was_program != (document.source == "program"):
            direction = "tb" if was_program else "lr"
        with self._guarded():
            self.view = look(document, self._next_rev(), direction, self.opened, self._adding())
            self.direction = direction
            self.document, self.note = self.view.document, unmet(document, self.view)
        if not self._is_there(self.selected):
            self.selected = None

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """What fails inside is the ``problem`` that is told, and what is shown stays."""
        try:
            yield
        except ExplorerError as problem:
            self.problem = problem
        except Exception:
            LOG.exception("A program could not be shown")
            self.problem = ProgramError(
                "This program could not be shown, and that is a mistake of the app, not of yours.",
                hint="The details are in the app's log. Undo, or change the program.",
            )

    def _next_rev(self) -> int:
        self._rev += 1
        return self._rev
