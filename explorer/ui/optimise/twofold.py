"""Dynamic beside static: the graph of this run, and the one that was built once for all runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import streamlit as st
import torch

from explorer.export.built import dynamic_dot, operations_of, static_dot
from explorer.passes.rewrite import operations
from explorer.run import Number
from explorer.segment.wording import time
from explorer.ui.errors import problem
from explorer.ui.html import Markup, heads, join, tag
from explorer.ui.numbers import short
from explorer.ui.optimise import backends, share
from explorer.ui.optimise.watching import Lap, Watching
from explorer.ui.session import Session
from explorer.ui.style import theme_name
from explorer.ui.view import View
from explorer.ui.working import working

MOST_DRAWN = 200
"""Larger graphs are not drawn twice."""

MOST_LAPS = 8


def draw(session: Session) -> None:
    """Of a program its two graphs; of a model what autograd made and what torch.export makes."""
    view = session.view.own or session.view
    if view.program is None:
        backends.draw(session, view)
        return
    watching = share.of(session).watching(view)
    if watching.problem is not None:
        _refused(view, watching)
        return
    lap = watching.lap(_given(view))
    assert lap is not None and watching.built is not None
    left, right = st.columns(2, gap="medium")
    with left:
        _title("Define by run", f"built {_times(watching.runs)} in {watching.runs:,} {_runs(watching.runs)}")
        _drawing(dynamic_dot(lap.graph, lap.values, theme_name()), len(lap.graph), "dynamic")
        _dynamic(watching, lap)
    with right:
        _title("Define and run", f"built once in {watching.runs:,} {_runs(watching.runs)}")
        count = sum(1 for _ in operations_of(watching.built))
        _drawing(static_dot(watching.built, lap.seen, theme_name()), count, "static")
        _static(watching, lap, count)
    _laps(watching)


def _given(view: View) -> Mapping[str, Number]:
    """The inputs of the program, with the numbers that they have now."""
    values = {name: torch.tensor(value, dtype=torch.float64) for name, value in view.values.items()}
    return {name: value.item() if value.ndim == 0 else value for name, value in values.items()}


def _refused(view: View, watching: Watching) -> None:
    """This program runs, and no graph of it can be built before it does."""
    assert watching.problem is not None
    words = "As it is read this program runs. A graph that holds for all runs cannot be built of it:"
    st.html(tag("div", words, class_="x-caption"))
    st.html(problem(view.document.text, watching.problem))


def _title(name: str, count: str) -> None:
    st.html(tag("div", name, tag("span", count, class_="x-quiet"), class_="x-section"))


def _drawing(dot: str, nodes: int, key: str) -> None:
    if nodes > MOST_DRAWN:
        st.html(tag("div", f"{nodes:,} nodes are too many to be read at this size.", class_="x-caption"))
    else:
        with st.container(key=f"twofold-{key}"):
            st.graphviz_chart(dot, width="content")


def _dynamic(watching: Watching, lap: Lap) -> None:
    count = operations(lap.graph)
    lines = [f"{count:,} operation{'s' * (count != 1)}: only what was run is there. {_changed(lap)}"]
    if watching.times is not None:
        lines.append(f"One run, graph and all: {time(watching.times.dynamic)}.")
    st.html(join(*(tag("div", line, class_="x-caption") for line in lines)))


def _changed(lap: Lap) -> str:
    return "Another graph than in the run before." if lap.changed else ""


def _static(watching: Watching, lap: Lap, count: int) -> None:
    """How long it took to build, and what torch.export says to it."""
    ways = ", both sides of each branch and the inside of loops among them; what this run did not take is dotted"
    chosen = ways if lap.seen.taken or lap.seen.turns else "; there is nothing to choose in this program"
    lines = [f"{count:,} operation{'s' * (count != 1)}{chosen}. Built in {time(watching.seconds)}."]
    times = watching.times
    if times is not None:
        lines.append(f"Exported by torch.export in {time(times.export)}; one run of that: {time(times.static)}.")
    st.html(join(*(tag("div", line, class_="x-caption") for line in lines)))
    if watching.refusal is not None:
        st.html(tag("div", str(watching.refusal), class_="x-caption x-error"))
    elif times is None and st.button("Export and time both", help=TIMING, icon=":material/timer:"):
        with working("torch.export is at work …", "timing"):
            watching.measure()
        st.rerun()


TIMING = (
    "torch.export captures the built graph, and both are run 30 times forward. A run as it is read makes its graph of "
    "plain numbers where it can; the exported graph calls PyTorch for every operation."
)


def _laps(watching: Watching) -> None:
    """The last runs; change an input to make another."""
    st.html(tag("div", "Runs", tag("span", "change an input to add one", class_="x-quiet"), class_="x-section"))
    first = watching.runs - len(watching.laps)
    numbered = list(enumerate(watching.laps, first + 1))[::-1]
    head = heads("run", "inputs", "result", "define by run", "define and run")
    body = [tag("tr", *(tag("td", cell) for cell in _row(number, lap))) for number, lap in islice(numbered, MOST_LAPS)]
    st.html(tag("table", head, *body, class_="x-table x-steps"))
    words = f"{watching.graphs:,} different graph{'s' * (watching.graphs != 1)} by run, 1 built"
    st.html(tag("div", f"{words}, in {watching.runs:,} {_runs(watching.runs)}.", class_="x-caption"))


def _row(number: int, lap: Lap) -> Sequence[Markup | str]:
    inputs = ", ".join(f"{name} = {short(value)}" for name, value in lap.given.items())
    made = f"built: {len(lap.graph):,} nodes"
    ways = ["then" if side else "else" for side in lap.seen.taken.values()]
    ways += [f"{turns} turns" for turns in lap.seen.turns.values()]
    another = join(made, ", ", tag("b", "another graph")) if lap.changed else made
    return (
        str(number),
        inputs,
        short(lap.seen.result),
        another,
        f"the same graph{': ' if ways else ''}{', '.join(ways)}",
    )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _runs(count: int) -> str:
    return "run" if count == 1 else "runs"
