"""The levels of all groups, laid out from the inside out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from explorer.layout.level import Item, Level, Margins, Spacing
from explorer.layout.ports import Orders, agreed, wanted
from explorer.layout.sheet import Sheet, lay_out
from explorer.layout.tree import Group
from explorer.progress import within

MARGIN, PAD, TITLE = 24.0, 16.0, 30.0
"""Pixels around the drawing, inside the border of a group, and for the strip with a group's title."""
CLOSED = Item(152.0, 54.0)
"""What stands for a group while the order of ports around it is tried."""

ROUNDS = 4
"""So often the orders of ports are agreed upon anew, from the best layout so far."""

Sheets: TypeAlias = Mapping[Group, Sheet]


class Levels:
    """What makes a level of each group, the root first and each before what it holds, and the sheets made so far.

    ``titles`` is how long the title of each scope is, and ``downwards`` whether values flow from top to bottom: then
    a title is before the rows, else beside them. Groups that hold the same cards and wires are of one kind, like the
    blocks of a deep model: they are compared by its number, and all of them are laid out once.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        items: Sequence[Item],
        spacing: Spacing,
        titles: Mapping[str, float],
        downwards: bool,
    ) -> None:
        self.groups, self.items, self.spacing = groups, items, spacing
        strip = (TITLE, 0.0) if downwards else (0.0, TITLE)
        self.margins = {group: Margins(PAD, *strip, titles[group.scope[-1]]) for group in groups[1:]}
        self.margins[groups[0]] = Margins(MARGIN)
        self.inner = {group: [child for child in group.children if isinstance(child, Group)] for group in groups}
        kinds: dict[object, int] = {}
        self._kind = {group: kinds.setdefault(self._contents(group), len(kinds)) for group in groups}
        self._kinds = len(kinds)
        self._sheets: dict[object, Sheet] = {}
        self._orders: dict[object, Sequence[Orders]] = {}

    def _contents(self, group: Group) -> object:
        """Equal for groups of one kind."""
        cards = tuple([None if isinstance(child, Group) else self.items[child] for child in group.children])
        sides = len(group.entries), len(group.exits)
        return cards, tuple(group.segments), sides, self.margins[group]

    def lay_out(self, group: Group, sheets: Sheets, orders: Mapping[Group, Orders]) -> Sheet:
        """The sheet of one group; inner groups without a sheet are closed."""
        inside = tuple([id(sheets.get(child)) for child in self.inner[group]])
        key = self._kind[group], inside, orders.get(group)
        if key not in self._sheets:
            made = len(self._sheets)
            with within(min(made / self._kinds, 1.0), min((made + 1) / self._kinds, 1.0)):
                self._sheets[key] = lay_out(self._level(group, sheets, orders))
        return self._sheets[key]

    def _level(self, group: Group, sheets: Sheets, orders: Mapping[Group, Orders]) -> Level:
        items = tuple(self._item(child, sheets) for child in group.children)
        sides, (entry_order, exit_order) = (len(group.entries), len(group.exits)), orders.get(group, (None, None))
        segments = tuple(group.segments)
        return Level(items, segments, self.spacing, self.margins[group], *sides, entry_order, exit_order)

    def _item(self, child: int | Group, sheets: Sheets) -> Item:
        if not isinstance(child, Group):
            return self.items[child]
        if child not in sheets:
            return CLOSED
        sheet = sheets[child]
        return Item(sheet.breadth, sheet.depth, sheet.entries, sheet.exits, is_open=True)

    def wanted(self, group: Group, sheet: Sheet) -> Iterator[tuple[Group, Orders]]:
        """Per group within, its ports in the order that suits what is around it."""
        return self._each(group, (sheet,), lambda: list(wanted(group, sheet)))

    def agreed(self, group: Group, sheets: Sheets) -> Iterator[tuple[Group, Orders]]:
        """Per group within, its ports in an order that suits both sides of its border."""
        inner = [(child, sheets[child]) for child in self.inner[group]]
        known = sheets[group], *(sheet for _, sheet in inner)
        return self._each(group, known, lambda: list(agreed(group, sheets[group], inner)))

    def _each(
        self, group: Group, known: Sequence[Sheet], orders: Callable[[], Sequence[Orders]]
    ) -> Iterator[tuple[Group, Orders]]:
        key = self._kind[group], *map(id, known)
        if key not in self._orders:
            self._orders[key] = orders()
        return zip(self.inner[group], self._orders[key], strict=True)


def lay_out_all(levels: Levels) -> Sheets:
    """Of some ways to order the ports of groups, the one with the fewest crossings; the first where they tie."""
    tries = [_inside_out(levels, {})]
    if _crossings(tries[0]) and any(max(len(group.entries), len(group.exits)) > 1 for group in levels.groups):
        tries.append(_inside_out(levels, _outside_in(levels)))
        for _ in range(ROUNDS):
            better = min(tries, key=_crossings)
            tries.append(_inside_out(levels, _both_sides(levels, better)))
            if min(tries, key=_crossings) is better:
                break
    return min(tries, key=_crossings)


def _crossings(sheets: Sheets) -> float:
    return sum(sheet.crossings for sheet in sheets.values())


def _inside_out(levels: Levels, orders: Mapping[Group, Orders]) -> Sheets:
    """All sheets, each made of those inside it."""
    sheets: dict[Group, Sheet] = {}
    for group in reversed(levels.groups):
        sheets[group] = levels.lay_out(group, sheets, orders)
    return sheets


def _outside_in(levels: Levels) -> Mapping[Group, Orders]:
    """Orders that suit what is around each group, while all that is inside is closed."""
    orders: dict[Group, Orders] = {}
    for group in levels.groups:
        orders.update(levels.wanted(group, levels.lay_out(group, {}, orders)))
    return orders


def _both_sides(levels: Levels, sheets: Sheets) -> Mapping[Group, Orders]:
    """Orders in which the wires of these sheets would cross least."""
    return dict(found for group in levels.groups for found in levels.agreed(group, sheets))
