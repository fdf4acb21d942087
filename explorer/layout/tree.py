"""Groups within groups, from the scopes of a graph's nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import networkx as nx

from explorer.layout.level import Segment

Scope: TypeAlias = tuple[tuple[str, int], ...]
"""The names of groups from the outside in, each with its part."""


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
    root = Group(())
    homes: dict[Scope, Group] = {(): root}
    for node, scope in enumerate(_split(inputs, scopes)):
        home = homes.get(scope)
        if home is None:
            home = _settle(homes, scope)
        home.children.append(node)
    groups: list[Group] = []
    stack = [root]
    while stack:
        groups.append(stack.pop())
        stack.extend(child for child in reversed(groups[-1].children) if isinstance(child, Group))
    return groups


def _settle(homes: dict[Scope, Group], scope: Scope) -> Group:
    """The group of a scope, made with all around it that are not there yet."""
    around = homes[()]
    for depth in range(1, len(scope) + 1):
        group = homes.get(scope[:depth])
        if group is None:
            name, part = scope[depth - 1]
            group = homes[scope[:depth]] = Group((*around.scope, name), part, around, len(around.children))
            around.children.append(group)
        around = group
    return around


def _split(inputs: Sequence[Sequence[int]], scopes: Sequence[tuple[str, ...]]) -> Sequence[Scope]:
    """Per node the names of its groups, each with its part: 0 but where a scope is several groups."""
    whole = {scope: tuple((name, 0) for name in scope) for scope in dict.fromkeys(scopes)}
    split = [whole[scope] for scope in scopes]
    for suspect in sorted(_left_and_entered(inputs, scopes), key=len):
        depth = len(suspect)
        inside: dict[Scope, list[int]] = defaultdict(list)
        for node, scope in enumerate(scopes):
            if scope[:depth] == suspect:
                inside[split[node][:depth]].append(node)
        for members in inside.values():
            names = {node: scopes[node][depth] for node in members if len(scopes[node]) > depth}
            for node, named in _parts(inputs, members, names).items():
                split[node] = (*split[node][:depth], named, *split[node][depth + 1 :])
    return split


def _left_and_entered(inputs: Sequence[Sequence[int]], scopes: Sequence[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The scopes around a group that reads what was made after its first node: only there a circle can be.

    Mostly there are none.
    """
    first: dict[tuple[str, ...], int] = {}
    starts: dict[tuple[str, ...], list[int]] = {}
    found: set[tuple[str, ...]] = set()
    for node, scope in enumerate(scopes):
        if scope not in starts:
            starts[scope] = [first.setdefault(scope[: depth + 1], node) for depth in range(len(scope))]
        for source in inputs[node]:
            other = scopes[source]
            if other is not scope and other != scope:
                common = _common(scope, other)
                if common < len(scope) and source > starts[scope][common]:
                    found.add(scope[:common])
    return found


def _common(scope: Sequence[str], other: Sequence[str]) -> int:
    """How many groups are around both."""
    for depth, (name, another) in enumerate(zip(scope, other, strict=False)):
        if name != another:
            return depth
    return min(len(scope), len(other))


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
    inside = set(members)
    quotient = nx.DiGraph()
    for node in members:
        unit = names.get(node, node)
        sources = {names.get(source, source) for source in inputs[node] if source in inside}
        quotient.add_edges_from((source, unit) for source in sources - {unit})
    circles = (found for found in nx.strongly_connected_components(quotient) if len(found) > 1)
    return {unit: number for number, circle in enumerate(circles) for unit in circle}
