"""A model twice: the autograd nodes that its run left behind, and the ATen graph that torch.export captures."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.run import Run
from explorer.segment.wording import time
from explorer.ui.html import heads, tag
from explorer.ui.optimise import share
from explorer.ui.optimise.captured import Captured
from explorer.ui.session import Session
from explorer.ui.view import View
from explorer.ui.working import working

MOST_ROWS = 400


def draw(session: Session, view: View) -> None:
    """Both chains, and how long each takes."""
    if view.model is None:
        st.html(tag("div", "A saved run has no model that could be captured again.", class_="x-caption"))
        return
    captured = share.of(session).captured(view)
    left, right = st.columns(2, gap="medium")
    with left:
        _title("Define by run", "built by autograd in every forward")
        _table(("grad_fn, in the order of the backward", "of"), grad_fns(view.run))
        if captured is not None:
            st.html(tag("div", f"One forward, graph and all: {time(captured.eager)}.", class_="x-caption"))
    with right:
        _title("Define and run", "built once by torch.export")
        _static(session, view, captured)


def grad_fns(run: Run) -> list[tuple[str, str]]:
    """torch's name for what differentiates each node, in the order in which the engine ran them."""
    graph = run.graph
    return [(str(graph.attrs[i].get("grad_fn", "—")), graph.ids[i]) for i in run.backward.order if graph.inputs[i]]


def _static(session: Session, view: View, captured: Captured | None) -> None:
    found = share.of(session)
    if captured is not None:
        _table(("ATen operation, in the order of the forward", "from"), captured.operations)
        words = f"Captured in {time(captured.seconds)}; one forward of it: {time(captured.static)}."
        st.html(tag("div", words, class_="x-caption"))
        return
    words = (
        "torch.export goes through the model once with stand-ins for its numbers and writes down every operation of "
        "PyTorch's core, ATen. Other inputs of the same form then run the same graph."
    )
    st.html(tag("div", words, class_="x-caption"))
    if found.uncaptured:
        st.html(tag("div", found.uncaptured, class_="x-caption x-error"))
    elif st.button("Capture with torch.export", icon=":material/camera:"):
        with working("torch.export is at work …", "capture"):
            found.capture(view)
        st.rerun()


def _table(head: tuple[str, str], rows: Sequence[tuple[str, str]]) -> None:
    """All rows up to a bound, in a box of its own that scrolls."""
    cells = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows[:MOST_ROWS]]
    with st.container(height=320, border=False):
        st.html(tag("table", heads(*head), *cells, class_="x-table x-steps", tabindex="0"))
        if len(rows) > MOST_ROWS:
            st.html(tag("div", f"and {len(rows) - MOST_ROWS:,} more", class_="x-caption"))
    st.html(tag("div", f"{len(rows):,} in all.", class_="x-caption"))


def _title(name: str, count: str) -> None:
    st.html(tag("div", name, tag("span", count, class_="x-quiet"), class_="x-section"))
