"""What the charts of the dock have in common: axes with room for their words, in the page's colours."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from explorer.export.theme import Theme

CONFIG = {"displayModeBar": False}


def dress(figure: go.Figure, theme: Theme, pixels: int, x: str, y: str, **more: Any) -> go.Figure:
    """Give a figure its height, colours and the titles of its axes; nothing can be dragged out of sight."""
    axis = {
        "fixedrange": True,
        "automargin": True,
        "gridcolor": theme.hairline,
        "zeroline": False,
        "title_font_size": 11,
        "title_standoff": 6,
    }
    figure.update_xaxes(title_text=x, **axis)
    figure.update_yaxes(title_text=y, **axis)
    figure.update_layout(
        height=pixels,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": theme.tertiary, "size": 11},
        hoverlabel={"align": "left"},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        **more,
    )
    return figure
