"""Groups within groups, from the scopes of a graph's nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

from explorer.layout.level import Segment


@dataclass(eq=False, slots=True)
class Group:
    """A scope, or a part of one: its nodes and the groups within, in execution order of their first node.

    Where values leave a scope and come back, no box could show it: such a scope is several groups, and ``part``
    counts them from 0. A value (the node that makes it) crosses the border of a group at one port; ``entries`` and
    ``exits`` number the ports. ``segments`` number the wires between the children's ports and the border's, and
    ``values`` has their values. ``place`` is the group's own number among the children of the group ``around``.
    """

    scope: tuple[str, ...]
    part: int = 0
    around: Group | None = None
    place: int = 0
    children: list[int | Group] = field(default_factory=list)
    segments: dict[Segment, int] = field(default_factory=dict)
    values: list[int] = field(default_factory=list)
    entries: dict[int, int] = field(default_factory=dict)
    exits: dict[int, int] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """How many groups are around it."""
        return len(self.scope)


def grow(inputs: Sequence[Sequence[int]], scopes: Sequence[tuple[str, ...]]) -> list[Group]:
    """All groups, the root first and each before what it holds; the root's scope is empty."""
    groups: list[Group] = []
    stack: list[tuple[Group, Sequence[int]]] = [(Group(()), range(len(inputs)))]
    while stack:
        group, members = stack.pop()
        groups.append(group)
        parts = _parts(inputs, members, {v: scopes[v][group.depth] for v in members if len(scopes[v]) > group.depth})
        inner: dict[tuple[str, int], tuple[Group, list[int]]] = {}
        for node in members:
            if node not in parts:
                group.children.append(node)
                continue
            if parts[node] not in inner:
                name, part = parts[node]
                made = Group((*group.scope, name), part, group, len(group.children))
                inner[name, part] = made, []
                group.children.append(made)
            inner[parts[node]][1].append(node)
        stack.extend(reversed(inner.values()))
    return groups


def _parts(
    inputs: Sequence[Sequence[int]], members: Sequence[int], names: Mapping[int, str]
) -> Mapping[int, tuple[str, int]]:
    """The name and part of each member that belongs to an inner group: no two parts depend on each other."""
    level = _levels(inputs, members, names) if names else {}
    found: dict[str, set[int]] = defaultdict(set)
    for node, name in names.items():
        found[name].add(level.get(node, 0))
    part = {(name, at): place for name, levels in found.items() for place, at in enumerate(sorted(levels))}
    return {node: (name, part[name, level.get(node, 0)]) for node, name in names.items()}


def _levels(inputs: Sequence[Sequence[int]], members: Sequence[int], names: Mapping[int, str]) -> Mapping[int, int]:
    """Per node on a circle, how often at most a way through the circle has changed between groups before it."""
    circle = _circles(inputs, members, names)
    level: dict[int, int] = {}
    for node in members if circle else ():
        unit = names.get(node, node)
        if unit in circle:
            before = [source for source in inputs[node] if circle.get(names.get(source, source)) == circle[unit]]
            level[node] = max(
                (level[source] + (names.get(source, source) != unit) for source in before if source in level), default=0
            )
    return level


def _circles(
    inputs: Sequence[Sequence[int]], members: Sequence[int], names: Mapping[int, str]
) -> Mapping[str | int, int]:
    """Names and single nodes that depend on each other in a circle, and which circle it is."""
    if _are_entered_once(inputs, members, names):
        return {}
    inside = set(members)
    quotient = nx.DiGraph()
    for node in members:
        unit = names.get(node, node)
        sources = {names.get(source, source) for source in inputs[node] if source in inside}
        quotient.add_edges_from((source, unit) for source in sources - {unit})
    circles = (found for found in nx.strongly_connected_components(quotient) if len(found) > 1)
    return {unit: number for number, circle in enumerate(circles) for unit in circle}


def _are_entered_once(inputs: Sequence[Sequence[int]], members: Sequence[int], names: Mapping[int, str]) -> bool:
    """Whether all that a group reads was made before its first node: then no circle can be, and mostly it is so."""
    first: dict[str, int] = {}
    for node in members:
        name = names.get(node)
        if name is not None:
            begin = first.setdefault(name, node)
            if any(source > begin and names.get(source) != name for source in inputs[node]):
                return False
    return True
