"""A run as DOT text for Graphviz: one node per node, one edge per argument slot."""

from __future__ import annotations

import html
import re

from graphviz import Digraph
from torch import Tensor

from explorer.export import labels
from explorer.export.cards import describe, role
from explorer.export.svg import legal
from explorer.export.theme import LIGHT
from explorer.run import Run, local_derivative

_PLAIN = re.compile(r"[\w.]+")


def to_dot(run: Run) -> str:
    """The graph with values and gradients, left to right; equal runs give equal text.

    A node is called by its id. An edge carries its local derivative and its contribution, and where an operation
    has several slots the number of the slot as ``headlabel``.
    """
    dot = Digraph(graph_attr={"rankdir": "LR", "bgcolor": LIGHT.surface, "ranksep": "0.9"})
    dot.attr("node", shape="box", style="rounded,filled", fillcolor=LIGHT.card, fontname="Helvetica")
    dot.attr("edge", fontname="Helvetica", fontsize="10", color=LIGHT.edge, fontcolor=LIGHT.tertiary)
    for index in range(len(run.graph)):
        hue = LIGHT.roles[role(run, index) or "constant"].mark
        dot.node(_name(run, index), _node_label(run, index), color=hue, tooltip=_quoted(describe(run, index)))
    for target, ports in enumerate(run.graph.inputs):
        for port, source in enumerate(ports):
            slot = str(port) if len(ports) > 1 else None
            label = _edge_label(run, source, target, port)
            dot.edge(_name(run, source), _name(run, target), label, headlabel=slot)
    text: str = dot.source
    return text


def _name(run: Run, index: int) -> str:
    """The id, or for one that DOT would read as more than a name the node's number."""
    id_ = run.graph.ids[index]
    return id_ if _PLAIN.fullmatch(id_) else f"node {index}"


def _node_label(run: Run, index: int) -> str:
    graph, value, grad = run.graph, run.values[index], run.grads[index]
    head = f"<b>{_markup(graph.ids[index])}</b>"
    below = f'<font point-size="10" color="{LIGHT.tertiary}">{_markup(_what(run, index))}</font>'
    rows = [f"<tr><td>{head}</td><td>{below}</td></tr>"]
    rows.append(_row("value", value, LIGHT.roles["forward"].text))
    symbol = labels.gradient_symbol(run, index)
    rows.append(_row(symbol, grad, LIGHT.roles["gradient"].text, "no gradient"))
    return f'<<table border="0" cellborder="0" cellspacing="2">{"".join(rows)}</table>>'


def _row(word: str, number: float | Tensor | None, color: str, instead: str = "not computed") -> str:
    if number is None:
        return f'<tr><td colspan="2"><font color="{LIGHT.tertiary}">{instead}</font></td></tr>'
    figure = labels.figure(number)
    if isinstance(number, Tensor):
        figure = f"{list(number.shape)}, norm {figure}"
    cell = f'<td align="right"><font color="{color}">{_markup(figure)}</font></td>'
    return f'<tr><td align="left">{_markup(word)}</td>{cell}</tr>'


def _what(run: Run, index: int) -> str:
    node = run.graph.node(index)
    return f"{node.op}, line {node.line}" if node.line and node.inputs else node.op


def _edge_label(run: Run, source: int, target: int, port: int) -> str:
    contribution = run.contributions[run.graph.edge_starts[target] + port]
    if contribution is None:
        return ""
    local = local_derivative(run.graph, run.values, target, port)
    symbol = labels.partial(labels.symbol(run, target), labels.symbol(run, source))
    number = "" if local is None or isinstance(local, Tensor) else f" = {labels.figure(local)}"
    color = LIGHT.roles["gradient"].text
    arrived = f'<font color="{color}">{_markup(labels.signed(contribution))}</font>'
    return f"<{_markup(symbol + number)}<br/>{arrived}>"


def _markup(text: str) -> str:
    """Text for an HTML-like label, where only markup has a meaning."""
    return html.escape(legal(text))


def _quoted(text: str) -> str:
    r"""Text for a quoted string, where a backslash would start an escape such as ``\N``."""
    return legal(text).replace("\\", "\\\\")
