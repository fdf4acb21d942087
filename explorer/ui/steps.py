"""Every step of the run as a table, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st
from torch import Tensor

from explorer.export.terms import Terms
from explorer.run import Arrival, Step
from explorer.ui.html import Markup, inline, join, tag
from explorer.ui.numbers import short
from explorer.ui.session import Session
from explorer.ui.view import View

PAGE = 100
"""Steps that are shown at a time."""

COLUMNS = ("step", "pass", "node", "by way of", "what happens", "sum so far")


def draw(session: Session) -> None:
    """The table, page by page.

    Plain HTML: a data frame takes the browser some 40 ms longer after every edit, before the canvas is painted.
    """
    steps = _steps(session.view)
    pages = max(-(-len(steps) // PAGE), 1)
    key = f"steps, page of {pages}"
    page = st.session_state.get(key, 1)
    rows = map(_row, _rows(session.view, steps[(page - 1) * PAGE : page * PAGE], (page - 1) * PAGE + 1))
    head = tag("tr", *(tag("th", column) for column in COLUMNS))
    st.html(tag("table", head, *rows, class_="x-table x-steps"))
    if pages > 1:
        st.pagination(pages, key=key)


def _row(cells: tuple[str, ...]) -> Markup:
    color = "x-forward" if cells[1] == "forward" else "x-gradient"
    return tag("tr", *(tag("td", cell, class_=color if place == 1 else "") for place, cell in enumerate(cells)))


def _rows(view: View, steps: Sequence[Step], first: int) -> Iterator[tuple[str, ...]]:
    """One row a step that computes; one for the start of a pass, then one an arrival. They count from ``first``."""
    terms, start = Terms(view.run), view.run.output if view.tangents is None else view.tangents.wrt
    for number, step in enumerate(steps, start=first):
        if step.phase == "forward":
            yield str(number), "forward", step.node, "", _computed(terms, view.run.graph.index[step.node]), ""
            continue
        if step.node == start:
            seed = short(view.run.backward.upstream if view.tangents is None else view.tangents.seed)
            yield str(number), step.phase, step.node, "", "the pass starts here", seed
        for arrival in step.arrivals:
            yield str(number), step.phase, *_ends(step, arrival), _product(arrival), _sum(arrival)


def _steps(view: View) -> Sequence[Step]:
    if view.tangents is None:
        return view.run.steps
    return [*(step for step in view.run.steps if step.phase == "forward"), *view.tangents.steps]


def _computed(terms: Terms, index: int) -> Markup:
    """``a + b = 3``, or what kind of leaf it is."""
    graph = terms.run.graph
    what = inline(terms.formula(index)) if graph.inputs[index] else join(graph.kind(index))
    return join(what, " = " if graph.inputs[index] else " ", short(terms.run.values[index]))


def _ends(step: Step, arrival: Arrival) -> tuple[str, str]:
    """The node whose sum grows, and the one it comes from."""
    edge = arrival.edge
    return (edge.source, edge.target) if step.phase == "backward" else (edge.target, edge.source)


def _product(arrival: Arrival) -> str:
    if isinstance(arrival.local, Tensor) or isinstance(arrival.contribution, Tensor):
        return f"contribution: {short(arrival.contribution)}"
    return f"{short(arrival.upstream)} × {short(arrival.local)} = {short(arrival.contribution)}"


def _sum(arrival: Arrival) -> str:
    if arrival.before is None or isinstance(arrival.after, Tensor):
        return short(arrival.after)
    return f"{short(arrival.before)} + {short(arrival.contribution)} = {short(arrival.after)}"
