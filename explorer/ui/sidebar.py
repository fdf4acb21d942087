"""The source at the left: a program with its examples and what is asked of it, or a model; and the legend."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

import streamlit as st

from explorer.capture.grammar import FUNCTIONS
from explorer.graph import Graph
from explorer.ui import autograd, colors, errors, inputs, legend, model_fields
from explorer.ui.activities import room
from explorer.ui.document import Source
from explorer.ui.examples import examples
from explorer.ui.html import tag
from explorer.ui.session import Session
from explorer.ui.widgets import showing

MOST_CHOICES = 500
"""A list of nodes to choose from is cut here; any node can be made the output from its inspector."""

LINE_HEIGHT, PADDING, MOST_LINES = 19, 26, 14
"""Pixels of a line of the program and around the lines; more lines than the most are scrolled."""


def draw(session: Session) -> None:
    """Everything in the sidebar, from top to bottom."""
    with st.sidebar:
        st.html(legend.brand())
        _source(session)
        if session.document.saved:
            _given(session)
        elif session.document.model is not None:
            model_fields.draw(session, session.document.model)
        else:
            _program(session)
            _asked(session)
        added = room(session).sidebar
        if added is not None:
            added(session)
        autograd.switch(session)
        colors.draw(session)
        st.html(legend.legend())


SOURCES: Mapping[Source, str] = {"run": "Run", "program": "Expression", "model": "Model"}


def _source(session: Session) -> None:
    st.segmented_control(
        "Source",
        list(SOURCES) if session.given else list(SOURCES)[1:],
        **showing(
            "source",
            session.document.source,
            lambda new: session.later(partial(session.show_source, new)),
            by="default",
        ),
        format_func=SOURCES.__getitem__,
        required=True,
        width="stretch",
        label_visibility="collapsed",
    )


def _given(session: Session) -> None:
    """Of a run that came from outside there is nothing to set."""
    st.html(tag("div", "The run that your script or notebook opened this app on.", class_="x-caption"))
    if session.problem is not None:
        st.html(errors.problem("", session.problem))


def _asked(session: Session) -> None:
    """What is asked of a program; while a model is still on the canvas there is none to ask."""
    if session.view.program is not None:
        inputs.draw(session)
        _direction(session)
        _output(session)


def _program(session: Session) -> None:
    st.text_area(
        "Program",
        **showing("program", session.document.text, partial(_set_text, session)),
        height=LINE_HEIGHT * min(max(session.document.text.count("\n") + 2, 4), MOST_LINES) + PADDING,
        help=_language(),
    )
    if session.problem is not None:
        st.html(errors.problem(session.document.text, session.problem))
    _examples(session)


def _set_text(session: Session, text: str) -> None:
    session.soon(partial(session.set_text, text), "text", partial(session.leave_text, text))


@cache
def _language() -> str:
    """What can be written, as Markdown."""
    functions = " ".join(f"`{name}`" for name in sorted(FUNCTIONS))
    return "\n\n".join(
        (
            "Lines such as `c = a + b`, or one expression. Ctrl + Enter applies; so does a click elsewhere.",
            "**Operators** `+ - * / ^ @`, comparisons, and `3x` for 3 times x.",
            "**Vectors and matrices** `[1, 2]`, `[[1, 2], [3, 4]]`, `M[0, 1]`.",
            "**Control** `if` `else`, `for i in range(3):`, `while`, with indented lines below.",
            f"**Functions** {functions}.",
            "A name that is set to a plain number is an input; so is one that gets no value.",
        )
    )


def _examples(session: Session) -> None:
    by_slug = {example.slug: example for example in examples()}
    shown = next((e for e in examples() if e.program == session.document.text), None)
    st.selectbox(
        "Example",
        **showing("example", shown and shown.slug, lambda slug: session.open(by_slug[slug]), among=list(by_slug)),
        format_func=lambda slug: by_slug[slug].title,
        placeholder="Start from an example",
    )
    if shown is not None:
        st.html(tag("div", shown.notice, class_="x-caption"))


def _direction(session: Session) -> None:
    document = session.view.document
    st.segmented_control(
        "Direction",
        ["reverse", "forward"],
        **showing("direction", document.mode, lambda new: session.set_mode(new == "forward"), by="default"),
        format_func=str.capitalize,
        required=True,
        width="stretch",
        help="Reverse: how one output depends on everything. Forward: how everything depends on one input.",
    )
    if document.mode == "forward":
        _with_respect_to(session)


def _with_respect_to(session: Session) -> None:
    graph, tangents = session.view.run.graph, session.view.tangents
    choices = [id_ for id_, op in zip(graph.ids, graph.ops, strict=True) if op == "input"]
    if tangents is None:
        st.caption("There is no input that could move.")
        return
    st.selectbox(
        "With respect to",
        **showing("wrt", tangents.wrt, lambda new: session.set_mode(True, new), among=choices),
    )


def _output(session: Session) -> None:
    run = session.view.run
    st.selectbox(
        "Output",
        **showing("output", run.output, session.set_output, among=_outputs(run.graph, run.output)),
        help="The node that is differentiated. Any node can be it, also from its inspector.",
    )
    if run.upstream.ndim:
        inputs.upstream(session)


def _outputs(graph: Graph, chosen: str) -> list[str]:
    """Operations first by name, the later ones first; the chosen one always among them."""
    ids = [id_ for id_, op in zip(graph.ids, graph.ops, strict=True) if op != "constant"]
    latest = list(reversed(ids))[:MOST_CHOICES]
    return latest if chosen in latest else [chosen, *latest]
