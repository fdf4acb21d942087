"""Widgets whose state is the session's: the document is the truth, a widget shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

By = Literal["value", "default"]
"""What a widget calls the value that it starts with; a select box asks for the place among its options."""


def showing(key: str, value: Any, by: By = "value", among: Sequence[Any] | None = None) -> dict[str, Any]:
    """The arguments that make the widget of ``key`` show ``value``, with its options where it is one ``among`` them.

    The value is given twice. As the widget's start: a browser that has just drawn it tells of its start before it
    hears what the session has set, and that would undo an edit. And as the session's, but only where it differs:
    Streamlit overwrites what is being typed in a widget that is set.
    """
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[key] = value
    if among is None:
        return {"key": key, by: value}
    return {"key": key, "options": among, "index": among.index(value) if value in among else None}
