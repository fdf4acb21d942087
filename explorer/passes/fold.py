"""Sibling groups that hold the same operations, shape by shape, and run one after the other: the blocks of a deep
model, the turns of a loop. They fold into one, of which one may be looked into while the others stay folded.

What of a fold is looked into is part of what is open: beside the keys of open groups stands ``<fold>#<place>``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from explorer.graph import LEAVES, Graph

FEWEST = 4
"""Three blocks in a row are read as fast as one that says so."""

_NUMBERED = re.compile(r"(.*?)(\d+)")
_UNLIKE = frozenset({"call", "file", "function", "grad_fn"})
"""Attributes that say where an operation was written and what went into it, not what it does."""


class Sibling(NamedTuple):
    """A group as it is compared: its operations are those from ``first`` to ``last``."""

    key: str
    scope: tuple[str, ...]
    name: str
    kind: str
    first: int
    last: int


def runs(graph: Graph, families: Sequence[Sequence[Sibling]]) -> list[list[Sibling]]:
    """All stretches of at least ``FEWEST`` equal siblings; a family is the groups within one, in their order."""
    families = [family for family in families if len(family) >= FEWEST]
    if not families:
        return []
    compared = _Compared(graph)
    return [run for family in families for run in _stretches(compared, family) if len(run) >= FEWEST]


def _stretches(compared: _Compared, family: Sequence[Sibling]) -> Iterator[list[Sibling]]:
    run = [family[0]]
    for sibling in family[1:]:
        if compared.goes_on(run[-1], sibling):
            run.append(sibling)
        else:
            yield run
            run = [sibling]
    yield run


class _Compared:
    """Groups of one graph by what they compute. Each is looked at once, and only beside one of its size."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.ordinal = list(accumulate((op not in LEAVES for op in graph.ops), initial=0))
        tokens: dict[object, int] = {}
        self.token = [tokens.setdefault(_work(graph, index), len(tokens)) for index in range(len(graph))]
        self._known: dict[str, object] = {}

    def goes_on(self, one: Sibling, other: Sibling) -> bool:
        """Whether ``other`` runs right after ``one``, is numbered after it and computes the same."""
        if self.ordinal[one.last + 1] != self.ordinal[other.first] or one.kind != other.kind:
            return False
        if self._size(one) != self._size(other) or not _counts_up(one.name, other.name):
            return False
        return self._contents(one) == self._contents(other)

    def _size(self, group: Sibling) -> int:
        return self.ordinal[group.last + 1] - self.ordinal[group.first]

    def _contents(self, group: Sibling) -> object:
        if group.key not in self._known:
            self._known[group.key] = tuple(self._rows(group))
        return self._known[group.key]

    def _rows(self, group: Sibling) -> Iterator[object]:
        """Per operation what it does, where in the group it is, and what it reads, by numbers of the group's own."""
        graph, depth = self.graph, len(group.scope)
        place: dict[int, int] = {}
        outside: dict[int, int] = {}
        for index in range(group.first, group.last + 1):
            if graph.ops[index] in LEAVES:
                continue
            ports: list[tuple[int, object]] = []
            for source in graph.inputs[index]:
                if source in place:
                    ports.append((place[source], 0))
                else:
                    number = outside.setdefault(source, -1 - len(outside))
                    ports.append((number, self._outside(source)))
            place[index] = len(place)
            yield self.token[index], graph.scopes[index][depth:], tuple(ports)

    def _outside(self, source: int) -> object:
        """A value from outside is compared by its shape; a leaf too by its kind, but for inputs, which are values."""
        graph = self.graph
        leaf = graph.ops[source] if graph.ops[source] in LEAVES and graph.ops[source] != "input" else ""
        return leaf, graph.shapes[source], graph.dtypes[source]


def _work(graph: Graph, index: int) -> object:
    """What an operation does, without what it does it to."""
    attrs = graph.attrs.get(index)
    plain = tuple((key, repr(value)) for key, value in attrs.items() if key not in _UNLIKE) if attrs else ()
    return graph.ops[index], graph.shapes[index], graph.dtypes[index], plain


def _counts_up(one: str, other: str) -> bool:
    """``h.3`` after ``h.2``."""
    before, after = _NUMBERED.fullmatch(one), _NUMBERED.fullmatch(other)
    return bool(before and after and before[1] == after[1] and int(after[2]) == int(before[2]) + 1)


def title(run: Sequence[Sibling]) -> str:
    """``Block × 12``, or of the turns of a loop ``for i × 12``."""
    return f"{run[0].kind or run[0].name.rstrip('0123456789').rstrip(' =.')} × {len(run)}"


def scope(run: Sequence[Sibling]) -> tuple[str, ...]:
    """``("h", "0…11")``: where the first stands, up to the number of the last."""
    (*around, first), last = run[0].scope, run[-1].scope[-1]
    number = _NUMBERED.fullmatch(last)
    return (*around, f"{first}…{number[2] if number else last}")


def picks(opened: Collection[str]) -> Mapping[str, int]:
    """Which one of each fold is looked into."""
    found = (key.rpartition("#") for key in opened)
    return {fold: int(place) for fold, _, place in found if fold and place.isdecimal()}


def pick(opened: Collection[str], fold: str, keys: Sequence[str], place: int) -> frozenset[str]:
    """What is open once one of a fold is looked into, and only that; from none on (-1) all of its own are seen.

    ``keys`` are those of all that are folded. What was open inside the one before is open in the next, too.
    """
    before = picks(opened).get(fold, -1)
    found = {key for key in opened if key != f"{fold}#{before}"} | {fold}
    if place < 0:
        return frozenset(found)
    found |= {f"{fold}#{place}", keys[place]}
    if before >= 0 and before != place:
        inside = {key for key in found if key == keys[before] or key.startswith(f"{keys[before]}/")}
        found |= {keys[place] + key[len(keys[before]) :] for key in inside}
        found -= inside
    return frozenset(found)


def parts(count: int, place: int) -> list[tuple[int, int]]:
    """From where to where the parts of a fold go when one of it is looked into: those before, it, those after."""
    bounds = sorted({0, place, place + 1, count})
    return list(pairwise(bounds))
