"""Every node of the graph as a table: the canvas in words, for those who read it and those who hear it.

All nodes are there, whichever groups are open on the canvas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from explorer.export.terms import Terms
from explorer.ops.explain import explain
from explorer.ui.flows import total
from explorer.ui.html import Markup, heads, inline, join, tag
from explorer.ui.numbers import shape_of, short
from explorer.ui.session import Session
from explorer.ui.view import View
from explorer.ui.widgets import paged

PAGE = 100
"""Rows that are shown at a time."""


def draw(session: Session) -> None:
    """The rows that the words are found in, page by page."""
    view = session.view
    graph = view.run.graph
    words = st.text_input(
        "Show only",
        key="nodes filter",
        placeholder="name, operation, scope or shape",
        help="A node is shown where all the words are found in its row's name, operation, scope or shape.",
    )
    places = filtered(view, words or "")
    if not places:
        st.html(tag("div", f"None of the {len(graph):,} nodes has all of these words.", class_="x-caption"))
        return
    rows, choose = paged("nodes", len(places), PAGE)
    shown = places[rows.start : rows.stop]
    caption = f"{_nodes(rows.start, len(shown), len(places))}, in the order in which they are computed"
    st.html(_table(view, shown, caption, session.coloring.column(view)))
    choose()


def filtered(view: View, words: str) -> Sequence[int]:
    """The nodes in whose row all the words are found, in any case of letters; all for none."""
    terms, graph = words.lower().split(), view.run.graph
    if not terms:
        return range(len(graph))
    return [index for index in range(len(graph)) if _has(_text(view, index), terms)]


def _has(text: str, terms: Sequence[str]) -> bool:
    return all(term in text for term in terms)


def _text(view: View, index: int) -> str:
    graph = view.run.graph
    shape = shape_of(view.run.values[index]).replace(" ", "")
    parts = (graph.ids[index], graph.ops[index], explain(graph, index).label, _scope(view, index), shape)
    return " ".join([*parts, shape.replace("×", "x")]).lower()


def columns(view: View) -> Sequence[str]:
    """The heads of the columns; scopes have one only where there are any."""
    derivative = "gradient" if view.tangents is None else "tangent"
    scope = ("scope",) if any(view.run.graph.scopes) else ()
    return ("node", "operation", "inputs", "value", derivative, "shape", *scope)


def row(view: View, index: int) -> Iterator[str]:
    """One node in the order of ``columns``. What does not exist is said in words."""
    graph, symbol = view.run.graph, Terms(view.run).symbol
    yield inline(symbol(index))
    yield explain(graph, index).label
    yield _inputs(view, index)
    yield short(view.run.values[index])
    gradient = total(view, index)
    yield "none" if gradient is None else short(gradient)
    yield shape_of(view.run.values[index]) or "single number"
    if any(graph.scopes):
        yield _scope(view, index)


def _inputs(view: View, index: int) -> Markup:
    """Their names in the order of the ports."""
    names = [inline(Terms(view.run).symbol(source)) for source in view.run.graph.inputs[index]]
    return join(*[part for name in names for part in (", ", name)][1:]) if names else join("none")


def _scope(view: View, index: int) -> str:
    return ".".join(view.run.graph.scopes[index])


def _table(view: View, places: Sequence[int], caption: str, overlay: tuple[str, Sequence[str]] | None = None) -> Markup:
    """``overlay`` is one more column: its head, and what it says by node."""
    added = ("", ()) if overlay is None else overlay
    body = (_row([*row(view, index), *added[1][index : index + 1]]) for index in places)
    return tag(
        "table",
        tag("caption", caption, class_="x-caption"),
        tag("thead", heads(*columns(view), *filter(None, [added[0].lower()]))),
        tag("tbody", *body),
        class_="x-table x-steps x-nodes",
    )


def _row(cells: Sequence[str]) -> Markup:
    """The node is the head of its row; its value and its gradient have their colours."""
    colors = {3: "x-forward", 4: "x-gradient" if cells[4] != "none" else "x-quiet"}
    rest = (tag("td", cell, class_=colors.get(place, "")) for place, cell in enumerate(cells) if place)
    return tag("tr", tag("th", cells[0], scope="row"), *rest)


def _nodes(first: int, count: int, total: int) -> str:
    """``Nodes 101 to 150 of 150``."""
    return f"Nodes {first + 1:,} to {first + count:,} of {total:,}"
