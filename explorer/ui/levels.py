"""Which groups of a graph are open after what the user does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.errors import CanvasError
from explorer.passes.fold import pick
from explorer.passes.groups import Groups

MOST_SEEN = 30_000
"""More cards than this at once take many seconds to place and to send, and nobody reads them."""


def within_reach(count: int) -> None:
    """Raises CanvasError where so many cards would be more than can be shown at once."""
    if count > MOST_SEEN:
        raise CanvasError(
            f"That would be {count:,} cards at once, and the canvas shows {MOST_SEEN:,}. "
            "Open single groups, or fewer levels; a program shows its loops as groups that can be closed."
        )


def toggled(groups: Groups, opened: frozenset[str], key: str) -> frozenset[str]:
    """The same with one group the other way. What was open inside a group is open again when it is opened."""
    return opened ^ {key} if key in groups.by_key else opened


def answered(groups: Groups, opened: frozenset[str], event: Mapping[str, Any]) -> frozenset[str]:
    """What is open after an event of the canvas: a group the other way (``key``), all down to a depth (``n``), one of a
    fold (``key``, ``n``; -1: all of its own), or besides all that are around a node or a group (``id``).
    """
    kind, key = event["name"], str(event.get("key"))
    if kind == "depth":
        return groups.down_to(int(event["n"]))
    if kind == "toggle":
        return toggled(groups, opened, key)
    if kind == "pick":
        return _picked(groups, opened, key, int(event["n"]))
    return _revealed(groups, opened, str(event["id"]))


def _picked(groups: Groups, opened: frozenset[str], key: str, place: int) -> frozenset[str]:
    folded = groups.by_key[key].folded if key in groups.by_key else None
    if folded is None or not -1 <= place < len(folded.keys):
        return opened
    return pick(opened, folded.whole, folded.keys, place)


def _revealed(groups: Groups, opened: frozenset[str], id_: str) -> frozenset[str]:
    """Of a fold that is closed, or of which one is looked into, only the one is opened that it is about."""
    path = around(groups, id_)
    for key in path:
        folded = groups.by_key[key].folded
        if folded is None or (folded.whole in opened and folded.whole not in groups.picks):
            opened |= {key}
        elif key == folded.whole:
            place = next(place for place, each in enumerate(folded.keys) if each in path or each == id_)
            opened = pick(opened, key, folded.keys, place)
    return opened


def around(groups: Groups, id_: str) -> Sequence[str]:
    """The groups around a node or a group, from the outermost in; none where there is nothing of that name."""
    if id_ in groups.by_key:
        return groups.around(groups.by_key[id_].parent)
    index = groups.graph.index.get(id_)
    return () if index is None else groups.around(groups.of(index))
