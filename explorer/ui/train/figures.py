"""Training as Plotly draws it: curves, the loss over two parameters, boundaries, norms by depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.export.theme import THEMES, Theme, ThemeName, mix
from explorer.training.rules import Column
from explorer.ui.train.picture import Picture
from explorer.ui.train.section import shades, thinned

HEIGHT = 300

EYE = {"x": 1.65, "y": 1.65, "z": 1.3}
"""From where a surface is looked at: far enough for a narrow page to show all of it."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def curves(
    named: Mapping[str, Column], theme_name: ThemeName, role: str, log: bool, at: int, ghost: Column | None = None
) -> go.Figure:
    """Lines by step, told apart by their dashes and names; the step that is shown is marked."""
    theme = THEMES[theme_name]
    figure = go.Figure()
    if ghost is not None and len(ghost) > 1:
        steps, values = thinned(ghost)
        figure.add_scatter(
            x=steps,
            y=_drawn(values, log),
            name="the run before",
            mode="lines",
            line={"color": theme.strong, "dash": "dot", "width": 1.5},
        )
    for place, (name, column) in enumerate(named.items()):
        steps, values = thinned(column)
        color = mix(theme.roles[role].mark, theme.primary, 1 - 0.55 * (place // len(DASHES) % 2))
        line = {"color": color, "dash": DASHES[place % len(DASHES)], "width": 2}
        figure.add_scatter(x=steps, y=_drawn(values, log), name=name, mode="lines", line=line)
    figure.add_vline(at, line={"color": theme.strong, "width": 1})
    figure.update_layout(**layout(theme), showlegend=len(figure.data) > 1, hovermode="x unified")
    figure.update_xaxes(title="step", **axis(theme))
    figure.update_yaxes(type="log" if log else "linear", exponentformat="power", **axis(theme))
    return figure


def _drawn(values: Column, log: bool) -> list[float | None]:
    return [float(v) if np.isfinite(v) and (v > 0 or not log) else None for v in values]


def plane(picture: Picture, theme_name: ThemeName, solid: bool) -> go.Figure:
    """The loss over two parameters as contours, or ``solid`` in three dimensions, with the path."""
    theme = THEMES[theme_name]
    z = np.where(np.isfinite(picture.z), picture.z, np.nan)
    heights = shades(picture)
    low, high = (
        mix(theme.roles["output"].mark, theme.surface, 0.65),
        mix(theme.roles["output"].mark, theme.surface, 0.05),
    )
    scale = [[0.0, low], [1.0, high]]
    path = np.zeros((0, 2)) if picture.path is None else picture.path
    hover = (
        f"{picture.names[0]} %{{x:.4~g}}<br>{picture.names[1]} %{{y:.4~g}}<br>loss %{{customdata:.5~g}}<extra></extra>"
    )
    figure = go.Figure()
    if solid:
        figure.add_surface(
            x=picture.xs,
            y=picture.ys,
            z=heights,
            surfacecolor=heights,
            customdata=z,
            colorscale=scale,
            showscale=False,
            hovertemplate=hover,
        )
        figure.add_scatter3d(
            x=path[:, 0],
            y=path[:, 1],
            z=_heights_at(picture, heights, path),
            mode="lines+markers",
            marker={"size": 2.5, "color": theme.primary},
            line={"color": theme.primary, "width": 5},
            hoverinfo="skip",
        )
        axes = {
            name: {"title": title, **axis(theme)} for name, title in zip(("xaxis", "yaxis"), picture.names, strict=True)
        }
        height = {"title": "loss, log", "showticklabels": False, **axis(theme)}
        figure.update_layout(scene={**axes, "zaxis": height, "camera": {"eye": EYE}})
    else:
        figure.add_contour(
            x=picture.xs,
            y=picture.ys,
            z=heights,
            customdata=z,
            colorscale=scale,
            showscale=False,
            ncontours=16,
            line={"width": 0.6, "color": theme.edge},
            hovertemplate=hover,
        )
        figure.add_scatter(
            x=path[:, 0],
            y=path[:, 1],
            mode="lines+markers",
            marker={"size": 4},
            line={"color": theme.primary, "width": 1.5},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=path[-1:, 0],
            y=path[-1:, 1],
            mode="markers",
            marker={"size": 11, "color": theme.card, "line": {"color": theme.roles["parameter"].mark, "width": 3}},
            hoverinfo="skip",
        )
        figure.update_xaxes(title=picture.names[0], range=[picture.xs[0], picture.xs[-1]], **axis(theme))
        figure.update_yaxes(title=picture.names[1], range=[picture.ys[0], picture.ys[-1]], **axis(theme))
    figure.update_layout(**layout(theme, 420 if solid else 360), showlegend=False)
    return figure


def _heights_at(picture: Picture, heights: np.ndarray[Any, Any], path: np.ndarray[Any, Any]) -> list[float]:
    """A little above the surface at each point of the path."""
    columns = np.abs(path[:, :1] - picture.xs[None]).argmin(1) if len(path) else []
    rows = np.abs(path[:, 1:] - picture.ys[None]).argmin(1) if len(path) else []
    return [float(heights[row, column]) + 0.01 for row, column in zip(rows, columns, strict=True)]


def boundary(picture: Picture, theme_name: ThemeName) -> go.Figure:
    """What is predicted for each point of the plane, and the points; of a fit the line through them."""
    theme, points = THEMES[theme_name], picture.points
    assert points is not None
    figure = go.Figure()
    if picture.kind == "fit":
        figure.add_scatter(
            x=picture.xs,
            y=picture.z[0],
            mode="lines",
            name="prediction",
            line={"color": theme.roles["forward"].mark, "width": 2.5},
        )
        figure.add_scatter(
            x=points.rows[:, 0], y=points.targets, mode="markers", name="points", marker=_marker(theme, 0)
        )
    else:
        stops = theme.diverging
        scale = [[place / (len(stops) - 1), color] for place, color in enumerate(stops)]
        figure.add_heatmap(
            x=picture.xs,
            y=picture.ys,
            z=shades(picture),
            zmin=-1,
            zmax=1,
            customdata=picture.z,
            colorscale=scale,
            showscale=False,
            zsmooth="best",
            opacity=0.8,
            hovertemplate="%{x:.3~g}, %{y:.3~g}: %{customdata:.4~g}<extra></extra>",
        )
        for kind in np.unique(points.targets).astype(int):
            rows = points.rows[points.targets == kind]
            figure.add_scatter(
                x=rows[:, 0], y=rows[:, 1], mode="markers", name=f"class {kind}", marker=_marker(theme, int(kind))
            )
    figure.update_layout(**layout(theme, 380), showlegend=True)
    figure.update_xaxes(title=picture.names[0], **axis(theme))
    figure.update_yaxes(title=picture.names[1], **axis(theme))
    return figure


def _marker(theme: Theme, kind: int) -> dict[str, Any]:
    symbols = ("circle", "diamond", "square", "triangle-up", "cross", "x")
    dark = kind % 2 == 1
    return {
        "symbol": symbols[kind % len(symbols)],
        "size": 8,
        "color": theme.primary if dark else theme.card,
        "line": {"color": theme.card if dark else theme.primary, "width": 1.2},
    }


def bars(names: Sequence[str], values: Sequence[float | None], theme_name: ThemeName) -> go.Figure:
    """Norms of gradients on a logarithmic scale; what did not arrive has no bar."""
    theme = THEMES[theme_name]
    heights = [value if value else None for value in values]
    figure = go.Figure(
        go.Bar(
            x=list(names),
            y=heights,
            marker={"color": theme.roles["gradient"].mark},
            hovertemplate="%{x}: %{y:.4~g}<extra></extra>",
        )
    )
    figure.update_layout(**layout(theme, 260), showlegend=False, bargap=0.25)
    figure.update_xaxes(type="category", **axis(theme))
    figure.update_yaxes(type="log", exponentformat="power", title="norm", **axis(theme))
    return figure


def axis(theme: Theme) -> dict[str, Any]:
    """Hairlines, and words in the page's colours."""
    return {
        "gridcolor": theme.hairline,
        "zerolinecolor": theme.hairline,
        "linecolor": theme.hairline,
        "color": theme.tertiary,
    }


def layout(theme: Theme, height: int = HEIGHT) -> dict[str, Any]:
    """Nothing around the plot but its axes."""
    return {
        "height": height,
        "xaxis": {"automargin": True},
        "yaxis": {"automargin": True},
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": theme.primary, "size": 12},
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
    }
