"""What a language model says next: the likeliest tokens after a place, and the logit lens at every block."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st
from torch import Tensor

from explorer.export.theme import THEMES, ThemeName
from explorer.passes.lens import Guess, likeliest, logit_lens
from explorer.ui.html import Markup, tag
from explorer.ui.maps import Axis, layout, shades, ticks
from explorer.ui.model import Traced
from explorer.ui.style import theme_name
from explorer.ui.tensor import CONFIG

TOP = 10
MOST_LETTERS = 32
"""So many letters stand side by side in the picture of the lens; of more each is told when it is pointed at."""

LENS = (
    "What each block's output would say if it were the last: all that comes after the blocks is done again with it. "
    "Only the last row is real."
)


def draw(traced: Traced, logits: Tensor) -> None:
    """For ``logits (1, tokens, vocabulary)``."""
    said = traced.reading.said
    last = len(said) - 1
    key = f"after {' '.join(traced.reading.said)}"
    what = "Next token" if traced.made.predicts == "next" else "Token at each place"
    st.html(tag("div", what, tag("span", f"the {TOP} likeliest", class_="x-quiet"), class_="x-section"))
    place = last
    if last:
        place = st.select_slider(
            _where(traced).capitalize(),
            range(last + 1),
            last,
            key=key,
            format_func=lambda at: f"{at}: {said[at]}",
        )
    st.html(guesses(likeliest(logits, place, TOP), traced.vocabulary))
    lens = [] if traced.logits is None else logit_lens(traced.model, traced.run, traced.logits)
    if lens:
        st.html(tag("div", "Logit lens", class_="x-section"))
        st.plotly_chart(lens_map(lens, traced, theme_name()), key="lens", config=CONFIG, theme=None)
        st.html(tag("div", LENS, class_="x-caption"))


def _where(traced: Traced) -> str:
    """What the model says, it says after a token, or at its place."""
    return "after" if traced.made.predicts == "next" else "at"


def guesses(found: Sequence[Guess], vocabulary: Sequence[str]) -> Markup:
    """One row a token: its text, a bar, and its probability."""
    return tag("table", *(_guess(guess, vocabulary) for guess in found), class_="x-table x-guesses")


def _guess(guess: Guess, vocabulary: Sequence[str]) -> Markup:
    word = vocabulary[guess.token] if guess.token < len(vocabulary) else str(guess.token)
    bar = tag("div", class_="x-bar", style=f"width:{max(guess.share * 100, 0.4):.3f}%")
    return tag("tr", tag("td", tag("b", word)), tag("td", bar, class_="x-room"), tag("td", percent(guess.share)))


def percent(share: float) -> str:
    """``99.97 %``; what would round to nothing or to everything is said to be less or more."""
    if 0 < share < 0.00005:
        return "< 0.01 %"
    return "> 99.99 %" if 0.99995 <= share < 1 else f"{share:.2%}".replace("%", " %")


def lens_map(lens: Sequence[tuple[str, Tensor]], traced: Traced, name: ThemeName) -> go.Figure:
    """Blocks from top to bottom, places from left to right: the likeliest token, coloured by its probability."""
    theme, said = THEMES[name], traced.reading.said
    places = range(len(said))
    best = [[likeliest(logits, place, 1)[0] for place in places] for _, logits in lens]
    blocks = Axis("", len(lens), [path for path, _ in lens])
    colors = shades(theme)
    words = [[_word(traced, guess) for guess in row] for row in best]
    figure = go.Figure(
        go.Heatmap(
            z=[[guess.share for guess in row] for row in best],
            x=list(places),
            y=list(range(len(lens))),
            text=words,
            customdata=[[f"{path} {_where(traced)} {place} ({said[place]})" for place in places] for path, _ in lens],
            texttemplate="%{text}" if _fits(words) else None,
            hovertemplate="%{customdata}<br>%{text}: %{z:.4%}<extra></extra>",
            zmin=0.0,
            zmax=1.0,
            colorscale=[[at / (len(colors) - 1), color] for at, color in enumerate(colors)],
            showscale=False,
            xgap=1,
            ygap=1,
        )
    )
    figure.update_layout(**layout(theme, 70 + 24 * len(lens)))
    figure.update_xaxes(
        **ticks(Axis("token", len(places), said)), title_text=f"{_where(traced)} token", title_standoff=4
    )
    figure.update_yaxes(**ticks(blocks), autorange="reversed")
    return figure


def _fits(words: Sequence[Sequence[str]]) -> bool:
    """Whether the words of a row can stand side by side."""
    return max((len(row) * max(map(len, row)) for row in words), default=0) <= MOST_LETTERS


def _word(traced: Traced, guess: Guess) -> str:
    return traced.vocabulary[guess.token] if guess.token < len(traced.vocabulary) else str(guess.token)
