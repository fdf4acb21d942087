"""What the nodes of a session are coloured by. Kept through every edit; none at the start. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from explorer.canvas.grouped import fingerprint
from explorer.canvas.overlays import section
from explorer.canvas.wire import Section
from explorer.errors import ExplorerError
from explorer.layout import Placement
from explorer.overlays import KINDS, TITLES, Asked, Overlay, Painted, overlay, paint, read_overlay
from explorer.overlays.kinds import measured_seconds
from explorer.overlays.painted import written
from explorer.run import Run
from explorer.ui.view import View

if TYPE_CHECKING:
    from explorer.ui.session import Session

Sections = Callable[[View, Placement], Mapping[str, Section]]


@runtime_checkable
class Dividing(Protocol):
    """What an activity keeps that divides the graph."""

    def segment_names(self, run: Run) -> Sequence[str | None] | None:
        """Per node the name of its segment; None where there is no segmentation of this run."""
        ...


class File(NamedTuple):
    """An overlay's file as it was uploaded."""

    name: str
    text: str


class Coloring:
    """``kind`` is the overlay that is chosen, "" for none; ``problem`` says why it is not shown. ``shares`` are
    what the activities keep: one of them may divide the graph.
    """

    def __init__(self, shares: Mapping[Any, object]) -> None:
        self.kind = ""
        self.file: File | None = None
        self.problem: ExplorerError | None = None
        self._shares = shares
        self._made: tuple[object, ...] = ()
        self._overlay: Overlay | None = None
        self._seconds: tuple[int, Sequence[float | None]] | None = None

    def dividing(self, run: Run) -> Sequence[str | None] | None:
        """Per node the name of its segment; None where nothing divides this run."""
        found = (share.segment_names(run) for share in self._shares.values() if isinstance(share, Dividing))
        return next((names for names in found if names is not None), None)

    def choices(self, run: Run) -> dict[str, str]:
        """The titles of what can be asked for, by kind."""
        left_out = {"segment"} if self.dividing(run) is None else set()
        left_out |= {"file"} if self.file is None else set()
        return {kind: TITLES[kind] for kind in KINDS if kind not in left_out}

    def is_slow(self, run: Run, kind: str) -> bool:
        """Whether it must be measured first."""
        return kind == "time" and (self._seconds is None or self._seconds[0] != fingerprint(run))

    def painted(self, view: View) -> Painted | None:
        """The overlay on what is seen of a view; None without one, and where it cannot be made (``problem``)."""
        self.problem = None
        if not self.kind or self.kind not in KINDS:
            return None
        try:
            return paint(self._of(view), view.seen)
        except ExplorerError as problem:
            self.problem = problem
            return None

    def whole(self, view: View) -> Overlay | None:
        """The overlay of all nodes; None without one, and where it cannot be made."""
        try:
            return self._of(view) if self.kind else None
        except ExplorerError:
            return None

    def column(self, view: View) -> tuple[str, Sequence[str]] | None:
        """A column for tables: its head, and what it says of every node; None without an overlay."""
        shown = self.whole(view)
        return None if shown is None else (shown.title, [written(shown, datum) for datum in shown.data])

    def sections(self, view: View, _placement: Placement) -> Mapping[str, Section]:
        """What the canvas draws of it."""
        shown, choices = self.painted(view), self.choices(view.run)
        sheets = [] if shown is None else [shown]
        return {"overlays": section(view.run, view.seen, sheets, self.kind if sheets else "", choices)}

    def _of(self, view: View) -> Overlay:
        segments = self.dividing(view.run) if self.kind == "segment" else None
        made = (self.kind, view.run, view.tangents, self.file, segments)
        if self._overlay is None or len(made) != len(self._made) or any(map(_differ, made, self._made)):
            self._overlay, self._made = overlay(self.kind, self._asked(view, segments)), made
        return self._overlay

    def _asked(self, view: View, segments: Sequence[str | None] | None) -> Asked:
        run, given = view.run, None
        if self.kind == "time" and self.is_slow(run, "time"):
            self._seconds = (fingerprint(run), measured_seconds(run))
        if self.kind == "file" and self.file is not None:
            keys = () if view.groups is None else view.groups.by_key
            given = read_overlay(run.graph, self.file.text, self.file.name, keys)
        return Asked(run, view.tangents, segments, given, None if self._seconds is None else self._seconds[1])


def _differ(one: object, other: object) -> bool:
    return one is not other and (isinstance(one, Run) or one != other)


def sections(coloring: Coloring, share: Sections | None) -> Sections:
    """What the canvas draws besides the run: colours, and what an activity adds."""

    def both(view: View, placement: Placement) -> Mapping[str, Section]:
        added = {} if share is None else share(view, placement)
        return {**coloring.sections(view, placement), **added}

    return both


def color_by(session: Session, kind: str) -> None:
    """Colour the nodes by another overlay, "" for none. What must be measured first is made in sight."""
    coloring = session.coloring
    slow = coloring.is_slow(session.view.run, kind)
    coloring.kind = kind if kind in KINDS else ""
    session.is_behind = True
    if slow:
        session.later(session.redraw)
    else:
        session.redraw()


def color_by_file(session: Session, file: File | None) -> None:
    """Take a file as the overlay, or take it away. Raises OverlayError where it does not fit the graph; then what was
    shown stays.
    """
    coloring, view = session.coloring, session.view
    if file is not None:
        read_overlay(view.run.graph, file.text, file.name, () if view.groups is None else view.groups.by_key)
    elif coloring.kind != "file":
        coloring.file = None
        return
    coloring.file = file
    session.later(partial(color_by, session, "" if file is None else "file"))
