"""Groups as on the canvas: the frame of an open one, the card of a closed one."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from explorer.export import labels
from explorer.export.cards import GROUP_HEADER, LANE, LEFT, RADIUS, RIGHT, STACK, WIDTH, CardPainter, describe, fitting
from explorer.export.marks import Group, Shape, Span, Text, circle, polyline, rounded
from explorer.export.theme import Theme
from explorer.layout import Frame, Placement
from explorer.passes.condense import Condensed
from explorer.passes.contents import Contents
from explorer.passes.groups import Group as NodeGroup
from explorer.run import Run

_CORNER, _TITLE, _RING = 12.0, 30.0, 4.0
_COUNTS = ((1e9, " G"), (1e6, " M"), (1e3, " k"))


def frames(seen: Condensed, placement: Placement, theme: Theme) -> Iterator[Group]:
    """The borders of open groups with their titles, outer ones first."""
    for frame in placement.groups:
        group = seen.groups.by_key[frame.scope[-1]]
        yield Group(_words(group, seen.groups.contents(group.key)), tuple(_frame(frame, group, seen, theme)))


def rings(placement: Placement, theme: Theme) -> Iterator[Group]:
    """Where values cross the borders."""
    marks = [
        Shape(circle(port.x, port.y, _RING), fill=theme.surface, stroke=theme.edge, width=1.3)
        for frame in placement.groups
        for port in (*frame.entries, *frame.exits)
    ]
    if marks:
        yield Group("where values enter and leave groups", tuple(marks))


def group_card(run: Run, index: int, x: float, y: float, theme: Theme, seen: Condensed) -> Group:
    """The card of a closed group."""
    group = seen.groups.by_key[seen.group_of[index]]
    contents = seen.groups.contents(group.key)
    painter = _GroupCard(run, index, x, y, theme, group, contents)
    return Group(f"{_words(group, contents)}, closed. {describe(run, index)}", tuple(painter.marks()))


def _words(group: NodeGroup, contents: Contents) -> str:
    kind = f" {group.kind}" if group.kind and group.kind != group.name else ""
    return f"{group.name}{kind}, {contents_text(contents)}"


def contents_text(contents: Contents) -> str:
    """``12.7 k params · 66 ops``; of leaves only ``12.7 k params`` or nothing."""
    parameters = f"{_short(contents.parameters)} params" if contents.parameters else ""
    ops = "1 op" if contents.operations == 1 else f"{contents.operations:,} ops"
    return " · ".join(filter(None, [parameters, ops if contents.operations else ""]))


def _short(count: int) -> str:
    for size, unit in _COUNTS:
        if count >= size:
            return f"{count / size:.3g}{unit}"
    return str(count)


def _frame(frame: Frame, group: NodeGroup, seen: Condensed, theme: Theme) -> Iterator[Shape | Text]:
    border = rounded(frame.x, frame.y, frame.width, frame.height, _CORNER)
    yield Shape(border, fill=theme.sunken if group.depth % 2 else theme.surface, stroke=theme.hairline)
    (left, _), middle = frame.title, frame.y + _TITLE / 2
    x, y = left + 9, middle
    yield Shape(polyline((x - 4, y - 2.5), (x, y + 2.5), (x + 4, y - 2.5)), stroke=theme.tertiary, width=1.5)
    yield Text(left + 20, middle + 4.7, (Span(group.name),), 13, theme.primary, strong=True)
    parameters = seen.groups.contents(group.key).parameters
    rest = [group.kind if group.kind != group.name else "", f"{_short(parameters)} params" if parameters else ""]
    words = "  ".join(filter(None, rest))
    if words:
        after = left + 28 + labels.advance(group.name, 13, True)
        yield Text(after, middle + 4.5, (Span(words),), 12, theme.tertiary)


class _GroupCard(CardPainter):
    """A closed group: what it is and holds, its result, and under it the edges of what is inside."""

    def __init__(
        self, run: Run, index: int, x: float, y: float, theme: Theme, group: NodeGroup, contents: Contents
    ) -> None:
        super().__init__(run, index, x, y, theme)
        self.group, self.contents = group, contents
        self.header, self.height = GROUP_HEADER, GROUP_HEADER + LANE

    def marks(self) -> Iterator[Shape | Text]:
        for inset, lift in ((8.0, 0.0), (4.0, STACK / 2)):
            low = self.y + self.height + STACK - lift
            under = rounded(self.x + inset, low - 3 * RADIUS, WIDTH - 2 * inset, 3 * RADIUS, RADIUS)
            yield Shape(under, fill=self.theme.card, stroke=self.theme.strong)
        yield from self.ground()
        yield from self._title()
        yield self.text(LEFT, 40, self._fitted(contents_text(self.contents), RIGHT - LEFT, 11), 11, self.theme.tertiary)
        yield from self._result()

    def _title(self) -> Iterator[Shape | Text]:
        x, y = self.x + 16, self.y + 17
        yield Shape(polyline((x - 2.5, y - 4), (x + 2.5, y), (x - 2.5, y + 4)), stroke=self.theme.tertiary, width=1.5)
        title = labels.shorten(self.group.name, RIGHT - 27, lambda text: labels.advance(text, 13, True))
        yield self.text(27, 22, title, 13, self.theme.primary, strong=True)
        room = RIGHT - 27 - labels.advance(title, 13, True) - 8
        if room > 24 and self.group.kind != self.group.name:
            yield self.text(RIGHT, 21.5, self._fitted(self.group.kind, room, 11), 11, self.theme.tertiary, end=True)

    def _result(self) -> Iterator[Shape | Text]:
        if isinstance(self.value, Tensor) and self.value.ndim:
            words = labels.shape_text(self.run.graph, self.index)
            color = self.theme.roles["error"].text if self.broken else self.theme.tertiary
            yield self.text(LEFT, 60, f"not finite {words}" if self.broken else words, 11, color)
            yield from self.thumbnail(self.value, RIGHT - 10, 55, 20)
            return
        number, size = fitting(self.value, RIGHT - LEFT)
        color = self.theme.roles["error" if self.broken else "forward"].text
        yield self.text(RIGHT, 60, number, min(size, 16), color, end=True, strong=True)

    @staticmethod
    def _fitted(text: str, room: float, size: float) -> str:
        return labels.shorten(text, room, lambda part: labels.advance(part, size))
