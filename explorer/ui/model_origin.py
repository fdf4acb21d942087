"""Where a model comes from: the fields that say which one, by where it is from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from explorer import models
from explorer.errors import ModelError
from explorer.models import own
from explorer.models.presets import PRESETS, preset
from explorer.ui import errors, hosting
from explorer.ui.html import tag
from explorer.ui.model_problem import problem
from explorer.ui.model_source import ModelSource, Origin, fresh, own_source
from explorer.ui.session import Session
from explorer.ui.widgets import showing

ORIGIN_NAMES: Mapping[Origin, str] = {
    "shipped": "Comes with the explorer",
    "preset": "Hugging Face, tiny",
    "config": "A config.json",
    "weights": "Weights in a folder or on the hub",
    "own": "Your own Python file",
}
_FAMILY = {name: family for family, named in PRESETS.items() for name in named}
TEMPLATE = """import torch
from torch import nn

def model():
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    return net, torch.randn(5, 3)   # the model, and what it is called with
"""
CODE = (
    "It is code, and can do all that you can. It runs on this machine, only when you press the button; no link runs it."
)


def draw(session: Session, source: ModelSource) -> None:
    """The choice of an origin, and its own fields below."""
    origins = [origin for origin in ORIGIN_NAMES if origin in (*hosting.origins(), source.origin)]
    st.selectbox(
        "Model from",
        **showing(
            "origin",
            source.origin,
            lambda new: session.later(partial(session.set_model, fresh(origin=new))),
            among=origins,
        ),
        format_func=ORIGIN_NAMES.__getitem__,
    )
    {"shipped": _shipped, "preset": _preset, "config": _config, "weights": _weights, "own": _own}[source.origin](
        session, source
    )
    _size(session, source)


def _set(session: Session, source: ModelSource) -> None:
    session.later(partial(session.set_model, source))


def _shipped(session: Session, source: ModelSource) -> None:
    st.selectbox(
        "Model",
        **showing("model", source.name, lambda new: _set(session, fresh(new)), among=models.names()),
        format_func=lambda name: models.entry_of(name).title,
    )
    problem(session, "name")


def _preset(session: Session, source: ModelSource) -> None:
    st.selectbox(
        "Architecture",
        **showing("preset", source.name, lambda new: _set(session, fresh(new, "preset")), among=list(_FAMILY)),
        format_func=lambda name: f"{name} · {_FAMILY[name].lower()}",
        help="Tiny sizes and random weights, of the architecture's own code.",
    )
    problem(session, "name")
    text = json.dumps(preset(source.name), indent=1)
    edited = replace(source, origin="config", name="", config=text)
    st.button("Edit its sizes", icon=":material/edit:", type="tertiary", on_click=_set, args=(session, edited))


def _config(session: Session, source: ModelSource) -> None:
    st.text_area(
        "config.json",
        **showing("config", source.config, lambda new: _set(session, replace(source, config=new))),
        height=220,
        placeholder='{"model_type": "gpt2"}',
        help="What a model's config.json holds; what is left out has the architecture's own size. "
        "Ctrl + Enter applies.",
    )
    problem(session, "config")


def _weights(session: Session, source: ModelSource) -> None:
    st.text_input(
        "Folder or hub id",
        **showing("weights", source.name, lambda new: _set(session, replace(source, name=new, prompt=""))),
        placeholder="~/models/gpt2, or gpt2",
        help="A folder with config.json and safetensors; or the name of a model on the hub, where there is a network. "
        "No code that comes with a model is run.",
    )
    problem(session, "name")
    found = session.problem
    if isinstance(found, ModelError) and found.field == "name" and source.name.strip():
        st.button("Try again", icon=":material/refresh:", type="tertiary", on_click=_set, args=(session, source))


def _own(session: Session, source: ModelSource) -> None:
    st.html(tag("div", CODE, class_="x-caption"))
    path = st.text_input("Python file", source.name, key="own file", placeholder="~/project/model.py")
    with st.popover("What it looks like", type="tertiary", icon=":material/help:"):
        st.code(TEMPLATE, language="python")
    if path.strip():
        _factory(session, source, path)
    problem(session, "name")


def _factory(session: Session, source: ModelSource, path: str) -> None:
    """Reads the file, without running it, for what can be called in it."""
    try:
        names = own.factories(path)
    except ModelError as error:
        st.html(errors.problem("", error))
        return
    first = source.factory if source.factory in names else names[0]
    help_ = "What makes the model, called without arguments."
    factory = st.selectbox("Factory", names, names.index(first), key=f"factory of {path}", help=help_)
    problem(session, "factory")
    is_there = source.name == path.strip() and source.factory == factory
    st.button(
        "Run it again" if is_there else "Run it",
        icon=":material/play_arrow:",
        type="primary",
        on_click=_run,
        args=(session, source, path, factory),
    )


def _run(session: Session, source: ModelSource, path: str, factory: str) -> None:
    made = own_source(path, factory)
    kept = replace(source, name=made.name, factory=made.factory, stamp=made.stamp)
    _set(session, kept if source.name == made.name else made)


def _size(session: Session, source: ModelSource) -> None:
    traced = session.view.model
    if traced is None or not session.is_current or traced.source.origin != source.origin:
        return
    kinds = {str(p.dtype).removeprefix("torch.") for p in traced.model.parameters()} or {"float32"}
    name = "" if source.origin == "shipped" else f"{type(traced.model).__name__}, "
    st.html(tag("div", f"{name}{traced.parameters:,} parameters, {' and '.join(sorted(kinds))}", class_="x-caption"))
