"""Widgets whose state is the session's: the document is the truth, a widget shows it."""

from __future__ import annotations

from typing import Any

import streamlit as st


def bound(key: str, value: Any) -> str:
    """``key``, once the widget of that key shows ``value``.

    Set only where it differs: Streamlit overwrites what is being typed in a widget that is set.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key
