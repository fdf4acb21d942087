"""A group that was selected: what it is, what is in it, what goes in and what comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from explorer.export.terms import Terms
from explorer.graph import LEAVES
from explorer.ops.explain import explain
from explorer.passes.groups import Groups
from explorer.ui.html import Markup, heads, inline, join, tag
from explorer.ui.view import View

MOST_ROWS, MOST_KINDS = 8, 24
"""Values, and kinds of operation, beyond are counted, not listed."""


def panel(view: View, key: str | None) -> Markup:
    """Its path and class, then the numbers; what follows on the page is about its result. Nothing for a node."""
    groups = view.groups
    if groups is None or key not in groups.by_key:
        return join("")
    group, contents = groups.by_key[key], groups.contents(key)
    parts = ((contents.operations, "operation"), (contents.parameters, "parameter"))
    counts = [_count(number, what) for number, what in parts if number]
    return join(
        tag("div", tag("b", ".".join(group.scope)), tag("span", group.kind, class_="x-quiet"), class_="x-section"),
        tag("div", ", ".join(counts), class_="x-caption"),
        _values(view, "Goes in", groups.entries(key)),
        _kinds(groups, key),
        _values(view, "Comes out", groups.exits(key)),
        tag("div", "Its result", class_="x-section"),
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _values(view: View, title: str, nodes: Sequence[int]) -> Markup:
    """A row a value: its name and its shape."""
    graph, terms = view.run.graph, Terms(view.run)
    if not nodes:
        return join("")
    rows = [
        tag("tr", tag("td", inline(terms.symbol(index)), class_="x-name"), tag("td", _shape(graph.shapes[index])))
        for index in nodes[:MOST_ROWS]
    ]
    if len(nodes) > MOST_ROWS:
        rows.append(tag("tr", tag("td", f"and {len(nodes) - MOST_ROWS} more", class_="x-quiet")))
    return tag("table", heads(title, "shape"), *rows, class_="x-table x-close")


def _kinds(groups: Groups, key: str) -> Markup:
    """``reshape × 14, softmax``, the most frequent first."""
    graph = groups.graph
    operations = [index for index in groups.by_key[key].members if graph.ops[index] not in LEAVES]
    counted = Counter(explain(graph, index).label for index in operations).most_common()
    listed = [f"{label} × {count}" if count > 1 else label for label, count in counted[:MOST_KINDS]]
    more = [f"and {len(counted) - MOST_KINDS} more"] if len(counted) > MOST_KINDS else []
    return tag("div", ", ".join([*listed, *more]), class_="x-caption")


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape)) or "single number"
