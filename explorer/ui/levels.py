"""Which groups of a graph are open after what the user does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.errors import CanvasError
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
    """What is open after an event of the canvas: a group the other way (``key``), all down to a depth (``n``), or
    besides all that are around a node or a group (``id``).
    """
    if event["name"] == "depth":
        return groups.down_to(int(event["n"]))
    if event["name"] == "toggle":
        return toggled(groups, opened, str(event["key"]))
    return opened.union(around(groups, str(event["id"])))


def around(groups: Groups, id_: str) -> Sequence[str]:
    """The groups around a node or a group, from the outermost in; none where there is nothing of that name."""
    if id_ in groups.by_key:
        return groups.around(groups.by_key[id_].parent)
    index = groups.graph.index.get(id_)
    return () if index is None else groups.around(groups.of(index))
