"""The session of a browser tab, and the address that holds its document."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui.document import Document
from explorer.ui.link import KEYS, from_query, to_query
from explorer.ui.session import Session

_KEY = "session"


def session() -> Session:
    """This tab's session; a new tab starts from its address, or from the first example."""
    if _KEY not in st.session_state:
        document, problem = _linked()
        st.session_state[_KEY] = Session(document)
        if problem is not None:
            st.session_state[_KEY].problem = problem
    found: Session = st.session_state[_KEY]
    return found


def keep_link(current: Session) -> None:
    """Make the address a link to the document. Without an edit it stays as it came."""
    query = to_query(current.document) if current.is_edited else {}
    held = {key: st.query_params[key] for key in KEYS if key in st.query_params}
    if query == held or not current.is_edited:
        return
    for key in held.keys() - query.keys():
        del st.query_params[key]
    st.query_params.update(query)


def _linked() -> tuple[Document | None, ExplorerError | None]:
    try:
        return from_query(st.query_params), None
    except ExplorerError as problem:
        return None, problem
