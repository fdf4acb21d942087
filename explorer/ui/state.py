"""The session of a browser tab, and the address that holds its document."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import NoReturn

import streamlit as st

from explorer.errors import ExplorerError
from explorer.export.show import RUN
from explorer.ui.document import Document, from_example
from explorer.ui.examples import examples
from explorer.ui.link import KEYS, from_query, to_query
from explorer.ui.session import Session

_KEY, _ADDRESS, _OURS = "session", "address", "rerun by the app"

LATE_SECONDS = 0.5
"""A gesture that was made before the browser heard of a new address still comes with the one before it."""


@dataclass(frozen=True, slots=True)
class Address:
    """The ``query`` that stands for ``document``. ``before`` is the one it was written over, at ``since`` (seconds of
    the monotonic clock), until the browser is known to have taken it.
    """

    query: dict[str, str]
    document: Document
    before: dict[str, str] | None = None
    since: float = 0.0


def session() -> Session:
    """This tab's session; a new tab starts from its address, or from the first example."""
    if _KEY not in st.session_state:
        document, problem = _linked() if RUN not in os.environ else (_given(), None)
        st.session_state[_KEY] = Session(document)
        if problem is not None:
            st.session_state[_KEY].problem = problem
    found: Session = st.session_state[_KEY]
    return found


def follow_link(current: Session) -> None:
    """Go where the address went by itself: the browser's Back and Forward are undo and redo."""
    if st.session_state.pop(_OURS, False):
        return  # It came with the address of the gesture before it, which may be an old one.
    held, known = _held(), st.session_state.get(_ADDRESS)
    if known is None or held == known.query:
        document = current.document if known is None else known.document
        st.session_state[_ADDRESS] = Address(held, document)
    elif current.document == known.document and not current.is_waiting and not _is_late(held, known):
        _go(current, held)
        st.session_state[_ADDRESS] = Address(held, current.document)


def rerun() -> NoReturn:
    """Draw the whole page anew from inside a fragment, wherever the address is."""
    st.session_state[_OURS] = True
    st.rerun(scope="app")


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
    st.session_state[_ADDRESS] = Address(query, current.document, held, time.monotonic())


def _held() -> dict[str, str]:
    return {key: st.query_params[key] for key in KEYS if key in st.query_params}


def _is_late(held: dict[str, str], known: Address) -> bool:
    return held == known.before and time.monotonic() - known.since < LATE_SECONDS


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
