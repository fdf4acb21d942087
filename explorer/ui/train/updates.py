"""What the next update does to every parameter, as a table: the numbers that the cards show, and those of tensors."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from explorer.canvas.figures import size
from explorer.export.labels import figure
from explorer.run import Number
from explorer.training.phases import Change, Step
from explorer.ui.html import Markup, heads, tag
from explorer.ui.train.section import STATE_NAMES
from explorer.ui.train.share import Training

MOST = 24
"""Rows; more parameters are in the download of the history."""


def draw(training: Training) -> None:
    """The table, or why there is none."""
    update = training.update
    if update is None:
        return
    st.html(
        tag("div", f"Update {update.number}", tag("span", "norms of tensors", class_="x-quiet"), class_="x-section")
    )
    st.html(tag("table", _head(update), *map(_row, _shown(training, update)), class_="x-table"))
    rest = len(update.changes) - MOST
    if rest > 0:
        st.html(tag("div", f"and {rest} more parameters", class_="x-caption"))


def _shown(training: Training, update: Step) -> Iterator[Change]:
    """The selected parameter first."""
    selected = training.session.selected
    yield from sorted(update.changes, key=lambda change: change.name != selected)[:MOST]


def _head(update: Step) -> Markup:
    grad = "summed ∂" if update.forgot else "gradient"
    return heads("", "old", grad, "new")


def _row(change: Change) -> Markup:
    remembered = "  ".join(
        f"{STATE_NAMES[name]} {_short(value)}" for name, value in change.state.items() if name in STATE_NAMES
    )
    name = tag(
        "td",
        tag("span", change.name, class_="x-name"),
        tag("div", remembered, class_="x-caption") if remembered else "",
    )
    cells = (("x-forward", change.old), ("x-gradient", change.used), ("x-parameter", change.new))
    return tag("tr", name, *(tag("td", _short(value), class_=color) for color, value in cells))


def _short(value: Number | None) -> str:
    """A number, or the norm of a tensor: the heading says which."""
    return "none" if value is None else figure(size(value), 5)
