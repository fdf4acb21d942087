"""Below the canvas: the tabs of what the user is at. Only the open tab is made."""

from __future__ import annotations

import streamlit as st

from explorer.ui.activities import room
from explorer.ui.session import Session


def draw(session: Session) -> None:
    """The tabs, the first of them open at the start."""
    tabs = room(session).dock
    key = "dock" if session.activity == "step" else f"dock {session.activity}"
    for tab, draw_tab in zip(st.tabs(list(tabs), key=key, on_change="rerun"), tabs.values(), strict=True):
        if tab.open:
            with tab:
                draw_tab(session)
