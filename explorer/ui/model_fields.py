"""The sidebar of a model: which one, how large, what it reads, and what is differentiated.

What is wrong with a field is said below it. A change is traced when the page runs, under a sign of work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from explorer import models
from explorer.errors import ModelError
from explorer.models import prompt
from explorer.ui import errors
from explorer.ui.html import tag
from explorer.ui.model import BOUNDS, LOSSES, MOST_TOKENS, ModelSource, fresh, size_fields
from explorer.ui.session import Session
from explorer.ui.widgets import bound

LOSS_NAMES: Mapping[str, str] = {
    "next token": "Next token",
    "logit": "One logit",
    "sum": "Sum of the outputs",
    "squared error": "Mean squared error",
}
FRACTIONS: Mapping[str, tuple[float, float, float, str]] = {
    "dropout": (0.0, 0.9, 0.1, "%.1f"),
    "base": (2.0, 1e6, 100.0, "%.0f"),
    "epsilon": (1e-12, 1e-1, 1e-6, "%.0e"),
}
"""From, to, step and form of sizes that are no whole numbers."""

MOST_SEED = 2**31 - 1


def draw(session: Session, source: ModelSource) -> None:
    """All fields, from top to bottom."""
    _name(session, source)
    _sizes(session, source)
    _reading(session, source)
    _loss(session, source)
    _running(session, source)
    _problem(session, "")


def _change(session: Session, source: ModelSource, **parts: Any) -> None:
    session.later(partial(session.set_model, replace(source, **parts)))


def _name(session: Session, source: ModelSource) -> None:
    key = bound("model", source.name)
    st.selectbox(
        "Model",
        models.names(),
        key=key,
        format_func=lambda name: models.entry_of(name).title,
        on_change=lambda: session.later(partial(session.set_model, fresh(st.session_state[key]))),
    )
    _problem(session, "name")
    traced = session.view.model
    if traced is not None and traced.source.name == source.name and session.is_current:
        st.html(tag("div", f"{traced.parameters:,} parameters, float32", class_="x-caption"))


def _sizes(session: Session, source: ModelSource) -> None:
    sizes = {**size_fields(source.name), **source.sizes}
    if not sizes:
        st.html(tag("div", "Its sizes are those it was trained with.", class_="x-caption"))
        return
    with st.container(key="sizes", horizontal=True, gap="small"):
        for name, size in sizes.items():
            _size(session, source, name, size)
    _problem(session, "sizes")


def _size(session: Session, source: ModelSource, name: str, size: Any) -> None:
    def changed(key: str) -> None:
        _change(session, source, sizes={**source.sizes, name: st.session_state[key]})

    _field(f"size {name}", name, size, changed)


def _field(key: str, name: str, size: Any, changed: Callable[[str], None]) -> None:
    """A widget for one size, by what it is: a switch, a number within bounds, or a list as text."""
    label = name.replace("_", " ").capitalize()
    tell = partial(changed, key)
    if isinstance(size, bool):
        st.toggle(label, key=bound(key, size), on_change=tell)
    elif isinstance(size, int):
        low, high = BOUNDS.get(name, (1, 4_096))
        st.number_input(label, low, high, key=bound(key, _within(size, low, high)), step=1, width=100, on_change=tell)
    elif isinstance(size, float):
        low_, high_, step, form = FRACTIONS[name]
        shown = bound(key, _within(size, low_, high_))
        st.number_input(label, low_, high_, key=shown, step=step, format=form, width=100, on_change=tell)
    else:
        text = size if isinstance(size, str) else ", ".join(map(str, size))
        st.text_input("Widths of the layers", key=bound(key, text), on_change=tell)


def _within(size: float, low: float, high: float) -> Any:
    """A size of a damaged link is shown at its bound; the message says what it was."""
    return min(max(size, low), high)


def _reading(session: Session, source: ModelSource) -> None:
    if not prompt.reads_tokens(models.entry_of(source.name).config):
        st.html(tag("div", "It reads random vectors, drawn by the seed.", class_="x-caption"))
        return
    sorts = source.name == "gpt-sort"
    key = bound("prompt", source.prompt)
    st.text_input(
        "Letters to sort" if sorts else "Tokens",
        key=key,
        help="Up to 8 letters from A to Z, then >, then as much of the answer as you like."
        if sorts
        else f"Token ids with spaces between, up to {MOST_TOKENS}.",
        on_change=lambda: _change(session, source, prompt=st.session_state[key]),
    )
    _problem(session, "prompt")


def _loss(session: Session, source: ModelSource) -> None:
    reads = prompt.reads_tokens(models.entry_of(source.name).config)
    key = bound("loss", source.loss)
    st.selectbox(
        "Differentiate",
        LOSSES if reads else LOSSES[2:],
        key=key,
        format_func=LOSS_NAMES.__getitem__,
        help="The single number that all gradients are of.",
        on_change=lambda: _change(session, source, loss=st.session_state[key]),
    )
    if source.loss == "logit":
        _logit(session, source)
    if source.loss == "squared error":
        _target(session, source)
    _problem(session, "loss")


def _logit(session: Session, source: ModelSource) -> None:
    left, right = st.columns(2, gap="small")
    token = bound("logit token", source.token)
    left.text_input(
        "Token",
        key=token,
        placeholder="the likeliest",
        on_change=lambda: _change(session, source, token=st.session_state[token]),
    )
    place = bound("logit position", source.position)
    right.number_input(
        "After position",
        0,
        MOST_TOKENS - 1,
        key=place,
        step=1,
        placeholder="the last",
        on_change=lambda: _change(session, source, position=st.session_state[place]),
    )


def _target(session: Session, source: ModelSource) -> None:
    key = bound("target", source.target)
    st.number_input(
        "What the outputs should be",
        key=key,
        step=0.1,
        format="%.6g",
        on_change=lambda: _change(session, source, target=st.session_state[key]),
    )


def _running(session: Session, source: ModelSource) -> None:
    seed = bound("seed", _within(source.seed, 0, MOST_SEED))
    st.number_input(
        "Seed",
        0,
        MOST_SEED,
        key=seed,
        step=1,
        help="Of random weights, vectors and dropout.",
        on_change=lambda: _change(session, source, seed=st.session_state[seed]),
    )
    train = bound("train", "Train" if source.train else "Evaluate")
    st.segmented_control(
        "Mode",
        ["Evaluate", "Train"],
        key=train,
        required=True,
        width="stretch",
        help="Train: dropout is at work.",
        on_change=lambda: _change(session, source, train=st.session_state[train] == "Train"),
    )


def _problem(session: Session, field: str) -> None:
    """What is wrong with one field; with "" what is about none of them."""
    problem = session.problem
    if problem is not None and (problem.field if isinstance(problem, ModelError) else "") == field:
        st.html(errors.problem("", problem))
