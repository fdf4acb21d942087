"""What the canvas says of cuts, by its ``act``, and what that does to them.

add      {at}             a cut across the flow, at a place along it
drag     {cut, at}        a cut to another place
stroke   {edges}          a cut through drawn edges, completed where a way leads around them
remove   {cut}
move     {id, to}         what is drawn under an id into another segment
rename   {cut, text}
choose   {node, way}      how the value of a node (by id) crosses
undo, redo
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from explorer.errors import SegmentError
from explorer.segment.cut import letter
from explorer.segment.edit import add_cut, drag_cut, remove_cut, send
from explorer.segment.stroke import complete

if TYPE_CHECKING:
    from explorer.ui.segment.share import Cutting

Event = Mapping[str, Any]

STALE = "The picture changed while you cut. Cut again."


def answer(cutting: Cutting, event: Event) -> None:
    """Do what an event says. Raises SegmentError where that gives no valid cut; the cuts are then as before."""
    act = ACTS.get(str(event.get("act")))
    if act is not None:
        act(cutting, event)


def _add(cutting: Cutting, event: Event) -> None:
    of, names = cutting.segmentation, cutting.cuts.names
    after = add_cut(of, _ahead(cutting, event))
    cut = next(k for k in range(after.parts - 1) if k >= of.parts - 1 or after.before(k) != of.before(k))
    cutting.place(after, names=(*names[:cut], "", *names[cut:]))


def _drag(cutting: Cutting, event: Event) -> None:
    cutting.place(drag_cut(cutting.segmentation, int(event["cut"]), _ahead(cutting, event)))


def _stroke(cutting: Cutting, event: Event) -> None:
    of, names, shown = cutting.segmentation, cutting.cuts.names, cutting.shown(event)
    held = [edge for number in event["edges"] for edge in shown.edges(int(number))]
    found = complete(of, held)
    after = add_cut(of, found.before)
    cut = next(k for k in range(after.parts - 1) if k >= of.parts - 1 or after.before(k) != of.before(k))
    cutting.place(after, found.why, (*names[:cut], "", *names[cut:]), found.added)


def _remove(cutting: Cutting, event: Event) -> None:
    cut, names = int(event["cut"]), cutting.cuts.names
    cutting.place(remove_cut(cutting.segmentation, cut), names=(*names[:cut], *names[cut + 1 :]))


def _move(cutting: Cutting, event: Event) -> None:
    of, shown, segment = cutting.segmentation, cutting.shown(event), int(event["to"])
    drawn = shown.view.shown.graph.index.get(str(event["id"]))
    if drawn is None:
        raise SegmentError(STALE)
    item, name = shown.items.of_drawn[drawn], shown.view.shown.graph.ids[drawn]
    if item < 0 or not shown.items.units[item]:
        raise SegmentError(f"{name!r} can be had anywhere and follows what reads it. Move that instead.")
    units = set(shown.items.units[item])
    after = send(of, units, segment)
    moved = [unit for unit, (a, b) in enumerate(zip(of.of_units, after.of_units, strict=True)) if a != b]
    cutting.place(after, _moved(name, letter(segment), [unit for unit in moved if unit not in units], cutting))


def _moved(name: str, to: str, others: list[int], cutting: Cutting) -> str:
    if not others:
        return f"{name} is in {to} now."
    ids = [cutting.graph.ids[cutting.segmentation.units.members[unit][0]] for unit in others]
    named = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    return f"{name} is in {to} now, and took along what must not lie on the other side of it: {named}."


def _rename(cutting: Cutting, event: Event) -> None:
    cutting.name(int(event["cut"]), str(event["text"]))


def _choose(cutting: Cutting, event: Event) -> None:
    cutting.choose(cutting.graph.find(str(event["node"])), str(event["way"]))


def _ahead(cutting: Cutting, event: Event) -> set[int]:
    return cutting.shown(event).items.ahead(float(event["at"]))


ACTS: Mapping[str, Callable[[Cutting, Event], None]] = {
    "add": _add,
    "drag": _drag,
    "stroke": _stroke,
    "remove": _remove,
    "move": _move,
    "rename": _rename,
    "choose": _choose,
    "undo": lambda cutting, _event: cutting.undo(),
    "redo": lambda cutting, _event: cutting.redo(),
}
"""By the name of the act."""
