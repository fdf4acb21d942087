"""The pipeline in time as pictures: which device does what when, and one request through all segments."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from explorer.export.theme import THEMES, Theme, ThemeName
from explorer.segment.cut import letter
from explorer.segment.schedule import Bar, Phase, Pipeline
from explorer.segment.wording import time
from explorer.ui.heat import readable
from explorer.ui.maps import layout
from explorer.ui.segment.colours import hue

ROW, MOST_NUMBERED = 34, 240
"""Pixels of a device's row; with more bars than the most, their numbers are told on hovering alone."""

WORDS = 1.35
"""So much longer than a request is its axis, for the time that is written behind the last bar."""

KINDS = {"F": ("forward", "forward"), "B": ("backward", "gradient"), "I": ("backward, inputs", "gradient"),
         "W": ("backward, weights", "parameter")}  # fmt: skip
"""What an action is called, and the role that colours it."""

UNITS = (("seconds", 1.0), ("milliseconds", 1e-3), ("microseconds", 1e-6), ("nanoseconds", 1e-9))


def schedule(made: Pipeline, theme_name: ThemeName) -> go.Figure:
    """A row a device, the first on top; a bar an action with the number of its microbatch; what is empty is idle."""
    theme, figure = THEMES[theme_name], go.Figure()
    numbered, unit = len(made.bars) <= MOST_NUMBERED, _unit(made.length)
    for what, (name, role) in KINDS.items():
        bars = [bar for bar in made.bars if bar.action.what == what]
        if bars:
            figure.add_bar(**_bars(bars, name, theme.roles[role].mark, theme, unit[1], numbered))
    rows = [_row(device) for device in range(made.devices)]
    _finish(figure, theme, rows, unit)
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"}, barmode="overlay"
    )
    return figure


def waterfall(
    phases: Sequence[Phase], devices: Sequence[str], links: Sequence[str], theme_name: ThemeName
) -> go.Figure:
    """One request: a row a segment or a link, in the order of its way, each where the one before ends."""
    theme = THEMES[theme_name]
    rows, unit = [_step(phase, devices, links) for phase in phases], _unit(phases[-1].end)
    colors = [hue(p.place, theme_name).mark if p.what == "compute" else theme.strong for p in phases]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        base=[phase.start / unit[1] for phase in phases],
        x=[(phase.end - phase.start) / unit[1] for phase in phases],
        y=rows,
        text=[time(phase.end - phase.start) for phase in phases],
        textposition="outside",
        textfont={"color": theme.primary},
        cliponaxis=False,
        customdata=[(time(phase.start), time(phase.end)) for phase in phases],
        hovertemplate="%{y}<br>from %{customdata[0]} to %{customdata[1]}<extra></extra>",
        marker={"color": colors, "pattern": {"shape": ["" if p.what == "compute" else "/" for p in phases]}},
    )
    _finish(figure, theme, rows, unit)
    figure.update_xaxes(range=[0, WORDS * phases[-1].end / unit[1]])
    return figure


def _bars(bars: Sequence[Bar], name: str, color: str, theme: Theme, second: float, numbered: bool) -> dict[str, object]:
    numbers = [str(bar.action.microbatch + 1) for bar in bars]
    return {
        "name": name,
        "orientation": "h",
        "base": [bar.start / second for bar in bars],
        "x": [(bar.end - bar.start) / second for bar in bars],
        "y": [_row(bar.device) for bar in bars],
        "text": numbers if numbered else None,
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": readable(color), "size": 11},
        "customdata": [
            (number, letter(bar.action.stage), time(bar.start), time(bar.end))
            for number, bar in zip(numbers, bars, strict=True)
        ],
        "hovertemplate": f"{name} of microbatch %{{customdata[0]}}, segment %{{customdata[1]}}<br>"
        "from %{customdata[2]} to %{customdata[3]}<extra></extra>",
        "marker": {"color": color, "line": {"color": theme.surface, "width": 1}},
    }


def _unit(length: float) -> tuple[str, float]:
    """The largest unit that the whole time has some of, and its seconds."""
    return next((one for one in UNITS if length >= one[1]), UNITS[-1])


def _row(device: int) -> str:
    return f"device {device + 1}"


def _step(phase: Phase, devices: Sequence[str], links: Sequence[str]) -> str:
    if phase.what == "compute":
        return f"{letter(phase.place)} on {devices[phase.place]}"
    return f"{letter(phase.place)} → {letter(phase.place + 1)} over {links[phase.place]}"


def _finish(figure: go.Figure, theme: Theme, rows: Sequence[str], unit: tuple[str, float]) -> None:
    figure.update_layout(**layout(theme, 96 + ROW * len(rows)), showlegend=False, bargap=0.2)
    figure.update_layout(margin={"b": 44})
    figure.update_xaxes(title=unit[0], fixedrange=True, gridcolor=theme.hairline, zeroline=False, rangemode="tozero")
    figure.update_yaxes(
        categoryorder="array", categoryarray=rows[::-1], range=[-0.5, len(rows) - 0.5], fixedrange=True, automargin=True
    )
