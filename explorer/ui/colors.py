"""In the sidebar: colours for the nodes from a file, and why an overlay that was chosen is not shown."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError, OverlayError
from explorer.ui import errors
from explorer.ui.coloring import File, color_by_file
from explorer.ui.session import Session

_KEY, _PROBLEM = "overlay file", "overlay file problem"
_HELP = """JSON such as `{"c": 3.5, "d": 1}`, or CSV with the columns `node,value`. A value is a number or a colour
such as `#D55E00`. The colours are chosen from then on under **Colour** on the canvas, where all other overlays are."""


def draw(session: Session) -> None:
    """The field for the file, closed until somebody wants it."""
    if session.coloring.problem is not None:
        st.html(errors.problem("", session.coloring.problem))
    with st.expander("Colours from a file"):
        st.file_uploader(
            "Node id and number or colour", type=["json", "csv"], key=_KEY, help=_HELP, on_change=lambda: _take(session)
        )
        problem = st.session_state.get(_PROBLEM)
        if problem is not None:
            st.html(errors.problem("", problem))


def _take(session: Session) -> None:
    uploaded = st.session_state[_KEY]
    st.session_state[_PROBLEM] = None
    try:
        color_by_file(session, None if uploaded is None else _read(uploaded.name, uploaded.getvalue()))
    except ExplorerError as problem:
        st.session_state[_PROBLEM] = problem


def _read(name: str, content: bytes) -> File:
    try:
        return File(name, content.decode("utf-8"))
    except UnicodeDecodeError:
        raise OverlayError(f"{name!r} is not UTF-8 text. Save it as UTF-8, as JSON or CSV.") from None
