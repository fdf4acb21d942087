"""Groups of a graph: module calls, loop turns.

A scope that is left and entered again is another group, so that a group is always a stretch of execution: no
path leaves it and comes back, and closing any set of groups leaves a graph without cycles. A leaf that only one
group uses lives in that group, wherever it was made; one result of several lives where all were made. A list of
modules does nothing of its own: it is no group, but part of the names of those in it (``h.0``).

Equal siblings in a row are in a group of their own, a *fold* (see fold.py): ``Block × 12``. Where one of them is looked
into, those before it and those after it are folds within the fold. Many leaves that only one node uses are a group too:
``parameters × 12``. Such groups of leaves open with the last level, after all others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from explorer.graph import LEAVES, Graph
from explorer.passes import fold
from explorer.passes.contents import Contents, contents
from explorer.passes.fold import Sibling
from explorer.passes.leaves import gathered, plural

Scope = tuple[str, ...]


class Folded(NamedTuple):
    """What a group folds: those from ``start`` to ``stop`` of all ``keys`` that the fold called ``whole`` folds."""

    whole: str
    keys: Sequence[str]
    start: int
    stop: int


@dataclass(frozen=True)
class Group:
    """A stretch of execution under one scope. ``key`` is unique; ``members`` are node indices, inner ones too.

    ``name`` is what sets its scope apart from the group around it, ``depth`` how many groups are around it,
    counting from 1, ``kind`` the class of the module or "". A fold says what it has ``folded``.
    """

    key: str
    scope: Scope
    name: str
    kind: str
    parent: str
    depth: int
    children: list[str] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    folded: Folded | None = None


class _Fold(NamedTuple):
    """What ``Groups`` makes a fold from."""

    key: str
    scope: Scope
    name: str
    kind: str
    parent: str
    folded: Folded


class Groups:
    """All groups of a graph by key, outer ones before inner ones, and the innermost group of every node.

    ``picks`` says which one of a fold is looked into, by its key. ``of_leaves`` are the keys of the groups of leaves.
    """

    def __init__(self, graph: Graph, picks: Mapping[str, int] | None = None) -> None:
        self.graph, self.picks = graph, dict(picks or {})
        self.by_key: dict[str, Group] = {}
        self.of_leaves: set[str] = set()
        self._of = [""] * len(graph)
        self._around: dict[str, tuple[str, ...]] = {"": ()}
        self._contents: dict[str, Contents] = {}
        self._entries: dict[str, Sequence[int]] = {}
        self._exits: dict[str, Sequence[int]] = {}
        self._last: dict[str, int] = {}
        self._enter_operations()
        self._fold()
        self._place_leaves()
        self._gather_leaves()
        for index, key in enumerate(self._of):
            for around in self.around(key):
                self.by_key[around].members.append(index)

    def of(self, index: int) -> str:
        """The key of the innermost group of a node; "" at the top."""
        return self._of[index]

    def around(self, key: str) -> Sequence[str]:
        """The groups from the outermost to ``key`` itself."""
        return self._around[key]

    @cached_property
    def depth(self) -> int:
        """The last level: how deep groups are nested, and one more for groups of leaves; 0 where there are none."""
        nested = max((group.depth for key, group in self.by_key.items() if key not in self.of_leaves), default=0)
        return nested + bool(self.of_leaves)

    def level(self, key: str) -> int:
        """With which level a group opens."""
        return self.depth if key in self.of_leaves else self.by_key[key].depth

    def down_to(self, depth: int) -> frozenset[str]:
        """The keys to open so that groups show down to ``depth`` (0: all closed)."""
        return frozenset(key for key in self.by_key if self.level(key) <= depth)

    def outermost_closed(self, opened: Collection[str]) -> Mapping[str, str]:
        """Per group, and for the top (""), the outermost closed one around it or itself; "" where all are open."""
        found = {"": ""}
        for key, group in self.by_key.items():
            found[key] = found[group.parent] or ("" if key in opened else key)
        return found

    def steps(self, opened: Collection[str]) -> int:
        """How many operations and closed groups are seen with exactly these groups open."""
        closed = self.outermost_closed(opened)
        operations = (index for index, op in enumerate(self.graph.ops) if op not in LEAVES)
        return len({closed[self._of[index]] or index for index in operations})

    def entries(self, key: str) -> Sequence[int]:
        """The values from outside that are read in a group, in the order of their first use."""
        if key not in self._entries:
            members = self.by_key[key].members
            inside = set(members)
            sources = chain.from_iterable(self.graph.inputs[index] for index in members)
            self._entries[key] = list(dict.fromkeys(source for source in sources if source not in inside))
        return self._entries[key]

    def exits(self, key: str) -> Sequence[int]:
        """The values of a group that are used outside, or are results of the graph."""
        if key not in self._exits:
            inside = set(self.by_key[key].members)
            self._exits[key] = [index for index in self.by_key[key].members if self._is_exit(index, inside)]
        return self._exits[key]

    def _is_exit(self, index: int, inside: Collection[int]) -> bool:
        leaves = any(target not in inside for target, _ in self.graph.consumers[index])
        return leaves or index in self.graph.outputs

    def contents(self, key: str) -> Contents:
        """A parameter that several groups read counts in each of them."""
        if key not in self._contents:
            self._contents[key] = contents(self.graph, self.by_key[key].members)
        return self._contents[key]

    def _enter_operations(self) -> None:
        starts = _Starts(self.graph.modules)
        inside: Sequence[Scope] = ()
        keys: list[str] = []
        for index, scope in enumerate(self.graph.scopes):
            if self.graph.ops[index] in LEAVES:
                continue
            several = next((source for source in self.graph.inputs[index] if not self.graph.dtypes[source]), None)
            if several is not None:
                self._of[index] = self._of[several]
                continue
            now = starts[scope]
            common = _common(inside, now)
            del keys[common:]
            for start in now[common:]:
                keys.append(self._new(start, keys[-1] if keys else ""))
            inside = now
            self._of[index] = keys[-1] if keys else ""
            if keys:
                self._last[keys[-1]] = index

    def _new(self, scope: Scope, parent: str) -> str:
        key = self._unused("/".join(scope))
        outer = self.by_key[parent].scope if parent else ()
        name = ".".join(scope[len(outer) :])
        self._add(key, scope, name, self.graph.modules.get(scope, ""), parent)
        return key

    def _unused(self, base: str) -> str:
        """Keys and the ids of nodes are different: one may stand for the other."""
        key, count = base, 1
        while key in self.by_key or key in self.graph.index:
            count += 1
            key = f"{base}~{count}"
        return key

    def _add(self, key: str, scope: Scope, name: str, kind: str, parent: str, folded: Folded | None = None) -> None:
        """As the last within its parent."""
        around = self._around[key] = (*self._around[parent], key)
        self.by_key[key] = Group(key, scope, name, kind, parent, len(around), [], [], folded)
        if parent:
            self.by_key[parent].children.append(key)

    def _fold(self) -> None:
        """Puts equal siblings that follow each other into folds, and builds the tree anew."""
        runs = fold.runs(self.graph, self._families())
        if not runs:
            return
        starts: dict[str, list[_Fold]] = {}
        parents: dict[str, str] = {}
        for run in runs:
            self._enter_fold(run, starts, parents)
        before, self.by_key, self._around = self.by_key, {}, {"": ()}
        for key, group in before.items():
            for begins in starts.get(key, ()):
                self._add(*begins)
            self._add(key, group.scope, group.name, group.kind, parents.get(key, group.parent))

    def _families(self) -> Sequence[Sequence[Sibling]]:
        """The groups within each group, and those in none, with the operations from which to which they run."""
        first: dict[str, int] = {}
        last = dict(self._last)
        for index, key in enumerate(self._of):
            if key and self.graph.ops[index] not in LEAVES:
                first.setdefault(key, index)
        families: dict[str, list[Sibling]] = {}
        for key, group in reversed(self.by_key.items()):
            begin, end = first[key], last[key]
            sibling = Sibling(key, group.scope, group.name, group.kind, begin, end)
            families.setdefault(group.parent, []).append(sibling)
            first[group.parent] = min(first.get(group.parent, begin), begin)
            last[group.parent] = max(last.get(group.parent, end), end)
        return [family[::-1] for family in families.values()]

    def _enter_fold(self, run: Sequence[Sibling], starts: dict[str, list[_Fold]], parents: dict[str, str]) -> None:
        """The fold of a run, and, where one of it is looked into, those of the parts before and after."""
        keys = tuple([sibling.key for sibling in run])
        whole, place = "/".join(fold.scope(run)), self.picks.get("/".join(fold.scope(run)), -1)
        parts = fold.parts(len(run), place) if 0 <= place < len(run) else []
        outer = self.by_key[keys[0]].parent
        for parent, start, stop in ((outer, 0, len(run)), *((whole, *part) for part in parts)):
            part = run[start:stop]
            if len(part) > 1:
                scope = fold.scope(part)
                key, folded = "/".join(scope), Folded(whole, keys, start, stop)
                starts.setdefault(keys[start], []).append(_Fold(key, scope, fold.title(part), "", parent, folded))
                parents.update(dict.fromkeys(keys[start:stop], key))
            else:
                parents[keys[start]] = whole

    def _place_leaves(self) -> None:
        """Into the innermost group around all that use it; one that nobody uses where its name says."""
        first = {group.scope: key for key, group in reversed(self.by_key.items())}
        for index, slots in enumerate(self.graph.consumers):
            if self.graph.ops[index] not in LEAVES or self.graph.ops[index] == "input":
                continue
            if slots:
                shared = _shared([self.around(self._of[target]) for target, _ in slots])
                self._of[index] = shared[-1] if shared else ""
            else:
                scope = self.graph.scopes[index]
                self._of[index] = next((first[part] for part in _outwards(scope) if part in first), "")

    def _gather_leaves(self) -> None:
        """Into groups of their own, see leaves.py."""
        for target, parent, leaves in gathered(self.graph, self._of):
            what = plural(self.graph, leaves)
            scope = (*(self.by_key[parent].scope if parent else ()), f"{what} of {self.graph.ids[target]}")
            key = self._unused("/".join(scope))
            self._add(key, scope, f"{what} × {len(leaves)}", "", parent)
            self.of_leaves.add(key)
            for index in leaves:
                self._of[index] = key


class _Starts(dict[Scope, Sequence[Scope]]):
    """Per scope the scopes of the groups around it: all that were called, or, in a program, every part."""

    def __init__(self, called: Mapping[Scope, str]) -> None:
        super().__init__()
        self._called = called

    def __missing__(self, scope: Scope) -> Sequence[Scope]:
        parts = [scope[: end + 1] for end in range(len(scope))]
        found = self[scope] = [part for part in parts if not self._called or part in self._called or part == scope]
        return found


def _outwards(scope: Scope) -> Iterator[Scope]:
    """The scope, the one around it, and so on."""
    return (scope[:end] for end in range(len(scope), 0, -1))


def _shared(chains: Sequence[Sequence[str]]) -> Sequence[str]:
    """What all chains have in common from the start."""
    shared = chains[0]
    for other in chains[1:]:
        shared = shared[: _common(shared, other)]
    return shared


def _common(one: Sequence[object], two: Sequence[object]) -> int:
    """How many parts two chains share from the start."""
    for place, (a, b) in enumerate(zip(one, two, strict=False)):
        if a != b:
            return place
    return min(len(one), len(two))
