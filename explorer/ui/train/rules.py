"""The optimiser and its settings, clipping, and the switch that forgets zero_grad."""

from __future__ import annotations

from dataclasses import replace
from math import isclose, log10

import streamlit as st

from explorer.errors import TrainingError
from explorer.export.labels import figure
from explorer.training.optimisers import OPTIMISERS, Rule, Setting
from explorer.training.trainer import Clip
from explorer.ui.html import tag
from explorer.ui.train.setup import RATES
from explorer.ui.train.share import Training
from explorer.ui.widgets import showing

LOWEST, HIGHEST, PER_DECADE = 1e-5, 10.0, 12
LADDER = [float(f"{10 ** (step / PER_DECADE):.2g}") for step in range(-5 * PER_DECADE, PER_DECADE + 1)]
"""Learning rates to slide over: even on a logarithmic scale."""


def choose(training: Training) -> None:
    """The rule, and its learning rate."""
    rule = training.setup.rule
    st.selectbox(
        "Optimiser",
        **showing(
            "train rule", rule.name, lambda new: _take(training, Rule(new, {"lr": RATES[new]})), among=list(OPTIMISERS)
        ),
        format_func=lambda name: OPTIMISERS[name].label,
    )
    _rate(training, rule)


def refine(training: Training) -> None:
    """What is changed more rarely."""
    rule = training.setup.rule
    with st.expander("Settings, clipping, zero_grad", key="train settings", on_change="ignore"):
        for setting in OPTIMISERS[rule.name].settings[1:]:
            _setting(training, rule, setting)
        _clip(training)
        _forgets(training)


def _take(training: Training, rule: Rule) -> None:
    training.change(replace(training.setup, rule=rule))


def _rate(training: Training, rule: Rule) -> None:
    rate = rule.all_settings["lr"]
    options = sorted({*LADDER, rate})
    st.select_slider(
        "Learning rate η",
        options,
        **showing("train rate", rate, lambda new: _set(training, "lr", new)),
        format_func=lambda value: f"{value:g}",
    )
    _bound(training, rate)
    if training.playing:
        return
    st.number_input(
        "Learning rate, exactly",
        min_value=0.0,
        **showing("train exact rate", rate, lambda new: _set(training, "lr", new)),
        format="%g",
        step=rate / 10 or 0.01,
        label_visibility="collapsed",
    )


def _bound(training: Training, rate: float) -> None:
    """``above 0.243 it diverges``, with a mark at its place on the slider."""
    limit = training.largest_rate()
    if limit is None:
        return
    share = min(1.0, max(0.0, (log10(limit) - log10(LOWEST)) / (log10(HIGHEST) - log10(LOWEST))))
    over = rate > limit and not isclose(rate, limit)
    words = f"{'now ' if over else ''}above {figure(limit, 3)} it diverges"
    mark = tag("i", style=f"left:{100 * share:.1f}%")
    st.html(
        tag(
            "div",
            mark,
            tag("span", words),
            class_=f"x-bound {'x-over' if over else ''}",
            title="2 over the sharpest curvature here",
        )
    )


def _set(training: Training, name: str, value: float | None) -> None:
    """Take a setting over, or say why not."""
    rule = training.setup.rule
    if value is None:
        return
    try:
        _take(training, Rule(rule.name, {**rule.settings, name: value}))
    except TrainingError as problem:
        training.problem = problem


def _setting(training: Training, rule: Rule, setting: Setting) -> None:
    st.number_input(
        setting.label.capitalize(),
        min_value=setting.low,
        max_value=None if setting.high == float("inf") else setting.high,
        **showing(
            f"train {setting.name}", rule.all_settings[setting.name], lambda new: _set(training, setting.name, new)
        ),
        format="%g",
        step=0.01,
    )


def _clip(training: Training) -> None:
    clip = training.setup.clip
    kinds = {"": "no clipping", "norm": "by norm", "value": "by value"}
    most = clip.limit if clip else 1.0

    def changed(kind: str, limit: float) -> None:
        try:
            training.change(replace(training.setup, clip=Clip(kind, limit) if kind else None))
        except TrainingError as problem:
            training.problem = problem

    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="small")
    shown = showing("train clip", clip.kind if clip else "", lambda kind: changed(kind, most), among=list(kinds))
    left.selectbox("Gradient clipping", **shown, format_func=kinds.__getitem__)
    if clip is not None:
        shown = showing("train limit", most, lambda limit: changed(clip.kind, limit))
        right.number_input("at most", min_value=1e-6, **shown, format="%g", step=0.1)


def _forgets(training: Training) -> None:
    st.toggle(
        "Forget zero_grad",
        **showing(
            "train forgets", training.setup.forgets, lambda new: training.change(replace(training.setup, forgets=new))
        ),
        help="Without zero_grad, .grad keeps what it holds and new gradients are added: steps grow and go astray.",
    )
