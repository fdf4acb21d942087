"""The one page: source at the left, canvas in the middle, inspector at the right, the dock below."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from functools import cache, partial
from time import monotonic, sleep

import streamlit as st

from explorer.canvas.component import Event, canvas
from explorer.passes.failure import failure
from explorer.resources import asset
from explorer.ui import autograd, dock, sidebar, state, style, undoing
from explorer.ui.activities import ROOMS, enter, room
from explorer.ui.errors import shielded
from explorer.ui.html import Markup, tag
from explorer.ui.session import OF_GROUPS, Session
from explorer.ui.widgets import showing
from explorer.ui.working import working

SIDEBAR_WIDTH, INSPECTOR_WIDTH = 256, 344
PROGRESS_WIDTH = 260
BENCH = "bench"
AHEAD_SECONDS, FOLLOWING_SECONDS = 0.04, 1.0
NOT_EXPORTED, FAILED = "as it runs: it could not be exported", "up to where the forward pass failed"
ABOUT = "Graph Explorer: see a computational graph, step through it forward and backward."


def show() -> None:
    """Draw the page. What fails in one part is said there, and the other parts stay."""
    st.set_page_config(
        page_title="Graph Explorer",
        page_icon=str(asset("logo.svg")),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
        menu_items={"About": ABOUT},
    )
    style.apply()
    session = state.session()
    state.follow_link(session)
    session.dragging = False
    header = st.container(horizontal=True, vertical_alignment="center", key="header", wrap=False)
    with shielded("header"), header:
        _catch_up(session)
    _bench()  # Before everything else, so that an edit in the sidebar reaches the canvas first.
    with shielded("header"), header:
        _header(session)
    with shielded("sidebar"):
        sidebar.draw(session)
    with shielded("dock"):
        dock.draw(session)
    state.keep_link(session)
    _spare_the_imported(len(sys.modules))


def _header(session: Session) -> None:
    graph = session.view.run.graph
    counts = f"{_count(len(graph), 'node')} · {_count(graph.edge_starts[-1], 'edge')}"
    st.html(tag("div", tag("b", session.view.title), tag("span", counts), *_notes(session), class_="x-title"))
    _switch(session)
    with st.container(horizontal=True, horizontal_alignment="right", key="history", wrap=False):
        for label, is_possible, act in (
            ("Undo", undoing.can_undo(session), undoing.undo),
            ("Redo", undoing.can_redo(session), undoing.redo),
        ):
            icon = f":material/{label.lower()}:"
            go = partial(session.later, partial(act, session))
            st.button(label, key=label.lower(), icon=icon, type="tertiary", disabled=not is_possible, on_click=go)


def _switch(session: Session) -> None:
    """From one activity to another; none while there is only one."""
    if len(ROOMS) < 2:
        return
    st.segmented_control(
        "Activity",
        list(ROOMS),
        **showing(
            "activity", session.activity, lambda new: session.later(partial(enter, session, new), "enter"), by="default"
        ),
        format_func=lambda activity: ROOMS[activity].label,
        required=True,
        label_visibility="collapsed",
    )


def _catch_up(session: Session) -> None:
    """What takes long is done here, in sight; canvas and panels keep what they show until it is done."""
    if session.is_waiting:
        with working("At work …", "work", session.give_up, PROGRESS_WIDTH):
            session.catch_up()


def _notes(session: Session) -> Iterator[Markup]:
    """What must be known before reading the graph."""
    broken = session.view.run.nonfinite
    if not session.is_current:
        yield _note("the last graph that could be drawn")
    model = session.view.model
    if model is not None and model.problem is not None:
        yield tag("strong", NOT_EXPORTED if failure(model.run) is None else FAILED, class_="x-note x-error")
    if session.note:
        yield _note(session.note)
    if broken is not None:
        yield _note(f"not finite from {broken} on", "x-note x-error")


def _note(text: str, class_: str = "x-note") -> Markup:
    """Cut off where there is no room for all of it; the pointer shows the rest."""
    return tag("strong", text, class_=class_, title=text)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


@cache
def _spare_the_imported(modules: int) -> None:
    """Take what was imported out of the garbage collector's sight, once for each number of modules.

    Streamlit collects after every run. Torch and sympy hold hundreds of thousands of objects that never go away;
    walking them takes some 200 ms, in which nothing reaches the browser; plotly comes with the first chart only.
    """
    gc.collect()
    gc.freeze()


def _let_it_be_drawn(session: Session) -> None:
    """New numbers are seen first. What reaches the browser together it draws together, and the panels take it long."""
    if st.session_state.get("drawn rev") != session.view.rev:
        st.session_state["drawn rev"] = session.view.rev
        sleep(AHEAD_SECONDS)


@st.fragment(key=BENCH)
def _bench() -> None:
    """Canvas and inspector: all that runs again while a number is dragged."""
    session = state.session()
    with st.container(horizontal=True, key="bench"):
        stage = st.container(key="stage")
        with stage:
            _stage(session)
        _let_it_be_drawn(session)
        with stage:
            autograd.draw(session)
        st.session_state["panel drawn"] = monotonic()
        with st.container(key="inspector", width=INSPECTOR_WIDTH, gap="xsmall"), shielded("panel"):
            room(session).panel(session)
    _catch_up_behind(session)


@st.fragment
def _stage(session: Session) -> None:
    """The canvas alone: all that runs again when a group opens. To draw the panel too would take longer than that."""
    with shielded("canvas"):
        canvas(
            session.view.news or session.view.blob,
            key="canvas",
            height="stretch",
            on_event=partial(state.on_event, session),
            after=partial(_after, session),
        )
    if session.is_behind:
        _let_it_be_drawn(session)
    _catch_up_behind(session)


def _after(session: Session, events: Sequence[Event]) -> None:
    """What is drawn again after events of the canvas: it alone where the whole page follows by itself, where groups
    open, and for most pictures while they follow each other fast; else the panel with it.
    """
    is_drawn_alone = session.activity == "step" and autograd.placed(session) == "off"
    is_of_groups = is_drawn_alone and all(event["name"] in OF_GROUPS for event in events)
    is_panel_new = monotonic() - st.session_state.get("panel drawn", 0.0) < FOLLOWING_SECONDS
    if not (session.is_behind or is_of_groups or (session.is_brisk and is_panel_new)):
        st.rerun(BENCH)


def _catch_up_behind(session: Session) -> None:
    if session.is_behind:
        session.is_behind = False
        st.rerun(scope="app")
