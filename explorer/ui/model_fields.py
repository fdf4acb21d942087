"""The sidebar of a model: which one, how large, what it reads, and what is differentiated.

What is wrong with a field is said below it. A change is traced when the page runs, under a sign of work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from explorer import models
from explorer.capture.loss_text import output_names
from explorer.models import prompt
from explorer.models.bounds import bounds
from explorer.passes.failure import failure
from explorer.ui import model_origin
from explorer.ui.html import tag
from explorer.ui.model_problem import not_to_be_had, problem
from explorer.ui.model_source import LOSSES, Mode, ModelSource
from explorer.ui.session import Session
from explorer.ui.shipped import BOUNDS, size_fields
from explorer.ui.widgets import showing

LOSS_NAMES: Mapping[str, str] = {
    "next token": "Next token",
    "logit": "One logit",
    "sum": "Sum of the outputs",
    "squared error": "Mean squared error",
    "expression": "An expression",
}
OWN_LOSS = "Its own loss, or the sum"
FRACTIONS: Mapping[str, tuple[float, float, float, str]] = {
    "dropout": (0.0, 0.9, 0.1, "%.1f"),
    "base": (2.0, 1e6, 100.0, "%.0f"),
    "epsilon": (1e-12, 1e-1, 1e-6, "%.0e"),
}
"""From, to, step and form of sizes that are no whole numbers."""

MOST_SEED = 2**31 - 1


def draw(session: Session, source: ModelSource) -> None:
    """All fields, from top to bottom."""
    model_origin.draw(session, source)
    _sizes(session, source)
    _reading(session, source)
    _loss(session, source)
    _running(session, source)
    _capture(session, source)
    problem(session, "")


def _change(session: Session, source: ModelSource, **parts: Any) -> None:
    session.later(partial(session.set_model, replace(source, **parts)))


def _sizes(session: Session, source: ModelSource) -> None:
    if source.origin != "shipped":
        return
    sizes = {**size_fields(source.name), **source.sizes}
    if not sizes:
        st.html(tag("div", "Its sizes are those it was trained with.", class_="x-caption"))
        return
    with st.container(key="sizes", horizontal=True, gap="small"):
        for name, size in sizes.items():
            _size(session, source, name, size)
    problem(session, "sizes")


def _size(session: Session, source: ModelSource, name: str, size: Any) -> None:
    def changed(new: Any) -> None:
        _change(session, source, sizes={**source.sizes, name: new})

    _field(f"size {name}", name, size, changed)


def _field(key: str, name: str, size: Any, changed: Callable[[Any], None]) -> None:
    """A widget for one size, by what it is: a switch, a number within bounds, or a list as text."""
    label = name.replace("_", " ").capitalize()
    if isinstance(size, bool):
        st.toggle(label, **showing(key, size, changed))
    elif isinstance(size, int):
        low, high = BOUNDS.get(name, (1, 4_096))
        st.number_input(label, low, high, **showing(key, _within(size, low, high), changed), step=1, width=100)
    elif isinstance(size, float):
        low_, high_, step, form = FRACTIONS[name]
        shown = showing(key, _within(size, low_, high_), changed)
        st.number_input(label, low_, high_, **shown, step=step, format=form, width=100)
    else:
        text = size if isinstance(size, str) else ", ".join(map(str, size))
        st.text_input("Widths of the layers", **showing(key, text, changed))


def _within(size: float, low: float, high: float) -> Any:
    """A size of a damaged link is shown at its bound; the message says what it was."""
    return min(max(size, low), high)


def _reading(session: Session, source: ModelSource) -> None:
    asks = _asks(session, source)
    if not asks:
        st.html(tag("div", _READS_NUMBERS.get(source.origin, RANDOM), class_="x-caption"))
        return
    st.text_input(
        asks,
        **showing("prompt", source.prompt, lambda new: _change(session, source, prompt=new)),
        placeholder="" if source.origin == "shipped" else "some, drawn by the seed",
        help=_HELP.get(asks, f"Token ids with spaces between, up to {bounds().tokens}."),
    )
    problem(session, "prompt")


RANDOM = "It reads random numbers, drawn by the seed."
_READS_NUMBERS = {
    "own": "It reads what its factory gives it.",
    "shipped": "It reads random vectors, drawn by the seed.",
}
_HELP = {
    "Letters to sort": "Up to 8 letters from A to Z, then >, then as much of the answer as you like.",
    "Text": "What the model reads. Its own tokenizer divides it into tokens.",
}


def _asks(session: Session, source: ModelSource) -> str:
    """What the prompt is called; "" where the model takes none. A model that was never made may take one."""
    if source.origin == "shipped":
        reads = prompt.reads_tokens(models.entry_of(source.name).config)
        return "" if not reads else "Letters to sort" if source.name == "gpt-sort" else "Tokens"
    traced = session.view.model
    if traced is not None and _code(traced.source) == _code(source):
        return traced.made.asks
    return "" if source.origin == "own" else "Tokens"


def _code(source: ModelSource) -> tuple[object, ...]:
    """What says which code a model runs, and so what it reads, whatever is asked of it."""
    return source.origin, source.name, source.config, source.factory, source.stamp


def _loss(session: Session, source: ModelSource) -> None:
    scores = _scores(session, source)
    st.selectbox(
        "Differentiate",
        **showing(
            "loss",
            source.loss,
            lambda new: _change(session, source, loss=new),
            among=[loss for loss in LOSSES if loss in scores or loss == source.loss],
        ),
        format_func=lambda loss: OWN_LOSS if loss == "sum" and source.origin != "shipped" else LOSS_NAMES[loss],
        help="The single number that all gradients are of.",
    )
    if source.loss == "logit":
        _logit(session, source)
    if source.loss == "squared error":
        _target(session, source)
    if source.loss == "expression":
        _formula(session, source)
    problem(session, "loss")
    _taken(session, source)


def _taken(session: Session, source: ModelSource) -> None:
    """Which number it turned out to be, where the model itself decides that; and what else the trace chose."""
    traced = session.view.model
    if traced is None or not session.is_current or failure(traced.run) is not None:
        return
    said = [f"This is {traced.run.loss}."] if traced.loss is None and traced.run.loss else []
    for words in (*said, *traced.run.notes):
        st.html(tag("div", words, class_="x-caption"))


def _scores(session: Session, source: ModelSource) -> Sequence[str]:
    """The losses that make sense for what the model gives."""
    traced = session.view.model
    if source.origin == "shipped":
        predicts = "next" if prompt.reads_tokens(models.entry_of(source.name).config) else ""
    else:
        predicts = traced.made.predicts if traced is not None and traced.source.origin == source.origin else "next"
    return [*(LOSSES[:1] if predicts == "next" else ()), *(LOSSES[1:2] if predicts else ()), *LOSSES[2:]]


def _formula(session: Session, source: ModelSource) -> None:
    traced = session.view.model
    known = {} if traced is None or not session.is_current else output_names(traced.run.outputs)
    st.text_input(
        "Expression over the outputs",
        **showing("formula", source.formula, lambda new: _change(session, source, formula=new)),
        placeholder="mean(output ^ 2)",
        help="The functions are those of the language of programs; places are taken by output[0, -1].",
    )
    said = ", ".join(f"{name} {' × '.join(map(str, shape)) or 'a number'}" for name, shape in list(known.items())[:8])
    if said:
        st.html(tag("div", f"There is {said}.", class_="x-caption"))


def _logit(session: Session, source: ModelSource) -> None:
    left, right = st.columns(2, gap="small")
    token = "logit token"
    left.text_input(
        "Token",
        **showing(token, source.token, lambda new: _change(session, source, token=new)),
        placeholder="the likeliest",
    )
    place = showing("logit position", source.position, lambda new: _change(session, source, position=new))
    st.session_state.setdefault(place["key"], place.pop("value"))  # With a number as its start it cannot be emptied.
    right.number_input(
        "After position",
        0,
        bounds().tokens - 1,
        value=None,
        **place,
        step=1,
        placeholder="the last",
    )


def _target(session: Session, source: ModelSource) -> None:
    st.number_input(
        "What the outputs should be",
        **showing("target", source.target, lambda new: _change(session, source, target=new)),
        step=0.1,
        format="%.6g",
    )


def _running(session: Session, source: ModelSource) -> None:
    seed = "seed"
    st.number_input(
        "Seed",
        0,
        MOST_SEED,
        **showing(seed, _within(source.seed, 0, MOST_SEED), lambda new: _change(session, source, seed=new)),
        step=1,
        help="Of random weights, vectors and dropout.",
    )
    train = "train"
    st.segmented_control(
        "Mode",
        ["Evaluate", "Train"],
        **showing(
            train,
            "Train" if source.train else "Evaluate",
            lambda new: _change(session, source, train=new == "Train"),
            by="default",
        ),
        required=True,
        width="stretch",
        help="Train: dropout is at work.",
    )


CAPTURES: Mapping[Mode, str] = {"eager": "As it runs", "export": "Exported"}


def _capture(session: Session, source: ModelSource) -> None:
    st.segmented_control(
        "Graph",
        list(CAPTURES),
        **showing("capture", source.mode, lambda new: _change(session, source, mode=new), by="default"),
        format_func=CAPTURES.__getitem__,
        required=True,
        width="stretch",
        help="As it runs: every operation of any PyTorch code. Exported: torch.export's graph, with fewer and larger "
        "operations, which can be cut into segments and written to a file; not every model allows it.",
    )
    not_to_be_had(session)
