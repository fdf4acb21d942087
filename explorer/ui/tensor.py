"""A model's tensor: its value beside its gradient, as heat maps by slices, as figures, and as histograms."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import plotly.graph_objects as go
import streamlit as st
from torch import Tensor

from explorer.export.theme import THEMES
from explorer.ops.typeset import number
from explorer.passes.axes import TOKENS
from explorer.passes.statistics import Statistics, gradient_to_weight, histogram, statistics
from explorer.ui.html import Markup, heads, tag
from explorer.ui.maps import Axis, layout, sampled, tensor_map
from explorer.ui.model import Traced
from explorer.ui.style import theme_name

BINS = 40
MOST_ENTRIES = 2_000_000
"""Figures of larger tensors are those of evenly spaced entries."""

CONFIG = {"displayModeBar": False}


def draw(traced: Traced, index: int) -> None:
    """Everything that holds of any tensor of a model."""
    value, gradient = traced.run.value(index), traced.run.grad(index)
    both = [(what, t) for what, t in (("value", value), ("gradient", gradient)) if t is not None and t.numel()]
    if not both:
        if value is not None:
            st.html(tag("div", f"This tensor is empty: {_made(traced, index)}.", class_="x-caption"))
        return
    if value is not None and value.ndim:
        _maps(traced, index, both)
        _histograms(both)
    st.html(_figures(traced, index, both))


def axes(traced: Traced, index: int) -> Sequence[Axis]:
    """The axes of a node, with the text of tokens and of the vocabulary where that is what lies along them."""
    names, shape = traced.axes.of(index), traced.run.graph.shapes[index]
    return [Axis(name, size, _words(traced, index, name, size)) for name, size in zip(names, shape, strict=True)]


def _words(traced: Traced, index: int, name: str, size: int) -> Sequence[str]:
    tokens = traced.reading.said if traced.axes.is_answer(index, name) else traced.tokens
    if name in TOKENS and size == len(tokens):
        return tokens
    return traced.vocabulary if name == "vocabulary" and size == len(traced.vocabulary) else ()


def _maps(traced: Traced, index: int, both: Sequence[tuple[str, Tensor]]) -> None:
    """The last two axes as a picture; a slider for each axis before them that is longer than one."""
    sides = axes(traced, index)
    place = _slice(sides[:-2])
    rows, columns = sides[-2:] if len(sides) > 1 else (Axis("", 1), sides[-1])
    for what, tensor in both:
        matrix = tensor[place] if place else tensor
        st.html(tag("div", f"Heat map of the {what}", class_="x-section"))
        picture = tensor_map(matrix.reshape(rows.size, columns.size), rows, columns, theme_name())
        st.plotly_chart(picture, key=f"map {what}", config=CONFIG, theme=None)
    if sampled(rows, columns):
        st.html(tag("div", sampled(rows, columns), class_="x-caption"))


def _slice(sides: Sequence[Axis]) -> tuple[int, ...]:
    return tuple(_chosen(axis, number) for number, axis in enumerate(sides))


def _chosen(axis: Axis, number: int) -> int:
    if axis.size == 1:
        return 0
    key = f"slice {number} {axis.name} of {axis.size}"
    label = axis.name.capitalize() or f"Axis {number}"
    return int(st.slider(label, 0, axis.size - 1, key=key))


def _histograms(both: Sequence[tuple[str, Tensor]]) -> None:
    st.html(tag("div", "Histogram", class_="x-section"))
    for column, (what, tensor) in zip(st.columns(len(both), gap="small"), both, strict=True):
        column.plotly_chart(_histogram(what, tensor), key=f"histogram {what}", config=CONFIG, theme=None)


def _histogram(what: str, tensor: Tensor) -> go.Figure:
    theme = THEMES[theme_name()]
    borders, counts = histogram(_thinned(tensor), BINS)
    middles = [(left + right) / 2 for left, right in pairwise(borders)]
    width = borders[1] - borders[0] if counts else 1.0
    color = theme.roles["forward" if what == "value" else "gradient"].mark
    bars = go.Bar(x=middles, y=counts, width=width, marker={"color": color, "line": {"width": 0}})
    bars.update(hovertemplate="around %{x:.6~g}: %{y:,}<extra></extra>")
    figure = go.Figure(bars)
    figure.update_layout(**{**layout(theme, 110), "margin": {"l": 0, "r": 0, "t": 2, "b": 0}, "bargap": 0})
    figure.update_xaxes(fixedrange=True, showgrid=False, zeroline=False, automargin=True, nticks=4)
    figure.update_xaxes(title_text=what, title_standoff=2, title_font_size=10)
    figure.update_yaxes(fixedrange=True, visible=False)
    return figure


def _figures(traced: Traced, index: int, both: Sequence[tuple[str, Tensor]]) -> Markup:
    """Value and gradient side by side, then what they are made of."""
    known = [(what, statistics(_thinned(tensor))) for what, tensor in both]
    head = heads("", *(what for what, _ in known))
    rows = [_row(name, [_figure(part, name) for _, part in known]) for name in FIGURES]
    rows += [_row("Norm", [number(float(tensor.double().norm()), 5) for _, tensor in both])]
    size = prod(traced.run.graph.shapes[index])
    note = "" if size <= MOST_ENTRIES else f"Of {MOST_ENTRIES:,} evenly spaced entries of {size:,}."
    return tag(
        "div",
        tag("div", "This tensor", tag("span", _made(traced, index), class_="x-quiet"), class_="x-section"),
        tag("table", head, *rows, class_="x-table"),
        tag("div", note, class_="x-caption"),
        tag("div", _ratio(traced, index), class_="x-caption"),
    )


def _made(traced: Traced, index: int) -> str:
    """Shape and dtype: ``1 × 4 × 7, float32``."""
    shape, kind = traced.run.graph.shapes[index], traced.run.graph.dtypes[index]
    return f"{' × '.join(map(str, shape)) or 'a single number'}, {kind}"


FIGURES = ("Least", "Largest", "Mean", "Deviation", "NaN", "Infinite")


def _figure(part: Statistics, name: str) -> str:
    if name == "NaN":
        return f"{part.nan:,}"
    if name == "Infinite":
        return f"{part.infinite:,}"
    figures = {"Least": part.minimum, "Largest": part.maximum, "Mean": part.mean, "Deviation": part.std}
    return number(figures[name], 5)


def _row(name: str, cells: Sequence[str]) -> Markup:
    return tag("tr", tag("td", name), *(tag("td", cell) for cell in cells))


def _ratio(traced: Traced, index: int) -> str:
    """For a parameter how large its gradient is beside it, or that none reaches it."""
    if traced.run.graph.kind(index) != "parameter":
        return ""
    value, gradient = traced.run.value(index), traced.run.grad(index)
    if value is None or gradient is None:
        return "No gradient: the loss does not reach this parameter."
    return f"Gradient-to-weight ratio: {number(gradient_to_weight(value, gradient), 4)} (of the norms)."


def _thinned(tensor: Tensor) -> Tensor:
    step = -(-tensor.numel() // MOST_ENTRIES)
    return tensor.reshape(-1)[:: max(step, 1)]
