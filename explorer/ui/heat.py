"""Heat maps of tensors: orange below zero, blue above, grey at zero."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from torch import Tensor

from explorer.export.theme import THEMES, Theme, ThemeName, mix
from explorer.ops.typeset import number

MOST = 64
"""Rows and columns beyond are left out, and the caption says so."""

WRITTEN_OUT = 6
"""Up to this many columns the numbers stand in the cells."""


def heat_map(tensor: Tensor, theme_name: ThemeName) -> go.Figure:
    """A vector as one row, a matrix as its rows, anything deeper as its rows one below the other."""
    theme = THEMES[theme_name]
    rows = as_rows(tensor)[:MOST, :MOST]
    reach = max(float(rows.abs().nan_to_num(0.0, 0.0, 0.0).max()), 1e-300)
    figure = go.Figure(go.Heatmap(z=rows.tolist(), zmin=-reach, zmax=reach, **_cells(theme)))
    if rows.shape[1] <= WRITTEN_OUT:
        figure.add_scatter(**_numbers(rows, reach, theme))
    figure.update_layout(**_layout(theme, height(tensor), rows.shape))
    return figure


def height(tensor: Tensor) -> int:
    """How high the heat map is, in pixels."""
    rows = min(as_rows(tensor).shape[0], MOST)
    return min(max(26 * rows, 34), 260) + 8


def as_rows(tensor: Tensor) -> Tensor:
    """The tensor as a matrix with the same last axis."""
    return tensor.reshape(-1, tensor.shape[-1]) if tensor.ndim else tensor.reshape(1, 1)


def is_cut(tensor: Tensor) -> bool:
    """Whether some of the tensor is left out of its heat map."""
    return max(as_rows(tensor).shape) > MOST


def color_at(place: float, stops: tuple[str, ...]) -> str:
    """The colour at ``place`` of a scale, from 0 at its first stop to 1 at its last."""
    at = place * (len(stops) - 1)
    left, right = list(pairwise(stops))[min(int(at), len(stops) - 2)]
    return mix(right, left, at - min(int(at), len(stops) - 2))


def readable(ground: str) -> str:
    """Black or white, whichever has more contrast on ``ground``; it is never less than 4.5 to 1."""
    return "#000000" if luminance(ground) > 0.179 else "#FFFFFF"


def luminance(color: str) -> float:
    """Relative luminance after WCAG 2: 0 for black, 1 for white."""
    parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _numbers(rows: Tensor, reach: float, theme: Theme) -> dict[str, Any]:
    """The numbers in the cells, each in a colour that can be read on its cell; no cell is drawn for NaN."""
    values = rows.flatten().tolist()
    return {
        "x": [column for _ in range(rows.shape[0]) for column in range(rows.shape[1])],
        "y": [row for row in range(rows.shape[0]) for _ in range(rows.shape[1])],
        "text": [number(value, 3) for value in values],
        "mode": "text",
        "hoverinfo": "skip",
        "textfont": {"size": 11, "color": list(_inks(values, reach, theme))},
    }


def _inks(values: Iterable[float], reach: float, theme: Theme) -> Iterable[str]:
    for value in values:
        is_drawn = abs(value) <= reach
        yield readable(color_at((value / reach + 1) / 2, theme.diverging)) if is_drawn else theme.primary


def _cells(theme: Theme) -> dict[str, Any]:
    stops = theme.diverging
    scale = [[place / (len(stops) - 1), color] for place, color in enumerate(stops)]
    hover = "row %{y}, column %{x}: %{z:.6~g}<extra></extra>"
    return {"colorscale": scale, "showscale": False, "xgap": 1, "ygap": 1, "hovertemplate": hover}


def _layout(theme: Theme, pixels: int, shape: tuple[int, ...]) -> dict[str, Any]:
    bare = {"visible": False, "fixedrange": True}
    return {
        "height": pixels,
        "margin": {"l": 0, "r": 0, "t": 4, "b": 4},
        "xaxis": {**bare, "range": [-0.5, shape[1] - 0.5]},
        "yaxis": {**bare, "range": [shape[0] - 0.5, -0.5]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": theme.primary},
    }
