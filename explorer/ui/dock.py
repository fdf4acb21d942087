"""Below the canvas: all steps, the derivation, and what can be taken away. Only the open tab is made."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from explorer.ui import derivation, downloads, steps
from explorer.ui.session import Session

TABS: dict[str, Callable[[Session], None]] = {
    "Steps": steps.draw,
    "Derivation": derivation.draw,
    "Export": downloads.draw,
}


def draw(session: Session) -> None:
    """The tabs, the first of them open at the start."""
    for tab, draw_tab in zip(st.tabs(list(TABS), key="dock", on_change="rerun"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw_tab(session)
