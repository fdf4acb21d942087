"""What the node computes: its formula and local derivatives, in symbols, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from explorer.export.terms import Terms, equals, show
from explorer.ops import Tree
from explorer.ops.explain import explain
from explorer.ops.signature import schema
from explorer.ops.typeset import latex
from explorer.run import Run, local_derivative
from explorer.ui.html import Markup, tag
from explorer.ui.view import View

MOST_PORTS = 4
"""Of an operation with more inputs only the first local derivatives are written."""


def draw(view: View, index: int) -> None:
    """For operations: typeset lines, then a sentence for each direction. For leaves the sentences alone."""
    graph = view.run.graph
    op = explain(graph, index)
    st.html(tag("div", "The operation", tag("span", op.label, class_="x-quiet"), class_="x-section"))
    lines = list(_lines(view.run, index))
    if lines:
        st.markdown("\n\n".join(f"$\\displaystyle {latex(line)}$" for line in lines))
    st.html(_words(op.forward_sentence, op.backward_sentence))
    attrs = graph.attrs.get(index, {})
    for what, said in (("torch's signature", schema(attrs)), ("differentiated by", attrs.get("grad_fn", ""))):
        if said:
            st.html(tag("div", f"{what} ", tag("code", said), class_="x-caption"))


def _lines(run: Run, index: int) -> Iterator[Tree]:
    """``c = a + b = 2 + 1 = 3``, then ``∂c/∂a = 1`` for every input that a gradient can go to."""
    graph, terms, value = run.graph, Terms(run), run.values[index]
    if not graph.inputs[index] or value is None:
        return
    numbers = terms.formula_in_numbers(index)
    known = () if numbers is None else (numbers, show(value))
    yield equals(terms.symbol(index), terms.formula(index), *known)
    for port, source in list(enumerate(graph.inputs[index]))[:MOST_PORTS]:
        if graph.requires_grad[source] and graph.requires_grad[index]:
            local = local_derivative(graph, run.values, index, port)
            sides = terms.local(index, port)
            if sides and local is not None:
                yield equals(*sides, show(local))


def _words(*sentences: str) -> Markup:
    return tag("div", *(tag("div", sentence) for sentence in sentences), class_="x-caption")
