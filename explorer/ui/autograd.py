"""The second view: torch's autograd graph beside the forward graph or below it, linked with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import streamlit as st

from explorer.canvas import twin
from explorer.canvas.component import canvas
from explorer.canvas.wire import encode
from explorer.capture.autograd import Autograd, autograd
from explorer.errors import ExplorerError
from explorer.export.placing import as_picked, groups_of, place
from explorer.layout import Direction
from explorer.passes.condense import condense
from explorer.run import Run
from explorer.standalone import Beside
from explorer.ui import errors
from explorer.ui.errors import shielded
from explorer.ui.html import tag
from explorer.ui.session import Session
from explorer.ui.widgets import showing

Place = Literal["off", "beside", "below"]

_PLACE, _KEPT = "autograd place", "autograd kept"
_ANSWERED = ("toggle", "depth", "orient", "reveal", "pick")
"""What is asked of this view and meant for both."""


class Kept(NamedTuple):
    """The graph of a ``run``, and what was drawn of it last: as ``drawn`` says."""

    run: Run
    found: Autograd
    drawn: tuple[frozenset[str], Direction, int]
    blob: bytes


def switch(session: Session) -> None:
    """In the sidebar: where the second view stands."""
    if session.activity != "step":
        return
    st.segmented_control(
        "Autograd graph",
        ["off", "beside", "below"],
        **showing("autograd", chosen(), lambda new: st.session_state.update({_PLACE: new}), by="default"),
        format_func=str.capitalize,
        required=True,
        width="stretch",
        help="The graph that torch differentiates by: its grad_fn nodes, with AccumulateGrad at the leaves. What you "
        "choose in one graph is chosen in the other, and both step together. Where there is no room beside, it "
        "stands below.",
    )


def chosen() -> Place:
    """Where the second view is asked for; this is kept for the session."""
    found: Place = st.session_state.get(_PLACE, "off")
    return found


def placed(session: Session) -> Place:
    """Where the second view stands."""
    return chosen() if session.activity == "step" else "off"


def drawn_at(session: Session) -> Beside | None:
    """Where the autograd graph of what is shown is to be seen; None where it is not."""
    kept: Kept | None = st.session_state.get(_KEPT)
    where = placed(session)
    return None if where == "off" or kept is None or kept.run is not session.view.run else where


def draw(session: Session) -> None:
    """The second view, where it is asked for, in the room of the canvas: style.css divides that."""
    if placed(session) == "off":
        return
    with st.container(key="twin", gap=None), shielded("autograd graph"):
        try:
            blob = _blob(session)
        except ExplorerError as problem:
            st.html(errors.problem("", problem))
        else:
            canvas(blob, key="autograd canvas", height="stretch", on_event=lambda event: _answer(session, event))
        st.html(tag("span", "", class_=f"x-twin-{placed(session)}", hidden="hidden"))


def _answer(session: Session, event: Mapping[str, Any]) -> None:
    if event["name"] in _ANSWERED:
        kept: Kept | None = st.session_state.get(_KEPT)
        session.on_event(event if kept is None or "id" not in event else _of_forward(kept, event))


def _of_forward(kept: Kept, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event about the node of the forward graph that one of the autograd graph belongs to."""
    index = kept.found.run.graph.index.get(event["id"])
    node = -1 if index is None else kept.found.belongs[index]
    return event if node < 0 else {**event, "id": kept.run.graph.ids[node]}


def _blob(session: Session) -> bytes:
    view, direction = session.view, session.direction
    kept: Kept | None = st.session_state.get(_KEPT)
    found = kept.found if kept is not None and kept.run is view.run else autograd(view.run)
    if kept is None or kept.run is not view.run or kept.drawn[:2] != (view.opened, direction):
        rev = 1 if kept is None else kept.drawn[2] + 1
        blob = drawn(found, view.run, view.opened, direction, rev, view.title)
        kept = Kept(view.run, found, (view.opened, direction, rev), blob)
        st.session_state[_KEPT] = kept
    return kept.blob


def drawn(found: Autograd, forward: Run, opened: frozenset[str], direction: Direction, rev: int, title: str) -> bytes:
    """The trace of an autograd graph, with those of its groups open that are open in the forward graph."""
    run, groups, seen = found.run, groups_of(found.run.graph), None
    if groups is not None:
        groups = as_picked(groups, opened)
        seen = condense(run, groups, opened & groups.by_key.keys())
    boxes, placement = place(run.graph, seen, direction, compact=bool(run.graph.modules))
    sections = {"twin": twin.section(found, forward.graph, seen)}
    return encode(run, placement, boxes, rev=rev, title=title, seen=seen, sections=sections, editable=False)
