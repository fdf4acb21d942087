"""Attention: the maps of all heads side by side, one of them large, and its lines from token to token."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots
from torch import Tensor

from explorer.export.theme import THEMES, Theme, ThemeName, mix
from explorer.ui.html import Markup, tag
from explorer.ui.maps import Axis, layout, shades, shares_trace, ticks
from explorer.ui.model import Traced
from explorer.ui.style import theme_name
from explorer.ui.tensor import CONFIG, axes

MOST_HEADS = 16
"""Small pictures of more heads are not drawn; each can be chosen."""

ALL = "All"
FAINT = 0.02
"""Smaller shares get no line."""

SHADES = 10
MOST_CLICKED = 1_024
"""Cells of a small picture that take clicks; of more the switch above chooses the head."""

MOST_LINED = 32
"""Between more tokens lines are not told apart."""


def draw(traced: Traced, index: int) -> None:
    """The section of a softmax over tokens."""
    value = traced.run.value(index)
    if value is None:
        return
    heads = value.reshape(-1, *value.shape[-2:])
    rows, columns = axes(traced, index)[-2:]
    note = "each row is shares that sum to 1"
    st.html(tag("div", "Attention", tag("span", note, class_="x-quiet"), class_="x-section"))
    chosen = _chosen(len(heads))
    if chosen is None:
        _all(heads, rows, columns)
        st.html(_scale(THEMES[theme_name()]))
        return
    st.plotly_chart(one(heads[chosen], rows, columns, theme_name()), key="one head", config=CONFIG, theme=None)
    if rows.size <= MOST_LINED:
        st.html(tag("div", "From each query token, left, to the keys that it looks at", class_="x-caption"))
        st.plotly_chart(lines(heads[chosen], rows, columns, theme_name()), key="lines", config=CONFIG, theme=None)


def _all(heads: Tensor, rows: Axis, columns: Axis) -> None:
    """The small pictures; a click on one shows it large. A chart remembers its clicks, so each click gets a new one."""
    clicks = st.session_state.get(CLICKS, 0)
    key = f"heads {clicks}"

    def enlarge() -> None:
        points = st.session_state[key].selection.points
        if points:
            st.session_state[_key(len(heads))] = str(points[0]["curve_number"] - min(len(heads), MOST_HEADS))
            st.session_state[CLICKS] = clicks + 1

    figure = small_multiples(heads[:MOST_HEADS], rows, columns, theme_name())
    with st.container(key="attention"):
        st.plotly_chart(figure, key=key, config=CONFIG, theme=None, on_select=enlarge, selection_mode="points")


CLICKS = "clicks on attention"


def _key(heads: int) -> str:
    return f"head of {heads}"


def _chosen(heads: int) -> int | None:
    """The head to show large; ``None`` for all of them."""
    if heads == 1:
        return 0
    key = _key(heads)
    options = [ALL, *map(str, range(heads))]
    if heads > MOST_HEADS:
        picked = st.selectbox("Head", options, key=key)
    else:
        picked = st.segmented_control("Head", options, key=key, default=ALL, required=True, width="stretch")
    return None if picked in (ALL, None) else int(picked)


def small_multiples(heads: Tensor, rows: Axis, columns: Axis, name: ThemeName) -> go.Figure:
    """All heads ``(heads, queries, keys)``, two in a row, on one scale from 0 to 1."""
    theme, lines_ = THEMES[name], math.ceil(len(heads) / 2)
    titles = [f"head {head}" for head in range(len(heads))]
    figure = make_subplots(lines_, 2, subplot_titles=titles, horizontal_spacing=0.09, vertical_spacing=0.3 / lines_)
    for head, matrix in enumerate(heads):
        figure.add_trace(shares_trace(matrix, rows, columns, theme), head // 2 + 1, head % 2 + 1)
    if rows.size * columns.size <= MOST_CLICKED:
        for head, map_ in enumerate(list(figure.data)):
            figure.add_trace(_hands(map_), head // 2 + 1, head % 2 + 1)
        figure.update_traces(hoverinfo="skip", hovertemplate=None, selector={"type": "heatmap"})
    figure.update_layout(**{**layout(theme, 184 * lines_), "margin": {"l": 4, "r": 4, "t": 22, "b": 4}})
    figure.update_xaxes(**ticks(columns))
    figure.update_yaxes(**ticks(rows), autorange="reversed")
    figure.update_annotations(font={"size": 11, "color": theme.primary})
    return figure


def _hands(map_: go.Heatmap) -> go.Scatter:
    """A point without colour on every cell of a map: heat maps themselves take no clicks."""
    x, y, words = zip(
        *((x, y, map_.text[i][j]) for i, y in enumerate(map_.y) for j, x in enumerate(map_.x)), strict=True
    )
    marker = {"symbol": "square", "size": 14, "color": "rgba(0,0,0,0)", "line": {"width": 0}}
    hands = go.Scatter(x=x, y=y, text=words, mode="markers", marker=marker, showlegend=False)
    return hands.update(hovertemplate="%{text}<extra></extra>")


def _scale(theme: Theme) -> Markup:
    cells = [tag("span", class_="x-cell", style=f"background:{color}") for color in shades(theme)]
    return tag(
        "div", "0", *cells, "1", tag("span", "row attends to column", class_="x-far"), class_="x-caption x-scale"
    )


def one(matrix: Tensor, rows: Axis, columns: Axis, name: ThemeName) -> go.Figure:
    """One head as large as the panel is wide."""
    theme = THEMES[name]
    trace = shares_trace(matrix, rows, columns, theme)
    figure = go.Figure(trace)
    figure.update_layout(**layout(theme, 330))
    figure.update_xaxes(**ticks(columns), title_text=columns.name, title_standoff=4)
    figure.update_yaxes(**ticks(rows), title_text=rows.name, title_standoff=4, autorange="reversed")
    return figure


def lines(matrix: Tensor, rows: Axis, columns: Axis, name: ThemeName) -> go.Figure:
    """Query tokens at the left, key tokens at the right, a line for every share that is not faint."""
    theme = THEMES[name]
    figure = go.Figure([_bundle(matrix, shade, theme) for shade in range(SHADES)])
    for x, axis, anchor in ((0, rows, "right"), (1, columns, "left")):
        figure.add_trace(_tokens(x, axis, anchor, theme))
    figure.update_layout(**{**layout(theme, 40 + 20 * rows.size), "showlegend": False})
    figure.update_xaxes(visible=False, fixedrange=True, range=[-0.12, 1.12])
    figure.update_yaxes(visible=False, fixedrange=True, autorange="reversed")
    return figure


def _bundle(matrix: Tensor, shade: int, theme: Theme) -> go.Scatter:
    """All lines of about the same share, as one broken line."""
    x: list[float | None] = []
    y: list[float | None] = []
    for query, line in enumerate(matrix.tolist()):
        for key, share in enumerate(line):
            if share > FAINT and min(int(share * SHADES), SHADES - 1) == shade:
                x += [0.0, 1.0, None]
                y += [float(query), float(key), None]
    strength = (shade + 0.5) / SHADES
    color = mix(shades(theme)[-2], theme.surface, 0.15 + 0.85 * strength)
    return go.Scatter(x=x, y=y, mode="lines", line={"color": color, "width": 0.6 + 3.4 * strength}, hoverinfo="skip")


def _tokens(x: float, axis: Axis, anchor: str, theme: Theme) -> go.Scatter:
    style: dict[str, Any] = {"mode": "text", "textposition": f"middle {'left' if anchor == 'right' else 'right'}"}
    words = [axis.word(place) for place in range(axis.size)]
    font = {"size": 12, "color": theme.primary}
    return go.Scatter(x=[x] * axis.size, y=list(range(axis.size)), text=words, textfont=font, hoverinfo="skip", **style)
