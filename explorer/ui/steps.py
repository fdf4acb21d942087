"""Every step of the run as a table, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st
from torch import Tensor

from explorer.export.terms import Terms
from explorer.run import Arrival, Step
from explorer.ui.html import Markup, heads, inline, join, tag
from explorer.ui.numbers import short
from explorer.ui.session import Session
from explorer.ui.view import View
from explorer.ui.widgets import paged

PAGE = 100
"""Rows that are shown at a time."""

Moment = tuple[Step, Arrival | None]
"""One press of a key on the canvas. Without an arrival it is a node's own value, or where the second pass starts."""

COLUMNS = ("step", "pass", "node", "by way of", "what happens", "sum so far")


def draw(session: Session) -> None:
    """The table, page by page.

    Plain HTML: a data frame takes the browser some 40 ms longer after every edit, before the canvas is painted.
    """
    moments = _moments(session.view)
    shown, choose = paged("steps", len(moments), PAGE)
    view, column = session.view, session.coloring.column(session.view)
    found = list(rows(view, moments[shown.start : shown.stop], shown.start + 1))
    if column is not None:
        found = [(*cells, column[1][view.run.graph.index[cells[2]]]) for cells in found]
    head, body = heads(*COLUMNS, *(() if column is None else (column[0].lower(),))), map(_row, found)
    st.html(tag("table", head, *body, class_="x-table x-steps"))
    choose()


def _row(cells: tuple[str, ...]) -> Markup:
    color = "x-forward" if cells[1] == "forward" else "x-gradient"
    return tag("tr", *(tag("td", cell, class_=color if place == 1 else "") for place, cell in enumerate(cells)))


def rows(view: View, moments: Sequence[Moment] | None = None, first: int = 1) -> Iterator[tuple[str, ...]]:
    """One row a moment, all of them if not given. They count from ``first``, as the canvas does."""
    terms = Terms(view.run)
    for number, (step, arrival) in enumerate(_moments(view) if moments is None else moments, start=first):
        if step.phase == "forward":
            yield str(number), "forward", step.node, "", _computed(terms, view.run.graph.index[step.node]), ""
        elif arrival is None:
            seed = short(view.run.backward.upstream if view.tangents is None else view.tangents.seed)
            yield str(number), step.phase, step.node, "", "the pass starts here", seed
        else:
            yield str(number), step.phase, *_ends(step, arrival), _product(arrival), _sum(arrival)


def _moments(view: View) -> list[Moment]:
    """Every step that computes, the start of the second pass, and every arrival in it."""
    start = view.run.output if view.tangents is None else view.tangents.wrt
    found: list[Moment] = []
    for step in _steps(view):
        if step.phase == "forward" or step.node == start:
            found.append((step, None))
        found += ((step, arrival) for arrival in step.arrivals)
    return found


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
    local = None if isinstance(arrival.contribution, Tensor) else arrival.local  # between tensors a Jacobian
    if local is None or isinstance(local, Tensor):
        return f"contribution: {short(arrival.contribution)}"
    return f"{short(arrival.upstream)} × {short(local)} = {short(arrival.contribution)}"


def _sum(arrival: Arrival) -> str:
    if arrival.before is None or isinstance(arrival.after, Tensor):
        return short(arrival.after)
    return f"{short(arrival.before)} + {short(arrival.contribution)} = {short(arrival.after)}"
