"""How a gradient or tangent got to a node: upstream x local = contribution, one row a way, and their sum."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from torch import Tensor

from explorer.export.derivation import Line, aligned, gradient_lines
from explorer.export.labels import plain
from explorer.export.terms import Terms, added
from explorer.ops.explain import explain
from explorer.run import Number, Run
from explorer.ui.flows import Flow, arriving, leaving, total
from explorer.ui.html import Markup, heads, inline, join, tag
from explorer.ui.numbers import shape_of, short
from explorer.ui.view import View

MOST_ROWS = 12
"""Ways beyond are counted, not listed."""

LONGEST_ROW = 25
"""Letters, digits and signs of a derivation that fit into the panel."""

LONGEST_FORMULA = 9
"""Characters of a formula that fit beside a node's name."""

MOST_AXES = 4
"""The shape of a tensor of so many axes fits on a line."""


def draw(view: View, index: int) -> None:
    """The table of what arrives, then of what is handed on."""
    flows = arriving(view, index)
    what = "gradient" if view.tangents is None else "tangent"
    if flows:
        count = "1 way" if len(flows) == 1 else f"{len(flows)} ways"
        st.html(join(_section(f"How the {what} got here", count), _table(view, flows, total_of=index)))
        if len(flows) <= MOST_ROWS:
            _chain_rule(view, index)
    else:
        none = tag("div", _why_none(view, index), class_="x-caption")
        st.html(join(_section(f"How the {what} got here", ""), none))
    onwards = leaving(view, index)
    if onwards:
        st.html(join(_section("What it hands on", ""), _table(view, onwards, total_of=None)))


def _chain_rule(view: View, index: int) -> None:
    """The same sum in symbols, written out, and in numbers; the numbers of tensors are in their heat maps."""
    if view.tangents is not None or index == view.run.backward.output or view.run.grads[index] is None:
        return
    terms = Terms(view.run)
    with st.container(key="chain"):
        if isinstance(view.run.grads[index], Tensor):
            sides = [terms.written(flow.target, flow.port) for flow in arriving(view, index)]
            lines = [Line(view.run.graph.ids[index], "backward", terms.gradient(index), added(sides))]
        else:
            lines = gradient_lines(terms, index)
        st.latex(aligned(lines, LONGEST_ROW))


def _section(title: str, note: str) -> Markup:
    return tag("div", title, tag("span", note, class_="x-quiet"), class_="x-section")


def _table(view: View, flows: Sequence[Flow], total_of: int | None) -> Markup:
    upstream = "upstream" if view.tangents is None else "tangent"
    way = "by way of" if total_of is not None else "to"
    head = heads(way, upstream, "", "local", "", "contribution")
    rows = [_row(view, flow) for flow in flows[:MOST_ROWS]]
    if len(flows) > MOST_ROWS:
        rows.append(tag("tr", tag("td", f"and {len(flows) - MOST_ROWS} more", class_="x-quiet")))
    if total_of is not None and len(flows) > 1 and view.run.graph.dtypes[total_of]:  # several results have no sum
        rows.append(_sum_row(short(total(view, total_of))))
    return tag("table", head, *rows, class_="x-table")


def _row(view: View, flow: Flow) -> Markup:
    symbol = inline(Terms(view.run).symbol(flow.other))
    name = join(tag("span", symbol, class_="x-name", title=view.run.graph.ids[flow.other]), _made(view.run, flow.other))
    if isinstance(flow.contribution, Tensor) or isinstance(flow.local, Tensor):
        cells = (tag("td", shape_of(flow.upstream)), tag("td"), _jacobian(flow.local), tag("td", "→"))
    else:
        cells = (tag("td", short(flow.upstream)), tag("td", "×"), tag("td", short(flow.local)), tag("td", "="))
    return tag("tr", tag("td", name), *cells, tag("td", tag("b", short(flow.contribution))))


def _jacobian(local: Number | None) -> Markup:
    """What a local derivative between tensors is. One of many axes is broken over lines, for the table to fit."""
    words = "too large" if local is None else shape_of(local) or short(local)
    is_long = isinstance(local, Tensor) and local.ndim > MOST_AXES
    return tag("td", words, class_="x-long") if is_long else tag("td", words)


def _made(run: Run, index: int) -> Markup:
    """How the node at the far end is made: `` = b + 1`` where that is short, else its operation."""
    if not run.graph.inputs[index]:
        return tag("span", "")
    formula = Terms(run).formula(index)
    if len(plain(formula)) <= LONGEST_FORMULA:
        return tag("span", " = ", inline(formula), class_="x-quiet")
    return tag("span", f" {explain(run.graph, index).label}", class_="x-quiet")


def _sum_row(text: str) -> Markup:
    return tag("tr", tag("td", "sum"), *(tag("td", "") for _ in range(4)), tag("td", tag("b", text)), class_="x-sum")


def _why_none(view: View, index: int) -> str:
    """Why nothing arrives at a node, in a sentence."""
    graph, run = view.run.graph, view.run
    if view.tangents is not None:
        if graph.ids[index] == view.tangents.wrt:
            return "This is the input that moves: forward mode starts here, with 1."
        return f"It does not depend on {view.tangents.wrt}, so it does not move."
    if graph.kind(index) == "constant":
        return "A constant never changes, so it needs no gradient."
    if not graph.requires_grad[index]:
        return "None: nothing that it is made of needs a gradient."
    if index == run.backward.output:
        return f"This is the output: the backward pass starts here, with {short(run.backward.upstream)}."
    return f"None: {run.output} does not depend on it."
