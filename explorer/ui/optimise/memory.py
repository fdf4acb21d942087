"""Bytes over time: what is kept, what is given back, and what checkpoints make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from explorer.export.theme import THEMES, ThemeName
from explorer.graph import Graph
from explorer.passes.memory import Action, Plan, inference, training
from explorer.run import Run
from explorer.segment.wording import size
from explorer.ui.charts import CONFIG, dress
from explorer.ui.html import heads, tag
from explorer.ui.optimise import share
from explorer.ui.optimise.costs import flops, pieces
from explorer.ui.optimise.share import Keeping, Optimising
from explorer.ui.session import Session
from explorer.ui.style import theme_name
from explorer.ui.widgets import showing

PHASES = {"training": "Forward and backward", "inference": "Forward alone"}
KEPT = {
    "every": "every value",
    "stride": "every n-th operation's",
    "chosen": "those that I choose",
    "none": "inputs and parameters alone",
}
MOST_BARS = 80

MOST_CHOSEN = 400
"""From longer lists nobody chooses by name."""


def draw(session: Session) -> None:
    """What is planned, the figures, and the chart."""
    found, run = share.of(session), session.view.run
    _choices(found, run.graph)
    plans = planned(run, found.memory, is_program=session.view.program is not None)
    _figures(run.graph, plans)
    figure = picture(run.graph, plans, theme_name())
    st.plotly_chart(figure, key="memory", config=CONFIG, theme=None)
    _lifetimes(run.graph, list(plans.values())[-1])
    words = (
        "While an operation runs, its inputs and its result are in memory. What is handed in stays throughout, and so "
        "do outputs and the gradients of leaves."
    )
    st.html(tag("div", words, class_="x-caption"))


def planned(run: Run, keeping: Keeping, is_program: bool) -> dict[str, Plan]:
    """The plan with everything kept, and beside it the one with checkpoints; forward alone there is one."""
    held = None if is_program else pieces(run.graph)
    if keeping.phase == "inference":
        return {"forward alone": inference(run, held)}
    plans = {"every value kept": training(run, None, held)}
    checkpoints = keeping.checkpoints(run.graph)
    if checkpoints is not None:
        plans["with checkpoints"] = training(run, checkpoints, held)
    return plans


def _choices(found: Optimising, graph: Graph) -> None:
    keeping = found.memory

    def keep(**fields: Any) -> None:
        found.show(memory=replace(found.memory, **fields))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Memory for",
            list(PHASES),
            **showing("memory phase", keeping.phase, lambda new: keep(phase=new), by="default"),
            format_func=PHASES.__getitem__,
            required=True,
        )
        if keeping.phase == "inference":
            return
        st.selectbox(
            "Kept for the backward",
            **showing("memory what", keeping.what, lambda new: keep(what=new), among=list(KEPT)),
            format_func=KEPT.__getitem__,
            width=240,
        )
        if keeping.what == "stride":
            st.number_input(
                "n",
                1,
                1_000,
                **showing("memory stride", keeping.stride, lambda new: keep(stride=new)),
                width=120,
            )
        if keeping.what == "chosen":
            _chosen(graph, keeping, keep)


def _chosen(graph: Graph, keeping: Keeping, keep: Any) -> None:
    names = [id_ for id_, ports in zip(graph.ids, graph.inputs, strict=True) if ports][:MOST_CHOSEN]
    st.multiselect(
        "Checkpoints",
        names,
        **showing(
            "memory chosen",
            [id_ for id_ in keeping.chosen if id_ in names],
            lambda new: keep(chosen=tuple(new)),
            by="default",
        ),
        placeholder="Nodes whose values are kept",
    )


def _figures(graph: Graph, plans: dict[str, Plan]) -> None:
    rows = [heads("", "most at once", "without reuse", "computed again", "at a cost of")]
    arithmetic = flops(graph)
    for name, plan in plans.items():
        again = sum(arithmetic[node] for node in plan.again)
        count = len(plan.again)
        cost = f"{again:,.0f} FLOP" if count else "—"
        cells = (name, size(plan.peak), size(plan.total), f"{count:,} operation{'s' * (count != 1)}", cost)
        rows.append(tag("tr", *(tag("td", cell) for cell in cells)))
    st.html(tag("table", *rows, class_="x-table x-steps"))


def picture(graph: Graph, plans: dict[str, Plan], name: ThemeName) -> go.Figure:
    """Bytes during each action: filled what is planned, dashed what it would be with everything kept."""
    theme = THEMES[name]
    figure = go.Figure()
    last = len(plans) - 1
    for place, (words, plan) in enumerate(plans.items()):
        planned = place == last
        figure.add_scatter(
            x=list(range(len(plan.live))),
            y=list(plan.live),
            name=words,
            line={
                "shape": "hv",
                "width": 2 if planned else 1.5,
                "dash": "solid" if planned else "dot",
                "color": theme.roles["forward"].mark if planned else theme.strong,
            },
            fill="tozeroy" if planned else None,
            fillcolor=theme.roles["forward"].tint if planned else None,
            text=_actions(graph, plan.actions),
            hovertemplate="%{text}<br>%{y:,} bytes<extra></extra>",
        )
    figure.update_yaxes(rangemode="tozero", tickformat="~s")
    return dress(figure, theme, 260, "what happens, in order", "bytes", showlegend=len(plans) > 1)


def _lifetimes(graph: Graph, plan: Plan) -> None:
    """Liveness, for as many pieces of memory as can be told apart."""
    if len(plan.buffers) > MOST_BARS:
        words = f"{len(plan.buffers):,} pieces of memory are too many to show when each of them lives."
        st.html(tag("div", words, class_="x-caption"))
    else:
        figure = lifetimes(graph, plan, theme_name())
        st.plotly_chart(figure, key="lifetimes", config=CONFIG, theme=None)


def lifetimes(graph: Graph, plan: Plan, name: ThemeName) -> go.Figure:
    """A bar for each piece of memory, from the action that makes it to the last that reads it."""
    theme = THEMES[name]
    colors = {"value": "forward", "saved": "constant", "gradient": "gradient", "share": "gradient"}
    figure = go.Figure()
    for kind, role in colors.items():
        bars = [(n, b) for n, b in enumerate(plan.buffers) if b.kind == kind]
        if not bars:
            continue
        spans = [plan.lifetimes[n] for n, _ in bars]
        figure.add_bar(
            orientation="h",
            base=[first for first, _ in spans],
            x=[last - first + 1 for first, last in spans],
            y=[n for n, _ in bars],
            name=_KINDS[kind],
            text=[graph.ids[b.node] for _, b in bars],
            textposition="inside",
            insidetextanchor="start",
            textangle=0,
            constraintext="none",
            width=0.8,
            customdata=[b.bytes for _, b in bars],
            hovertemplate="%{text}: %{customdata:,} bytes, from action %{base}<extra></extra>",
            marker={
                "color": theme.roles[role].tint,
                "line": {"color": theme.roles[role].mark, "width": 1},
                "pattern": {"shape": "/" if kind == "share" else "", "fgcolor": theme.roles[role].mark, "size": 5},
            },
            textfont={"color": theme.primary, "size": 10},
        )
    figure.update_yaxes(autorange="reversed", showticklabels=False)
    pixels = 90 + 15 * len(plan.buffers)
    return dress(figure, theme, pixels, "what happens, in order", "memory", barmode="overlay")


_KINDS = {"value": "values", "saved": "saved beside them", "gradient": "gradients", "share": "added and forgotten"}

_VERBS = {
    "start": "what is handed in",
    "forward": "compute",
    "recompute": "compute again",
    "seed": "the backward starts at",
    "backward": "backward of",
    "end": "results",
}


def _actions(graph: Graph, actions: Sequence[Action]) -> list[str]:
    return [f"{_VERBS[a.kind]} {graph.ids[a.node] if a.node >= 0 else ''}".strip() for a in actions]
