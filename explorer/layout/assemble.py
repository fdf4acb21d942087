"""All sheets in one drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.layout.inside_out import Sheets
from explorer.layout.placement import Direction, Frame, Placement, Port
from explorer.layout.sheet import Columns, Sheet
from explorer.layout.tree import Group
from explorer.layout.wiring import Way


def assemble(
    groups: Sequence[Group], sheets: Sheets, ways: Sequence[Way], nodes: int, direction: Direction
) -> Placement:
    """``sheets`` has one per group; the route of every edge is joined from the segments of its way."""
    origins = _origins(groups, sheets)
    root = sheets[groups[0]]
    width, height = _turn(direction, root.breadth, root.depth)
    places = _turned(_places(groups, sheets, origins, nodes), direction)
    starts, points, chips = _edges(groups, sheets, origins, ways)
    return Placement(
        direction,
        _fixed(places[:, 0].copy()),
        _fixed(places[:, 1].copy()),
        width,
        height,
        _fixed(starts),
        _turned(points, direction),
        _turned(chips, direction),
        tuple(_frame(group, sheets[group], origins[group], direction) for group in groups[1:]),
    )


def _origins(groups: Sequence[Group], sheets: Sheets) -> dict[Group, Columns]:
    """The upper left corner of every group."""
    origins = {groups[0]: np.zeros(2)}
    for group in groups[1:]:
        assert group.around is not None
        origins[group] = origins[group.around] + sheets[group.around].corners[group.place]
    return origins


def _places(groups: Sequence[Group], sheets: Sheets, origins: Mapping[Group, Columns], nodes: int) -> Columns:
    """The upper left corner of every node."""
    found = np.zeros((nodes, 2))
    for group in groups:
        cards = [(child, place) for place, child in enumerate(group.children) if not isinstance(child, Group)]
        if cards:
            children, places = zip(*cards, strict=True)
            found[list(children)] = sheets[group].corners[list(places)] + origins[group]
    return found


def _edges(
    groups: Sequence[Group], sheets: Sheets, origins: Mapping[Group, Columns], ways: Sequence[Way]
) -> tuple[NDArray[np.uint32], Columns, Columns]:
    """The routes of all edges, and the label of each edge's last segment.

    Each segment of a way begins where the one before ends, so its start point is left out but for the first.
    """
    segments = [sheets[group] for group in groups]
    points = np.concatenate([sheet.points + origins[group] for group, sheet in zip(groups, segments, strict=True)])
    chips = np.concatenate([sheet.chips + origins[group] for group, sheet in zip(groups, segments, strict=True)])
    lengths = np.concatenate([np.diff(sheet.starts) for sheet in segments])
    begins = np.concatenate([[0], np.cumsum(lengths)])[:-1]

    number = dict(zip(groups, np.cumsum([0, *(len(group.values) for group in groups)]).tolist(), strict=False))
    used = np.array([number[group] + segment for way in ways for group, segment in way], dtype=np.int64)
    last = np.cumsum([len(way) for way in ways], dtype=np.int64) - 1
    first = np.concatenate([[0], last[:-1] + 1]) if len(ways) else last
    later = np.ones(len(used), dtype=np.int64)
    later[first] = 0

    taken = lengths[used] - later
    ends = np.cumsum(taken)
    index = np.arange(taken.sum()) + np.repeat(begins[used] + later - (ends - taken), taken)
    starts = np.concatenate([[0], ends[last]]).astype(np.uint32)
    return starts, points[index], chips[used[last]]


def _frame(group: Group, sheet: Sheet, origin: Columns, direction: Direction) -> Frame:
    x, y = origin.tolist()
    entries = (Port(v, *_turn(direction, x + at, y)) for v, at in zip(group.entries, sheet.entries, strict=True))
    low = y + sheet.depth
    exits = (Port(v, *_turn(direction, x + at, low)) for v, at in zip(group.exits, sheet.exits, strict=True))
    corner, size = _turn(direction, x, y), _turn(direction, sheet.breadth, sheet.depth)
    title = _turn(direction, x + sheet.title[0], y + sheet.title[1])
    return Frame(group.scope, group.part, *corner, *size, title, tuple(entries), tuple(exits))


def _turn(direction: Direction, x: float, y: float) -> tuple[float, float]:
    """A point out of the frame in which values flow down."""
    return (x, y) if direction == "tb" else (y, x)


def _turned(points: Columns, direction: Direction) -> NDArray[np.float32]:
    return _fixed(np.ascontiguousarray(points if direction == "tb" else points[:, ::-1], dtype=np.float32))


def _fixed(column: NDArray[Any]) -> NDArray[Any]:
    """Read-only, as equal graphs share one placement."""
    column.setflags(write=False)
    return column
