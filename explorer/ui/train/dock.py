"""Below the canvas while training: curves, the loss over two parameters, the boundary, gradients by depth, the history.

What is drawn here is of the moment at which training last came to rest; what moves is drawn by the canvas.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.passes.depth import gradient_norms
from explorer.training.history import curve, gradient_norm, losses, norms, to_csv
from explorer.ui.html import heads, tag
from explorer.ui.numbers import short
from explorer.ui.session import Session
from explorer.ui.style import theme_name
from explorer.ui.train import figures
from explorer.ui.train.panel import of
from explorer.ui.train.picture import Picture, predicted
from explorer.ui.train.share import Training

MOST_LINES = 10
MOST_CHOICES = 2_000
LAST = 50
"""Rows of the history that are shown; the download has all."""

VANISHING, EXPLODING = 1e-3, 1e3
"""The ratio of the first norm to the last, from the inputs to the output, below or above which it is said."""

PLAIN = {"displayModeBar": False}


def _ready(session: Session) -> Training | None:
    training = of(session)
    if training is None or training.trainer is None:
        st.caption("Nothing is trained. The panel beside the canvas says why.")
        return None
    return training


def draw_curves(session: Session) -> None:
    """Loss, gradient norm, and the parameters' elements that are chosen."""
    training = _ready(session)
    if training is None or training.trainer is None:
        return
    trainer, end = training.trainer, training.reached + 1
    labels = trainer.objective.layout.labels[:MOST_CHOICES]
    log = st.toggle("Logarithmic", True, key="curves log")
    left, right = st.columns(2)
    loss = losses(trainer)[:end]
    is_log = log and bool((loss > 0).all())
    left.html(tag("div", "Loss", class_="x-section"))
    left.plotly_chart(
        figures.curves({"loss": loss}, theme_name(), "output", is_log, training.at, training.ghost),
        key="curve of the loss",
        config=PLAIN,
        theme=None,
    )
    right.html(tag("div", "Gradient norm", class_="x-section"))
    right.plotly_chart(
        figures.curves({"gradient norm": norms(trainer)[:end]}, theme_name(), "gradient", log, training.at),
        key="curve of the norm",
        config=PLAIN,
        theme=None,
    )
    chosen = st.multiselect(
        "Parameters", labels, list(labels[:4]), key=f"curves of {labels[:4]}", max_selections=MOST_LINES
    )
    named = {label: curve(trainer, labels.index(label))[:end] for label in chosen}
    if named:
        st.plotly_chart(
            figures.curves(named, theme_name(), "parameter", False, training.at),
            key="curves of parameters",
            config=PLAIN,
            theme=None,
        )


def draw_surface(session: Session) -> None:
    """The loss over two parameters, with the path on it."""
    training = _ready(session)
    if training is None or training.trainer is None:
        return
    labels = training.trainer.objective.layout.labels[:MOST_CHOICES]
    if len(labels) < 2:
        st.caption(
            "There is one parameter alone: the loss over it is a curve. Choose two parameters or more for a surface."
        )
        return
    left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
    x, y = (axis if axis < len(labels) else place for place, axis in enumerate(training.pictures.axes))
    across = left.selectbox("Across", labels, x, key=f"surface x {len(labels)}")
    up = middle.selectbox("Up", labels, y, key=f"surface y {len(labels)}")
    solid = (
        right.segmented_control("Shown as", ["Contour", "3-D"], default="Contour", required=True, key="surface kind")
        == "3-D"
    )
    if across == up:
        st.caption("Choose two different ones.")
        return
    training.pictures.axes = (labels.index(across), labels.index(up))
    picture = _worked_out(training)
    if picture is not None:
        others = "" if len(labels) == 2 else f" All others stand where they are at step {picture.step}."
        words = f"{picture.title}; the fuller the colour the lower, by logarithm.{others}"
        st.html(tag("div", words, class_="x-caption"))
        st.plotly_chart(figures.plane(picture, theme_name(), solid), key=f"surface {solid}", config=PLAIN, theme=None)


