"""Every node of a graph for the browser, also those that closed groups hide: to be found, and followed to its kin.

It is one text and a few columns, read by the browser only when something is looked for. All but ``shown`` is the same
whichever groups are open, and made once.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from explorer.canvas.grouped import shape_text
from explorer.graph import Graph
from explorer.ops.explain import explain
from explorer.passes.condense import Condensed
from explorer.passes.groups import Groups


class Catalogue(NamedTuple):
    """``header`` has the different operations, shapes and groups; ``columns`` say per node which of them are its own.

    ``ids`` is a JSON list in UTF-8, ``inputs`` the number of inputs per node, and ``sources`` the nodes that they come
    from, one node after the other. ``group`` is the innermost group around a node, or -1.
    """

    header: Mapping[str, Any]
    columns: Mapping[str, NDArray[Any]]


def catalogue(seen: Condensed | None) -> tuple[Mapping[str, Any] | None, dict[str, NDArray[Any]]]:
    """The header and the columns; nothing where the nodes that are drawn are all there are."""
    if seen is None:
        return None, {}
    if seen.groups not in _MADE:
        _MADE[seen.groups] = _made(seen.groups)
    header, columns = _MADE[seen.groups]
    return header, {**columns, "shown": np.asarray(seen.node_of, np.uint32)}


_MADE: WeakKeyDictionary[Groups, Catalogue] = WeakKeyDictionary()


def _made(groups: Groups) -> Catalogue:
    graph = groups.graph
    ops, op = _numbered((found.name, found.label) for found in (explain(graph, i) for i in range(len(graph))))
    shapes, shape = _numbered(shape_text(shape) for shape in graph.shapes)
    place = {key: number for number, key in enumerate(groups.by_key)}
    rows = [
        {"key": key, "title": group.name, "kind": group.kind, "parent": place.get(group.parent, -1)}
        for key, group in groups.by_key.items()
    ]
    columns: dict[str, NDArray[Any]] = {
        "ids": np.frombuffer(_listed(graph), np.uint8),
        "op": op.astype(np.uint32),
        "shape": shape.astype(np.uint32),
        "group": np.array([place.get(groups.of(index), -1) for index in range(len(graph))], np.int32),
        "inputs": np.array([len(ports) for ports in graph.inputs], np.uint32),
        "sources": np.array([source for ports in graph.inputs for source in ports], np.uint32),
    }
    return Catalogue({"ops": ops, "shapes": shapes, "groups": rows}, columns)


def _listed(graph: Graph) -> bytes:
    return json.dumps(graph.ids, ensure_ascii=True, separators=(",", ":")).encode()


def _numbered(things: Iterable[Hashable]) -> tuple[list[Any], NDArray[np.intp]]:
    """Every different thing once, and per place the number of its own."""
    numbers: dict[Hashable, int] = {}
    places = [numbers.setdefault(thing, len(numbers)) for thing in things]
    return list(numbers), np.array(places, np.intp)
