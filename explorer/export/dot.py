"""A run as DOT text for Graphviz, and as a PDF by it: one node per node, one edge per argument slot."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from graphviz import Digraph, nohtml
from torch import Tensor

from explorer.export import labels
from explorer.export.cards import describe, role
from explorer.export.frames import contents_text
from explorer.export.shown import Coloured, Opened, painted, seen_of
from explorer.export.svg import legal
from explorer.export.theme import LIGHT, Theme, tinted
from explorer.overlays import Painted
from explorer.overlays.colors import ink
from explorer.passes.condense import Condensed
from explorer.passes.groups import Group
from explorer.run import Run, local_derivative

_PLAIN = re.compile(r"[\w.]+")


def to_dot(run: Run, *, opened: Opened = None, overlay: Coloured = None) -> str:
    """The graph with values and gradients, left to right; equal runs give equal text.

    A node is called by its id. An edge carries its local derivative and its contribution, and where an operation
    has several slots the number of the slot as ``headlabel``. Groups that are open are clusters, closed ones a node
    each; ``opened`` and ``overlay`` are as for ``to_svg``.
    """
    seen = seen_of(run, opened)
    colors, drawn = painted(run, seen, overlay), run if seen is None else seen.run
    dot = Digraph(graph_attr={"rankdir": "LR", "bgcolor": LIGHT.surface, "ranksep": "0.9"})
    dot.attr("node", shape="box", style="rounded,filled", fillcolor=LIGHT.card, fontname="Helvetica")
    dot.attr("edge", fontname="Helvetica", fontsize="10", color=LIGHT.edge, fontcolor=LIGHT.tertiary)
    if colors is not None:
        dot.attr(label=_legend(colors), labelloc="b", fontname="Helvetica", fontsize="11")
    dot.body += _clustered(drawn, seen, colors)
    for target, ports in enumerate(drawn.graph.inputs):
        for port, source in enumerate(ports):
            slot = str(port) if len(ports) > 1 else None
            label = _edge_label(drawn, source, target, port)
            dot.edge(_name(drawn, source), _name(drawn, target), label, headlabel=slot)
    text: str = dot.source
    return text


def _clustered(run: Run, seen: Condensed | None, colors: Painted | None) -> list[str]:
    """The nodes, those of an open group in a cluster, which is in that of the group around it."""
    tops = Digraph()
    graphs: dict[tuple[str, ...], Digraph] = {(): tops}
    for index, scope in enumerate(run.graph.scopes):
        for depth in range(1, len(scope) + 1):
            if seen is not None and scope[:depth] not in graphs:
                graphs[scope[:depth]] = _cluster(seen.groups.by_key[scope[depth - 1]], len(graphs))
        _add_node(graphs[scope if seen is not None else ()], run, index, seen, colors)
    for scope, graph in reversed(graphs.items()):
        if scope:
            graphs[scope[:-1]].subgraph(graph)
    body: list[str] = tops.body
    return body


def _cluster(group: Group, number: int) -> Digraph:
    kind = f" {group.kind}" if group.kind and group.kind != group.name else ""
    looks = {"style": "rounded,filled", "color": LIGHT.hairline, "fontname": "Helvetica"}
    fill = LIGHT.sunken if group.depth % 2 else LIGHT.surface
    return Digraph(f"cluster {number}", graph_attr=looks | {"fillcolor": fill, "label": _escaped(group.name + kind)})


def _add_node(dot: Digraph, run: Run, index: int, seen: Condensed | None, colors: Painted | None) -> None:
    entry = None if colors is None else colors.entry(index)
    theme = LIGHT if entry is None else tinted(LIGHT, entry.light, ink(entry.light))
    hue = LIGHT.roles[role(run, index) or "constant"].mark
    words = [] if colors is None or not colors.text(index) else [f"{colors.overlay.title}: {colors.text(index)}"]
    tooltip = ", ".join([describe(run, index), *words])
    label = _node_label(run, index, theme, _title(run, index, seen), words)
    fill = None if entry is None else entry.light
    dot.node(_name(run, index), label, color=hue, fillcolor=fill, tooltip=_quoted(tooltip))


def _title(run: Run, index: int, seen: Condensed | None) -> tuple[str, str]:
    """What the node is called, and what it is."""
    if seen is None or index not in seen.group_of:
        return run.graph.ids[index], _what(run, index)
    group = seen.groups.by_key[seen.group_of[index]]
    return group.name, " ".join(filter(None, (group.kind, contents_text(seen.groups.contents(group.key)))))


def _legend(colors: Painted) -> str:
    """A table of swatches."""
    cells = "".join(
        f'<td bgcolor="{entry.light}"><font color="{ink(entry.light)}">{_markup(entry.mark or " ")}</font></td>'
        f"<td>{_markup(entry.label)}</td>"
        for entry in colors.entries
    )
    title = f"<td><b>{_markup(colors.overlay.title)}</b></td>"
    return f'<<table border="0" cellborder="0" cellspacing="4"><tr>{title}{cells}</tr></table>>'


def _name(run: Run, index: int) -> str:
    """The id, or for one that DOT would read as more than a name the node's number."""
    id_ = run.graph.ids[index]
    return id_ if _PLAIN.fullmatch(id_) else f"node {index}"


def _node_label(run: Run, index: int, theme: Theme, title: tuple[str, str], words: Sequence[str]) -> str:
    value, grad = run.values[index], run.grads[index]
    head = f'<font color="{theme.primary}"><b>{_markup(title[0])}</b></font>'
    below = f'<font point-size="10" color="{theme.tertiary}">{_markup(title[1])}</font>'
    rows = [f"<tr><td>{head}</td><td>{below}</td></tr>"]
    rows.append(_row("value", value, theme, theme.roles["forward"].text))
    symbol = labels.gradient_symbol(run, index)
    color = theme.roles["gradient"].text if theme is LIGHT else theme.primary
    rows.append(_row(symbol, grad, theme, color, "no gradient"))
    rows += [f'<tr><td colspan="2"><font color="{theme.primary}">{_markup(word)}</font></td></tr>' for word in words]
    return f'<<table border="0" cellborder="0" cellspacing="2">{"".join(rows)}</table>>'


def _row(word: str, number: float | Tensor | None, theme: Theme, color: str, instead: str = "not computed") -> str:
    if number is None:
        return f'<tr><td colspan="2"><font color="{theme.tertiary}">{instead}</font></td></tr>'
    figure = labels.figure(number)
    if isinstance(number, Tensor):
        figure = f"{list(number.shape)}, norm {figure}"
    cell = f'<td align="right"><font color="{color}">{_markup(figure)}</font></td>'
    return f'<tr><td align="left"><font color="{theme.primary}">{_markup(word)}</font></td>{cell}</tr>'


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


def _escaped(text: str) -> str:
    """Text for a plain label, whatever it begins with."""
    return str(nohtml(_quoted(text)))


def _quoted(text: str) -> str:
    r"""Text for a quoted string, where a backslash would start an escape such as ``\N``."""
    return legal(text).replace("\\", "\\\\")
