"""The session of a browser tab, and the address that holds its document."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from explorer.canvas.component import Event
from explorer.errors import ExplorerError
from explorer.export.show import RUN
from explorer.ui.document import Document, from_example
from explorer.ui.examples import examples
from explorer.ui.link import KEYS, from_query, to_query
from explorer.ui.session import OF_GROUPS, Session
from explorer.ui.undoing import ACTS

MANY = 5_000
"""A whole level of a graph of more nodes is opened in sight at once: it takes longer than a moment."""
_KEY, _ADDRESS, _TRAVELLED = "session", "address", "back or forward"


@dataclass(frozen=True, slots=True)
class Address:
    """The ``query`` that stands for ``document``."""

    query: dict[str, str]
    document: Document


def session() -> Session:
    """This tab's session; a new tab starts from its address, or from the first example."""
    if _KEY not in st.session_state:
        document, problem = _linked() if RUN not in os.environ else (_given(), None)
        new = st.session_state[_KEY] = Session()
        if document is not None:
            new.soon(partial(new.start, document))
        new.problem = problem or new.problem
    found: Session = st.session_state[_KEY]
    return found


def on_event(current: Session, event: Event) -> None:
    """Answer an event of the canvas, which also tells of the browser's Back and Forward, and of Ctrl + Z."""
    if event["name"] == "address":
        st.session_state[_TRAVELLED] = current.is_behind = True
    elif event["name"] in ACTS:
        current.later(partial(ACTS[event["name"]], current))
        current.is_behind = True
    else:
        _answer(current, event)


def _answer(current: Session, event: Event) -> None:
    """What leaves all as it was where it is interrupted is done in sight, if it takes long."""
    if event["name"] not in ("orient", "edit", *OF_GROUPS):
        current.on_event(event)
        return
    takes_long = event["name"] == "depth" and len(current.view.run.graph) > MANY
    kind = f"edit {event.get('id')}" if event["name"] == "edit" else ""
    (current.later if takes_long else current.soon)(partial(current.on_event, event), kind)
    current.is_behind |= current.is_waiting


def follow_link(current: Session) -> None:
    """Go where the address went by Back and Forward of the browser: they are undo and redo.

    Only where the browser told of it: a gesture may come with an address of before, and must undo nothing.
    """
    held = _held()
    if _ADDRESS not in st.session_state:
        st.session_state[_ADDRESS] = Address(held, current.document)
    if st.session_state.get(_TRAVELLED) and not current.is_waiting:
        st.session_state[_TRAVELLED] = False
        if held != st.session_state[_ADDRESS].query:
            _go(current, held)
            st.session_state[_ADDRESS] = Address(held, current.document)


def keep_link(current: Session) -> None:
    """Make the address a link to the document. Without an edit it stays as it came."""
    known: Address = st.session_state[_ADDRESS]
    if current.document == known.document or not current.is_edited:
        return
    query, held = to_query(current.document), _held()
    for key in held.keys() - query.keys():
        del st.query_params[key]
    if query != held:
        st.query_params.update(query)
    st.session_state[_ADDRESS] = Address(query, current.document)


def _held() -> dict[str, str]:
    return {key: st.query_params[key] for key in KEYS if key in st.query_params}


def _go(current: Session, query: dict[str, str]) -> None:
    history = current.history
    if history.past and to_query(history.past[-1]) == query:
        current.undo()
    elif history.future and to_query(history.future[-1]) == query:
        current.redo()
    else:
        document, problem = _linked()
        current.load(document or from_example(examples()[0]))
        current.problem = problem or current.problem


def _given() -> Document:
    """The run that the app was opened on, from a script or a notebook."""
    return replace(from_example(examples()[0]), saved=os.environ[RUN])


def _linked() -> tuple[Document | None, ExplorerError | None]:
    try:
        return from_query(st.query_params), None
    except ExplorerError as problem:
        return None, problem
