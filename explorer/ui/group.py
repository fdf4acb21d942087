"""A group that was selected: what it is, what is in it, what goes in and what comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from explorer.export.terms import Terms
from explorer.graph import LEAVES
from explorer.ops.explain import explain
from explorer.passes.groups import Groups
from explorer.ui.html import Markup, inline, join, tag
from explorer.ui.view import View

MOST_ROWS = 8
"""Values and kinds of operation beyond are counted, not listed."""


def panel(view: View, key: str | None) -> Markup:
    """Its path and class, then the numbers; what follows on the page is about its result. Nothing for a node."""
    groups = view.groups
    if groups is None or key not in groups.by_key:
        return join("")
    group, contents = groups.by_key[key], groups.contents(key)
    counts = [_count(contents.operations, "operation")]
    if contents.parameters:
        counts.append(_count(contents.parameters, "parameter"))
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
    rows = [(inline(terms.symbol(index)), _shape(graph.shapes[index])) for index in nodes[:MOST_ROWS]]
    return _table(title, "shape", rows, len(nodes) - MOST_ROWS)


def _kinds(groups: Groups, key: str) -> Markup:
    """A row a kind of operation, the most frequent first."""
    graph = groups.graph
    operations = [index for index in groups.by_key[key].members if graph.ops[index] not in LEAVES]
    counted = Counter(explain(graph, index).label for index in operations).most_common()
    rows = [(join(label), str(count)) for label, count in counted[:MOST_ROWS]]
    return _table("Operations", "times", rows, len(counted) - MOST_ROWS)


def _table(title: str, unit: str, rows: Sequence[tuple[Markup, str]], more: int) -> Markup:
    if not rows:
        return join("")
    lines = [tag("tr", tag("td", name, class_="x-name"), tag("td", value)) for name, value in rows]
    if more > 0:
        lines.append(tag("tr", tag("td", f"and {more} more", class_="x-quiet")))
    return tag("table", tag("tr", tag("th", title), tag("th", unit)), *lines, class_="x-table x-close")


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape)) or "single number"
