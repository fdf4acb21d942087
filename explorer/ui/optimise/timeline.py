"""Which worker computes what when: bars below one another, the critical path outlined."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from explorer.export.theme import THEMES, ThemeName
from explorer.graph import Graph
from explorer.ops.explain import explain
from explorer.passes.parallel import Timeline, critical_path, schedule
from explorer.ui.charts import CONFIG, dress
from explorer.ui.html import tag
from explorer.ui.numbers import short
from explorer.ui.optimise import share
from explorer.ui.optimise.costs import SHORT, Unit, costs_of
from explorer.ui.session import Session
from explorer.ui.style import theme_name

MOST_WORDS = 80
"""With more bars than this their names are told on hovering alone."""

ROW = 26


def draw(session: Session) -> None:
    """For the graph that is shown, and as many workers as the panel says."""
    found, graph = share.of(session), session.view.run.graph
    costs = costs_of(graph, found.unit)
    line = schedule(graph, found.workers, costs)
    if not line.tasks:
        st.html(tag("div", "No operation takes any time.", class_="x-caption"))
        return
    path = set(critical_path(graph, costs))
    figure = picture(graph, line, path, found.unit, theme_name())
    st.plotly_chart(figure, key="timeline", config=CONFIG, theme=None)
    words = (
        f"{short(line.work)} {SHORT[found.unit]} of work on {line.workers} workers take {short(line.length)}. Whoever "
        "is free takes, of what can be computed, the node with most work behind it. Thick: the critical path."
    )
    st.html(tag("div", words, class_="x-caption"))


def picture(graph: Graph, line: Timeline, path: set[int], unit: Unit, name: ThemeName) -> go.Figure:
    """One bar a task, a row a worker, the first worker on top."""
    theme = THEMES[name]
    tasks = line.tasks
    few = len(tasks) <= MOST_WORDS
    bars = go.Bar(
        orientation="h",
        base=[task.start for task in tasks],
        x=[task.end - task.start for task in tasks],
        y=[f"worker {task.worker + 1}" for task in tasks],
        text=[graph.ids[task.node] if few else "" for task in tasks],
        customdata=[(graph.ids[t.node], explain(graph, t.node).label, t.start, t.end) for t in tasks],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<br>from %{customdata[2]} to %{customdata[3]}<extra></extra>",
        insidetextanchor="middle",
        textfont={"color": theme.primary, "size": 11},
        marker={
            "color": theme.roles["constant"].tint,
            "line": {
                "color": [theme.primary if task.node in path else theme.strong for task in tasks],
                "width": [2.5 if task.node in path else (1 if few else 0) for task in tasks],
            },
        },
    )
    figure = go.Figure(bars)
    rows = [f"worker {worker + 1}" for worker in range(line.workers)]
    figure.update_yaxes(categoryorder="array", categoryarray=rows[::-1], range=[-0.5, len(rows) - 0.5])
    dress(figure, theme, 70 + ROW * line.workers, f"time, in {SHORT[unit]}", "", showlegend=False, bargap=0.15)
    return figure
