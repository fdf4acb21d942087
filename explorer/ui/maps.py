"""Heat maps of a model's tensors, with named axes, the tokens' text where tokens lie along them, and a scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from torch import Tensor

from explorer.export.theme import THEMES, Theme, ThemeName

MOST = 64
"""Rows and columns of a picture; of more only every second, third ... is shown, and the note says so."""

MOST_TICKS = 24
"""So many tokens are written along an axis."""


MOST_GAPS = 32
"""Cells of a side that get a gap between them; finer ones touch."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of a picture: what lies along it, and how each place is called (its number where "" is given)."""

    name: str
    size: int
    words: Sequence[str] = ()

    @property
    def step(self) -> int:
        return max(math.ceil(self.size / MOST), 1)

    @property
    def places(self) -> range:
        """The places that are shown."""
        return range(0, self.size, self.step)

    def word(self, place: int) -> str:
        return self.words[place] if place < len(self.words) else str(place)

    def described(self, place: int) -> str:
        """``query token 3 (B)``."""
        known = f" ({self.words[place]})" if place < len(self.words) and self.words[place] != str(place) else ""
        return f"{self.name or 'place'} {place}{known}"


def sampled(rows: Axis, columns: Axis) -> str:
    """What a picture leaves out, in words; "" where it shows everything."""
    parts = [
        f"every {_ordinal(axis.step)} {what}" for axis, what in ((rows, "row"), (columns, "column")) if axis.step > 1
    ]
    return f"Sampled: {' and '.join(parts)} of {rows.size:,} × {columns.size:,}." if parts else ""


def tensor_map(matrix: Tensor, rows: Axis, columns: Axis, theme_name: ThemeName) -> go.Figure:
    """A matrix around zero: orange below, blue above."""
    theme = THEMES[theme_name]
    reach = max(float(matrix.double().abs().nan_to_num(0.0, 0.0, 0.0).max()), 1e-300)
    trace = _trace(matrix, rows, columns, theme.diverging, (-reach, reach))
    trace.update(showscale=True, colorbar=_scale(theme))
    figure = go.Figure(trace)
    figure.update_layout(**layout(theme, height(rows) + 78))
    figure.update_xaxes(**ticks(columns), title_text=columns.name, title_standoff=4)
    figure.update_yaxes(**ticks(rows), title_text=rows.name, title_standoff=4, autorange="reversed")
    return figure


def height(rows: Axis) -> int:
    """Pixels of the cells of a picture."""
    return min(max(18 * len(rows.places), 40), 260)


def shares_trace(matrix: Tensor, rows: Axis, columns: Axis, theme: Theme) -> go.Heatmap:
    """A matrix of shares, from the ground's colour at 0 to the strongest blue at 1."""
    return _trace(matrix, rows, columns, shades(theme), (0.0, 1.0))


def shades(theme: Theme) -> Sequence[str]:
    """The colours from nothing to everything."""
    return theme.diverging[len(theme.diverging) // 2 :]


def _trace(matrix: Tensor, rows: Axis, columns: Axis, colors: Sequence[str], reach: tuple[float, float]) -> go.Heatmap:
    shown = matrix[:: rows.step, :: columns.step].double()
    down, across = map(_described, (rows, columns))
    words = [[f"{y}<br>{x}<br><b>{entry:.9g}</b>" for x, entry in zip(across, line, strict=True)]
             for y, line in zip(down, shown.tolist(), strict=True)]  # fmt: skip
    gap = 1 if max(len(rows.places), len(columns.places)) <= MOST_GAPS else 0
    scale = [[place / (len(colors) - 1), color] for place, color in enumerate(colors)]
    return go.Heatmap(
        z=shown.tolist(),
        x=list(columns.places),
        y=list(rows.places),
        zmin=reach[0],
        zmax=reach[1],
        colorscale=scale,
        showscale=False,
        xgap=gap,
        ygap=gap,
        text=words,
        hovertemplate="%{text}<extra></extra>",
    )


def _described(axis: Axis) -> Sequence[str]:
    return [axis.described(place) for place in axis.places]


def _scale(theme: Theme) -> dict[str, Any]:
    return {
        "orientation": "h",
        "thickness": 6,
        "len": 1.0,
        "y": 1.0,
        "yanchor": "bottom",
        "ypad": 2,
        "ticklabelposition": "outside top",
        "xpad": 0,
        "outlinewidth": 0,
        "tickfont": {"size": 10, "color": theme.tertiary},
        "nticks": 5,
    }


def ticks(axis: Axis) -> dict[str, Any]:
    """The words of tokens where they fit, else a few numbers."""
    bare = {
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"size": 10},
        "title_font_size": 10,
    }
    if axis.words and axis.size <= MOST_TICKS:
        places = list(range(axis.size))
        return {**bare, "tickmode": "array", "tickvals": places, "ticktext": [axis.word(place) for place in places]}
    return {**bare, "nticks": 6, "tickformat": "d"}


def layout(theme: Theme, pixels: int) -> dict[str, Any]:
    """How all figures of the panel look."""
    return {
        "height": pixels,
        "margin": {"l": 4, "r": 4, "t": 24, "b": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": theme.tertiary, "size": 10},
        "hoverlabel": {"align": "left"},
    }


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
