"""Heat maps of tensors: orange below zero, blue above, grey at zero."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from torch import Tensor

from explorer.export.theme import THEMES, Theme, ThemeName

MOST = 64
"""Rows and columns beyond are left out, and the caption says so."""

WRITTEN_OUT = 6
"""Up to this many columns the numbers stand in the cells."""


def heat_map(tensor: Tensor, theme_name: ThemeName) -> go.Figure:
    """A vector as one row, a matrix as its rows, anything deeper as its rows one below the other."""
    theme = THEMES[theme_name]
    rows = as_rows(tensor)[:MOST, :MOST]
    reach = max(float(rows.abs().nan_to_num(0.0, 0.0, 0.0).max()), 1e-300)
    figure = go.Figure(go.Heatmap(z=rows.tolist(), zmin=-reach, zmax=reach, **_cells(theme, rows.shape[1])))
    figure.update_layout(**_layout(theme, height(tensor)))
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


def _cells(theme: Theme, columns: int) -> dict[str, Any]:
    stops = theme.diverging
    scale = [[place / (len(stops) - 1), color] for place, color in enumerate(stops)]
    text = {"texttemplate": "%{z:.3~g}", "textfont": {"size": 11}} if columns <= WRITTEN_OUT else {}
    hover = "row %{y}, column %{x}: %{z:.6~g}<extra></extra>"
    return {"colorscale": scale, "showscale": False, "xgap": 1, "ygap": 1, "hovertemplate": hover, **text}


def _layout(theme: Theme, pixels: int) -> dict[str, Any]:
    bare = {"visible": False, "fixedrange": True}
    return {
        "height": pixels,
        "margin": {"l": 0, "r": 0, "t": 4, "b": 4},
        "xaxis": bare,
        "yaxis": {**bare, "autorange": "reversed"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": theme.primary},
    }
