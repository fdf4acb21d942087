"""The second view: torch's autograd graph under the canvas, linked with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from explorer.canvas.component import canvas
from explorer.canvas.wire import Section, encode
from explorer.capture.autograd import Autograd, autograd
from explorer.errors import ExplorerError
from explorer.export.placing import groups_of, place
from explorer.layout import Direction
from explorer.passes.condense import Condensed, condense
from explorer.run import Run
from explorer.ui import errors
from explorer.ui.errors import shielded
from explorer.ui.html import tag
from explorer.ui.session import Session

SHOWN, _KEPT = "autograd shown", "autograd kept"
_ANSWERED = ("toggle", "depth", "orient")
"""What is asked of this view and meant for both."""


class Kept(NamedTuple):
    """The graph of a ``run``, and what was drawn of it last: as ``drawn`` says."""

    run: Run
    found: Autograd
    drawn: tuple[frozenset[str], Direction, int]
    blob: bytes


def switch(session: Session) -> None:
    """In the sidebar: shows the second view."""
    if session.activity == "step":
        st.toggle(
            "Autograd graph",
            key=SHOWN,
            help="The graph that torch differentiates by, under the canvas: its grad_fn nodes, with AccumulateGrad at "
            "the leaves. What you choose in one graph is chosen in the other, and both step together.",
        )


def is_shown(session: Session) -> bool:
    """Whether the second view is asked for."""
    return session.activity == "step" and bool(st.session_state.get(SHOWN))


def draw(session: Session) -> None:
    """The second view, where it is asked for."""
    if not is_shown(session):
        return
    with st.container(key="twin", gap=None), shielded("autograd graph"):
        try:
            blob = _blob(session)
        except ExplorerError as problem:
            st.html(errors.problem("", problem))
            return
        note = "torch's autograd graph: every grad_fn, AccumulateGrad at the leaves, and the gradients that arrive"
        st.html(tag("div", note, class_="x-caption"))
        canvas(blob, key="autograd canvas", height="stretch", on_event=lambda event: _answer(session, event))


def _answer(session: Session, event: Mapping[str, Any]) -> None:
    if event["name"] in _ANSWERED:
        session.on_event(event)


def _blob(session: Session) -> bytes:
    view, direction = session.view, session.direction
    kept: Kept | None = st.session_state.get(_KEPT)
    found = kept.found if kept is not None and kept.run is view.run else autograd(view.run)
    if kept is None or kept.run is not view.run or kept.drawn[:2] != (view.opened, direction):
        rev = 1 if kept is None else kept.drawn[2] + 1
        blob = drawn(found, view.run, view.opened, direction, rev, f"Autograd graph of {view.title}")
        kept = Kept(view.run, found, (view.opened, direction, rev), blob)
        st.session_state[_KEPT] = kept
    return kept.blob


def drawn(found: Autograd, forward: Run, opened: frozenset[str], direction: Direction, rev: int, title: str) -> bytes:
    """The trace of an autograd graph, with those of its groups open that are open in the forward graph."""
    run, groups = found.run, groups_of(found.run.graph)
    seen = None if groups is None else condense(run, groups, opened & groups.by_key.keys())
    boxes, placement = place(run.graph, seen, direction, compact=bool(run.graph.modules))
    added = {"twin": Section({"ids": _forward_ids(found, forward, seen)}, {})}
    return encode(run, placement, boxes, rev=rev, title=title, seen=seen, sections=added, editable=False)


def _forward_ids(found: Autograd, forward: Run, seen: Condensed | None) -> list[str]:
    """Per node that is seen the id of the forward node, or the key of the group, that it belongs to; "" for none."""
    shows = range(len(found.belongs)) if seen is None else seen.shows
    closed = {} if seen is None else seen.group_of
    belongs = [found.belongs[index] for index in shows]
    return [closed.get(i) or (forward.graph.ids[node] if node >= 0 else "") for i, node in enumerate(belongs)]