def _worked_out(training: Training) -> Picture | None:
    """The surface in full: with its progress, and a way to stop, where it takes long."""
    picture = training.pictures.surface(training)
    place = st.empty()
    while training.pictures.pending:
        training.pictures.work(0.2)
        if training.pictures.pending:
            place.progress(training.pictures.share, "Working out the surface; any other click stops it.")
    place.empty()
    return picture


def draw_boundary(session: Session) -> None:
    """What is predicted for the plane of the points, or for the line."""
    training = _ready(session)
    if training is None:
        return
    picture = predicted(training)
    if picture is None:
        st.caption("There are no points to predict. Take a data set in the sidebar, under Data.")
        return
    st.plotly_chart(figures.boundary(picture, theme_name()), key="boundary", config=PLAIN, theme=None)


def draw_gradients(session: Session) -> None:
    """Norms from the inputs to the output: a slope is a gradient that vanishes or explodes on its way back."""
    training = _ready(session)
    if training is None or training.run is None or training.trainer is None or training.moment is None:
        return
    by_depth = gradient_norms(training.run)
    st.html(tag("div", "Gradient norm by depth", tag("span", spoken(by_depth), class_="x-quiet"), class_="x-section"))
    names = [str(level) for level in range(len(by_depth))]
    st.plotly_chart(figures.bars(names, by_depth, theme_name()), key="norms by depth", config=PLAIN, theme=None)
    layout, moment = training.trainer.objective.layout, training.moment
    parts = [float((moment.gradient.numbers[there].astype(float) ** 2).sum() ** 0.5) for there in layout.slices]
    st.html(
        tag("div", "Gradient norm by parameter", tag("span", _clipped(training), class_="x-quiet"), class_="x-section")
    )
    st.plotly_chart(figures.bars(layout.names, parts, theme_name()), key="norms by parameter", config=PLAIN, theme=None)


def spoken(by_depth: Sequence[float | None]) -> str:
    """What the slope says, from the output (at the right) back to the first level."""
    there = [norm for norm in by_depth if norm]
    if len(there) < 3:
        return "level 0 are the inputs, the last is the output"
    ratio = there[0] / there[-1]
    if ratio < VANISHING:
        return f"vanishing: {ratio:.1e} of it arrives at the first level"
    return (
        f"exploding: {ratio:.1e} times as much arrives at the first level"
        if ratio > EXPLODING
        else f"{ratio:.2g} of it arrives at the first level"
    )


def _clipped(training: Training) -> str:
    clip, update = training.setup.clip, training.update
    if clip is None or training.trainer is None or update is None:
        return "no clipping"
    used = training.trainer.moments[training.at + 1].used.numbers.astype(float)
    before, after = gradient_norm(training.trainer.moments[training.at]), float((used**2).sum() ** 0.5)
    return (
        f"clipped from {before:.3g} to {after:.3g} in all"
        if after < before * 0.999999
        else f"below the limit of {clip.limit:g}: not clipped"
    )


def draw_history(session: Session) -> None:
    """The last steps as a table, and all of them to download."""
    training = _ready(session)
    if training is None or training.trainer is None:
        return
    trainer = training.trainer
    st.download_button(
        "History as CSV",
        data=lambda: to_csv(trainer, training.reached),
        file_name="training.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="history download",
    )
    head = heads("step", "loss", "gradient norm", "rule")
    shown = trainer.moments[: training.reached + 1][-LAST:]
    rows = [(str(m.step), short(m.loss), short(gradient_norm(m)), _rule(m.rule)) for m in reversed(shown)]
    st.html(
        tag("table", head, *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows), class_="x-table x-steps")
    )


def _rule(rule: object) -> str:
    return (
        "start"
        if rule is None
        else f"{getattr(rule, 'name', '')} " + ", ".join(f"{k} {v:g}" for k, v in getattr(rule, "settings", {}).items())
    )
