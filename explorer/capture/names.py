"""What can be said of a program's names before it runs: its inputs, and who defines whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

import networkx as nx

from explorer.capture.grammar import CONSTANTS, FUNCTIONS

KNOWN = frozenset({*FUNCTIONS, *CONSTANTS, "range"})


@dataclass
class Names:
    """``free``: names read before any assignment, with the line of the first reading, in that order.
    ``assigned``: the line of the first assignment of a name. ``uses``: per assigned name the names it is made of.
    """

    free: dict[str, int] = field(default_factory=dict)
    assigned: dict[str, int] = field(default_factory=dict)
    uses: dict[str, set[str]] = field(default_factory=dict)

    def cycle(self, name: str) -> list[str]:
        """A chain of definitions that leads from ``name`` back to it, or nothing."""
        graph = nx.DiGraph((user, used) for user, names in self.uses.items() for used in names)
        if name not in graph:
            return []
        if graph.has_edge(name, name):
            return [name, name]
        for first in graph.successors(name):
            if nx.has_path(graph, first, name):
                return [name, *nx.shortest_path(graph, first, name)]
        return []


def survey(tree: ast.Module) -> Names:
    """Walk the statements in the order of the text."""
    found = Names()
    for statement in _statements(tree.body):
        reads = [n for part in _expressions(statement) for n in _reads(part)]
        for name in reads:
            if name.id not in found.assigned and name.id not in KNOWN:
                found.free.setdefault(name.id, name.lineno)
        for target in _targets(statement):
            found.assigned.setdefault(target, statement.lineno)
            found.uses.setdefault(target, set()).update(name.id for name in reads if name.id not in KNOWN)
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    waiting = list(reversed(body))
    while waiting:
        statement = waiting.pop()
        yield statement
        inner = [*getattr(statement, "body", []), *getattr(statement, "orelse", [])]
        waiting.extend(reversed(inner))


def _expressions(statement: ast.stmt) -> list[ast.expr]:
    """The expressions that a statement itself reads, without its body's."""
    reads = [getattr(statement, name, None) for name in ("value", "test", "iter")]
    if isinstance(statement, ast.AugAssign):
        reads.append(statement.target)
    return [part for part in reads if isinstance(part, ast.expr)]


def _reads(expression: ast.expr) -> list[ast.Name]:
    names = [node for node in ast.walk(expression) if isinstance(node, ast.Name)]
    return sorted(names, key=lambda name: (name.lineno, name.col_offset))


def _targets(statement: ast.stmt) -> list[str]:
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]
