"""Work of more than a moment, in sight: a bar that follows what is told, and a button that ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import streamlit as st

from explorer.progress import told_to

PATIENCE_SECONDS = 1.0
"""What takes longer can be cancelled."""
SECONDS = 0.05
"""So often, at most, the bar moves. Streamlit ends the work there when its user has gone on to something else."""


@contextmanager
def working(
    words: str, key: str, stop: Callable[[], None] | None = None, width: int | str = "stretch"
) -> Iterator[None]:
    """``stop`` is called when the user ends it; what was begun inside the block is then left where it is."""
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center", key=f"working-{key}"):
        bar, end = st.empty(), st.empty()
    show = bar.progress(0.0, words, width=width)  # type: ignore[arg-type]
    start = last = monotonic()
    can_cancel = False

    def told(share: float, what: str) -> None:
        nonlocal last, can_cancel
        now = monotonic()
        if now - last >= SECONDS:
            last = now
            show.progress(min(max(share, 0.0), 1.0), f"{what} …")
        if now - start >= PATIENCE_SECONDS and not can_cancel:
            can_cancel = True
            end.button("Cancel", key=f"cancel {key}", type="tertiary", on_click=stop)

    with told_to(told):
        yield
    place.empty()
