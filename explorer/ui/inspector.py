"""The panel at the right: one node, what it holds, and how its gradient (or tangent) came about."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from torch import Tensor

from explorer.export.terms import Terms
from explorer.graph import Graph, Node
from explorer.ops.explain import explain
from explorer.passes.failure import failure
from explorer.run import Number
from explorer.ui import arrivals, check, group, looking, operation, tensor
from explorer.ui.flows import arriving, total
from explorer.ui.heat import heat_map, height, is_cut
from explorer.ui.html import Markup, inline, join, tag
from explorer.ui.numbers import shape_of, short
from explorer.ui.session import Session
from explorer.ui.style import theme_name
from explorer.ui.view import View


def draw(session: Session) -> None:
    """All sections for the selected node; with none selected, for the input with most to tell."""
    view = session.view
    index = view.run.graph.index[session.inspected]
    st.html(join(group.panel(view, session.selected), _head(view, index)))
    ended = failure(view.run)
    if ended is not None and ended[0] == index:
        st.html(_failed(ended[1]))
    else:
        st.html(_stats(view, index))
    if view.model is not None:
        looking.draw(view.model, index)
    arrivals.draw(view, index)
    operation.draw(view, index)
    if view.model is not None:
        tensor.draw(view.model, index)
    else:
        _heat_maps(session, index)
    check.draw(session, index)
    if view.program is not None:
        _make_output(session, index)


def _total_symbol(view: View, index: int) -> Markup:
    """``∂e/∂b``: the gradient of a node, or its tangent ``db/da`` in forward mode."""
    terms = Terms(view.run)
    symbol = inline(terms.symbol(index))
    if view.tangents is None:
        return join("∂", inline(terms.top), "/∂", symbol)
    return join("d", symbol, "/d", inline(terms.symbol(view.run.graph.index[view.tangents.wrt])))


def _head(view: View, index: int) -> Markup:
    is_program = view.program is not None
    return tag(
        "div",
        _tile(view, index),
        tag("span", inline(Terms(view.run).symbol(index)), class_="x-name"),
        tag("span", _kind(view, index), class_="x-caption"),
        tag("span", _place(view.run.graph.node(index)), class_=f"x-caption {'x-line' if is_program else 'x-path'}"),
        class_="x-head",
        tabindex="0",  # From here the keyboard scrolls the panel, also where nothing else in it takes the focus.
    )


def _place(node: Node) -> str:
    """The line and the loop turn; in a model the path of the module, the file and the line."""
    line = f"line {node.line}" if node.line else ""
    if "file" in node.attrs:
        return " · ".join(filter(None, (".".join(node.scope), f"{Path(node.attrs['file']).name}, {line}")))
    return " · ".join(filter(None, (line, *node.scope)))


def _tile(view: View, index: int) -> Markup:
    """The operation's symbol, words smaller than signs; for a leaf the mark that the legend explains."""
    graph = view.run.graph
    kind = graph.kind(index)
    if kind != "op":
        return tag("span", tag("span", class_=f"x-mark x-mark-{kind}"), class_="x-tile")
    symbol = explain(graph, index).symbol
    return tag("span", symbol, class_="x-tile x-word" if len(symbol) > 2 else "x-tile")


def _kind(view: View, index: int) -> str:
    """``input, used twice``, ``multiply, the output``."""
    graph: Graph = view.run.graph
    times = len(graph.consumers[index])
    used = {0: "not used", 1: "used once", 2: "used twice"}.get(times, f"used {times} times")
    role = "the output" if index == view.run.backward.output else used
    return f"{explain(graph, index).label}, {role}"


def _stats(view: View, index: int) -> Markup:
    value = view.run.values[index]
    what = "Gradient " if view.tangents is None else "Tangent "
    return tag(
        "div",
        _stat("Value", "", value, "x-forward", _no_value(view, index)),
        _stat(what, _total_symbol(view, index), total(view, index), "x-gradient", _no_gradient(view, index)),
        class_="x-stats",
    )


def _no_value(view: View, index: int) -> str:
    """Why a node has no value, where that can be told."""
    if not view.run.graph.dtypes[index]:
        return "several results"
    return "nothing written yet" if "uninitialised" in view.run.graph.attrs.get(index, {}) else "none"


def _no_gradient(view: View, index: int) -> str:
    """Several results have a gradient each, if any comes back to them."""
    return "one for each" if not view.run.graph.dtypes[index] and arriving(view, index) else "none"


def _failed(said: str) -> Markup:
    """In place of the numbers of an operation that raised."""
    return tag("div", tag("b", "This operation failed"), tag("div", said), class_="x-problem", role="alert")


def _stat(label: str, symbol: str, value: Number | None, color: str, missing: str) -> Markup:
    text = missing if value is None else short(value)
    size = "x-long" if len(text) > 8 else ""
    quiet = "x-quiet" if value is None else color
    head = tag(
        "div", label, tag("span", symbol, class_="x-math"), ", after the pass" if symbol else "", class_="x-caption"
    )
    shape = tag("div", shape_of(value), class_="x-caption") if shape_of(value) else ""
    return tag("div", head, tag("div", text, class_=f"x-figure {size} {quiet}"), shape)


def _heat_maps(session: Session, index: int) -> None:
    view = session.view
    what = "gradient" if view.tangents is None else "tangent"
    for label, value in (("value", view.run.values[index]), (what, total(view, index))):
        if isinstance(value, Tensor) and value.ndim and value.numel():
            st.html(tag("div", f"Heat map of the {label}", _cut(value), class_="x-section"))
            _heat_map(label, value, session.dragging)


def _heat_map(label: str, value: Tensor, dragging: bool) -> None:
    """The figure; while a number is dragged its room is kept, because the browser takes long to draw it."""
    if dragging:
        st.html(tag("div", "drawn when you let go", class_="x-caption x-wait", style=f"height:{height(value)}px"))
        return
    figure = heat_map(value, theme_name())
    st.plotly_chart(figure, key=f"heat {label}", config={"displayModeBar": False}, theme=None)


def _cut(value: Tensor) -> Markup:
    return tag("span", "its first rows and columns" if is_cut(value) else "", class_="x-quiet")


def _make_output(session: Session, index: int) -> None:
    graph, run = session.view.run.graph, session.view.run
    if index == run.backward.output or not graph.requires_grad[index] or not graph.inputs[index]:
        return
    st.button(
        "Make it the output",
        help="Differentiate this node instead.",
        on_click=session.set_output,
        args=(graph.ids[index],),
    )
