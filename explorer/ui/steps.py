"""Every step of the run as a table, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

import streamlit as st
from torch import Tensor

from explorer.ops import OPS
from explorer.run import Arrival, Run, Step
from explorer.ui.html import tag
from explorer.ui.numbers import short
from explorer.ui.session import Session
from explorer.ui.view import View

MOST_ROWS = 1_000
"""Rows beyond are left to the JSON."""

COLUMNS = ("step", "pass", "node", "by way of", "what happens", "sum so far")


def draw(session: Session) -> None:
    """The table, and how much of it is left out."""
    rows = list(islice(_rows(session.view), MOST_ROWS + 1))
    shown = rows[:MOST_ROWS]
    st.dataframe(
        {name: [row[place] for row in shown] for place, name in enumerate(COLUMNS)},
        hide_index=True,
        column_config={
            "step": st.column_config.Column(width=60),
            "what happens": st.column_config.Column(width="large"),
        },
        height="content" if len(shown) < 12 else 460,
    )
    if len(rows) > MOST_ROWS:
        note = f"The first {MOST_ROWS:,} rows. The JSON under Export holds all of them."
        st.html(tag("div", note, class_="x-caption"))


def _rows(view: View) -> Iterator[tuple[str, ...]]:
    """One row a step that computes, one an arrival for a step that hands a gradient or tangent on."""
    steps: Iterable[Step] = view.run.steps
    if view.tangents is not None:
        forward = (step for step in view.run.steps if step.phase == "forward")
        steps = chain(forward, view.tangents.steps)
    for number, step in enumerate(steps, start=1):
        if step.phase == "forward":
            yield str(number), "forward", step.node, "", _computed(view.run, step.node), ""
        elif not step.arrivals:
            start = short(view.run.backward.upstream if view.tangents is None else view.tangents.seed)
            yield str(number), step.phase, step.node, "", f"starts with {start}", start
        for arrival in step.arrivals:
            yield str(number), step.phase, *_ends(step, arrival), _product(arrival), _sum(arrival)


def _computed(run: Run, id_: str) -> str:
    node = run.graph.nodes[id_]
    what = f"{OPS[node.op].label} of {', '.join(node.inputs)}" if node.inputs else node.kind
    return f"{what}: {short(run.values[node.index])}"


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
