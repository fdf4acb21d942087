"""What the browser gets of groups: those that are seen, open or closed, and the frames of the open ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from explorer.layout import Frame, Placement
from explorer.passes.condense import Condensed
from explorer.passes.groups import Folded, Groups
from explorer.run import Run
from explorer.segment.cost import flops_of


def grouped(seen: Condensed | None, placement: Placement) -> tuple[list[dict[str, Any]], NDArray[np.int32]]:
    """Every group that is seen, outer ones before inner ones, and per node the place of its own among them.

    A group is closed where it has a ``node``; else it is open and has a frame, or several where values leave it and
    come back. A node in no group has -1.
    """
    if seen is None:
        return [], np.full(len(placement.x), -1, np.int32)
    frames: dict[str, list[Frame]] = {}
    for frame in placement.groups:
        frames.setdefault(frame.scope[-1], []).append(frame)
    nodes = {key: place for place, key in seen.group_of.items()}
    shown = [key for key in seen.groups.by_key if key in nodes or key in frames]
    places = {key: place for place, key in enumerate(shown)}
    rows = [_row(seen, key, nodes.get(key, -1), frames.get(key, []), places) for key in shown]
    scopes = seen.run.graph.scopes
    return rows, np.array([places[scope[-1]] if scope else -1 for scope in scopes], np.int32)


def hidden(run: Run, seen: Condensed | None) -> dict[str, Any]:
    """The values that closed groups hand on beside their results: of which node, what they are called, their shape."""
    graph, originals = run.graph, () if seen is None else seen.hidden
    return {
        "count": len(originals),
        "node": [] if seen is None else [seen.node_of[original] for original in originals],
        "name": [graph.symbol(original) for original in originals],
        "id": [graph.ids[original] for original in originals],
        "shape": [shape_text(graph.shapes[original]) for original in originals],
    }


def depths(seen: Condensed | None, most: int | None = None) -> Mapping[str, int]:
    """How deep groups are nested (``most``), down to where all are open (``full``), and the deepest open one."""
    if seen is None:
        return {"full": 0, "deepest": 0, "most": 0}
    groups = seen.groups
    closed = [groups.level(key) for key in seen.group_of.values()]
    deepest = max((groups.level(scope[-1]) for scope in set(seen.run.graph.scopes) if scope), default=0)
    full = min(closed, default=groups.depth + 1) - 1
    return {"full": full, "deepest": deepest, "most": groups.depth if most is None else most}


def fingerprint(run: Run) -> int:
    """The same for two runs of one graph, whichever of its groups are open."""
    return crc32("\n".join(run.graph.ids).encode("utf-8", "surrogatepass"))


def shape_text(shape: Sequence[int]) -> str:
    """``[2, 3]``, or "" for a single number."""
    return f"[{', '.join(map(str, shape))}]" if shape else ""


def _row(seen: Condensed, key: str, node: int, frames: Sequence[Frame], places: Mapping[str, int]) -> dict[str, Any]:
    group, contents = seen.groups.by_key[key], seen.groups.contents(key)
    return {
        "key": key,
        "title": group.name,
        "kind": group.kind,
        "depth": seen.groups.level(key),
        "parent": places.get(group.parent, -1),
        "node": node,
        "operations": contents.operations,
        "parameters": contents.parameters,
        "flops": _flops(seen.groups, key),
        "fold": _fold(seen.groups, group.folded),
        "frames": [_rectangle(frame) for frame in frames],
    }


_FLOPS: WeakKeyDictionary[Groups, dict[str, float]] = WeakKeyDictionary()


def _flops(groups: Groups, key: str) -> float:
    """Of all operations in a group, in the forward pass."""
    known = _FLOPS.setdefault(groups, {})
    if key not in known:
        known[key] = sum(flops_of(groups.graph, index) for index in groups.by_key[key].members)
    return known[key]


def _fold(groups: Groups, folded: Folded | None) -> Mapping[str, Any] | None:
    """Of which fold it shows those from where to where, how many that has, and which one is looked into (or -1)."""
    if folded is None:
        return None
    one = groups.picks.get(folded.whole, -1)
    return {"whole": folded.whole, "start": folded.start, "stop": folded.stop, "count": len(folded.keys), "one": one}


def _rectangle(frame: Frame) -> dict[str, Any]:
    """Its corner and size, where its title starts, and the points at which values cross its border."""
    ports = [[port.x, port.y] for port in (*frame.entries, *frame.exits)]
    return {
        "x": frame.x,
        "y": frame.y,
        "w": frame.width,
        "h": frame.height,
        "title": list(frame.title),
        "ports": ports,
    }
