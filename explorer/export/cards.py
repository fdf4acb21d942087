"""The card of a node, as on the canvas: spine, tile, name, value, and the lane of the gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator, Set
from dataclasses import replace
from functools import cache

from torch import Tensor

from explorer.export import labels
from explorer.export.marks import CIRCLE, Group, Path, Point, Shape, Span, Text, circle, polyline, rounded
from explorer.export.theme import Role, Theme, mix
from explorer.graph import Graph
from explorer.layout import Box, Direction
from explorer.ops.explain import GROUP, explain
from explorer.passes.thumbnail import thumbnail
from explorer.run import Number, Run, is_finite

WIDTH, HEADER, TENSOR_HEADER, LANE, RADIUS = 152.0, 46.0, 54.0, 28.0, 10.0
GROUP_HEADER, STACK = 84.0, 6.0
"""A closed group has four lines above its lane, and the edges of what it holds show under it."""
LEFT, RIGHT, TILE = 12.0, WIDTH - 12, 28.0
_FITS = ((18, 6), (16, 6), (14, 6), (14, 4), (12, 4), (11, 3))
"""Sizes and digits of a value; the first that fits is taken."""


def box(graph: Graph, index: int, direction: Direction, bundles: Set[int] = frozenset()) -> Box:
    """The size of a node's card and the places of its ports, which the layout chooses for a closed group. What comes
    from one of the ``bundles`` arrives at one place.
    """
    if bundles and not bundles.isdisjoint(graph.inputs[index]):
        return _bundled(graph, index, direction, bundles)
    if graph.ops[index] == GROUP:
        height = GROUP_HEADER + LANE + STACK
        return Box(WIDTH, height, (), WIDTH / 2 if direction == "tb" else GROUP_HEADER / 2)
    return _box(header(graph, index), len(graph.inputs[index]), direction)


def _bundled(graph: Graph, index: int, direction: Direction, bundles: Set[int]) -> Box:
    wires = [source if source in bundles else -1 - port for port, source in enumerate(graph.inputs[index])]
    docks = list(dict.fromkeys(wires))
    alone = box(graph, index, direction)
    places = _spread(len(docks), WIDTH if direction == "tb" else alone.out * 2)
    return replace(alone, ins=tuple(places[docks.index(wire)] for wire in wires))


@cache
def _box(above: float, ports: int, direction: Direction) -> Box:
    if direction == "tb":
        return Box(WIDTH, above + LANE, _spread(ports, WIDTH), WIDTH / 2)
    middle = above / 2
    ins = {1: (middle,), 2: (middle - 8, middle + 9)}.get(ports, _spread(ports, above + LANE))
    return Box(WIDTH, above + LANE, ins, middle)


def header(graph: Graph, index: int) -> float:
    """How high the part above the gradient lane is."""
    return TENSOR_HEADER if graph.shapes[index] else HEADER


def _spread(ports: int, length: float) -> tuple[float, ...]:
    return tuple(length * (port + 1) / (ports + 1) for port in range(ports))


def card(run: Run, index: int, x: float, y: float, theme: Theme) -> Group:
    """The card with its upper left corner at ``(x, y)``; its title says everything in words."""
    painter = CardPainter(run, index, x, y, theme)
    return Group(describe(run, index), tuple(painter.marks()))


def describe(run: Run, index: int) -> str:
    """A node in one line: ``c = add(a, b), value 3, gradient 2``."""
    node = run.graph.node(index)
    what = f"{node.op}({', '.join(node.inputs)})" if node.inputs else node.kind
    value, grad = run.values[index], run.grads[index]
    words = [f"{node.id} = {what}" if node.inputs else f"{node.id}, {what}"]
    for word, figure in (("value", value), ("gradient", grad)):
        if figure is not None:
            shaped = (
                f"of shape {labels.shape_text(run.graph, index)}, norm "
                if isinstance(figure, Tensor) and figure.ndim
                else ""
            )
            words.append(f"{word} {shaped}{labels.figure(figure)}")
    return ", ".join(words if grad is not None else [*words, "no gradient"])


def role(run: Run, index: int) -> str | None:
    """The role that gives a card its spine and glyph; ``None`` for an operation in between."""
    kind = run.graph.kind(index)
    if kind == "op":
        return "output" if index == run.backward.output else None
    return "constant" if kind == "buffer" else kind


class CardPainter:
    """One card being drawn; every method yields marks, back to front."""

    def __init__(self, run: Run, index: int, x: float, y: float, theme: Theme) -> None:
        self.run, self.index, self.x, self.y, self.theme = run, index, x, y, theme
        self.header = header(run.graph, index)
        self.height = self.header + LANE
        self.value = run.values[index]
        self.broken = run.is_broken(index)
        self.role = role(run, index)

    def marks(self) -> Iterator[Shape | Text]:
        yield from self.ground()
        if isinstance(self.value, Tensor) and self.value.ndim:
            yield from self._tensor_head(self.value)
        else:
            yield from self._head()

    def ground(self) -> Iterator[Shape | Text]:
        """The card without what is on its head."""
        theme = self.theme
        yield Shape(rounded(self.x, self.y, WIDTH, self.height, RADIUS), fill=theme.card)
        if self.broken:
            yield from self._hatch(theme.roles["error"])
        yield from self._lane()
        outline, width = (theme.roles["error"].mark, 2.0) if self.broken else (theme.hairline, 1.0)
        yield Shape(rounded(self.x, self.y, WIDTH, self.height, RADIUS), stroke=outline, width=width)
        if self.role is not None:
            yield Shape(_spine(self.x, self.y, self.header), fill=theme.roles[self.role].mark)

    def text(
        self, dx: float, dy: float, text: str, size: float, color: str, *, end: bool = False,
        strong: bool = False, math: bool = False,
    ) -> Text:  # fmt: skip
        spans = (Span(text, "math" if math else "ui"),)
        return Text(self.x + dx, self.y + dy, spans, size, color, "end" if end else "start", strong)

    def _lane(self) -> Iterator[Shape | Text]:
        grad, theme = self.run.grads[self.index], self.theme
        top = self.y + self.header
        if grad is None:
            yield Shape(polyline((self.x, top), (self.x + WIDTH, top)), stroke=theme.hairline, width=1.5)
            yield self.text(LEFT, self.header + 18, "no gradient", 11, theme.tertiary)
            return
        role = theme.roles["gradient" if is_finite(grad) else "error"]
        yield Shape(rounded(self.x, top, WIDTH, LANE, (0, 0, RADIUS, RADIUS)), fill=role.tint)
        number = labels.figure(grad)
        yield self.text(RIGHT, self.header + 19, number, 14, role.text, end=True, strong=True)
        room = RIGHT - LEFT - labels.advance(number, 14, True) - 6
        symbol = labels.gradient_symbol(self.run, self.index)
        shaped = isinstance(grad, Tensor) and grad.ndim
        if not shaped and labels.advance(symbol, 13) <= room:
            yield self.text(LEFT, self.header + 18.5, symbol, 13, role.text, math=True)
            return
        words = ("gradient norm", "norm") if shaped else ("gradient",)
        word = next((word for word in words if labels.advance(word, 11) <= room), words[-1])
        yield self.text(LEFT, self.header + 18, word, 11, role.text)

    def _tile(self, left: float) -> Iterator[Shape | Text]:
        ground = self.theme.sunken if self.role is None else self.theme.roles[self.role].tint
        yield Shape(rounded(self.x + left, self.y + 9, TILE, TILE, 7), fill=ground)
        centre = (self.x + left + TILE / 2, self.y + 23)
        if self.role is not None:
            yield from _glyph(self.role, centre, self.theme.roles[self.role].mark)
            return
        sign = explain(self.run.graph, self.index).symbol
        sizes = (19,) if len(sign) == 1 else (15, 13, 11, 9)
        size = next((size for size in sizes if labels.advance(sign, size) <= TILE - 4), sizes[-1])
        yield Text(centre[0], centre[1] + size * 0.34, (Span(sign),), size, self.theme.primary, "middle")

    def _head(self) -> Iterator[Shape | Text]:
        left = 10.0 if self.role is None else 14.0
        yield from self._tile(left)
        start = left + TILE + 10
        named = self.run.graph.ops[self.index] != "constant"
        least = min(labels.advance(labels.symbol(self.run, self.index), 13, True), 30) if named else 0
        number, size = fitting(self.value, RIGHT - start - least - 6)
        color = self.theme.roles["error" if self.broken else "forward"].text
        yield self.text(RIGHT, 30, number, size, color, end=True, strong=True)
        room, below = RIGHT - labels.advance(number, size, True) - 6 - start, self._subtitle()
        below = below if labels.advance(below, 11) <= room else ""
        yield self._name(start, 22 if below else 29, room)
        yield self.text(start, 37, below, 11, self.theme.tertiary)

    def _name(self, dx: float, dy: float, room: float) -> Text:
        """A variable in italics, as large as fits; everything else, and what does not fit, in plain words."""
        title, color = labels.symbol(self.run, self.index), self.theme.primary
        size = min(18, 18 * room / labels.advance(title, 18))
        named = bool(self.run.graph.symbol(self.index))
        if size >= 12 and (named or not self.run.graph.inputs[self.index]):
            return self.text(dx, dy, title, size, color, math=named)
        title = labels.shorten(title, room, lambda text: labels.advance(text, 13, True))
        return self.text(dx, dy - 1, title, 13, color, strong=True)

    def _subtitle(self) -> str:
        node = self.run.graph.node(self.index)
        if node.kind == "op":
            return node.op if self.run.graph.symbol(self.index) else ""
        return node.kind if node.kind in ("constant", "buffer") else ""

    def thumbnail(self, value: Tensor, dx: float, dy: float, side: float) -> Iterator[Shape]:
        """The picture of a tensor around a point of the card."""
        cells: list[list[float]] = thumbnail(value).tolist()
        rows, columns = len(cells), len(cells[0])
        cell_side = min(side / rows, side / columns)
        left, top = self.x + dx - cell_side * columns / 2, self.y + dy - cell_side * rows / 2
        for row, line in enumerate(cells):
            for column, cell in enumerate(line):
                color = _diverging(cell, self.theme)
                # A hair wider than a cell, so that no ground shines through between two of them.
                x, y, length = left + cell_side * column, top + cell_side * row, cell_side + 0.05
                yield Shape(rounded(x, y, length, length, 0), fill=color)

    def _tensor_head(self, value: Tensor) -> Iterator[Shape | Text]:
        yield from self.thumbnail(value, 29, self.header / 2, 40)
        yield self._name(56, 24, RIGHT - 56)
        words, below = labels.shape_text(self.run.graph, self.index), self._subtitle()
        if below != self.run.graph.ids[self.index]:
            words = f"{words} {below}"
        color = self.theme.tertiary
        if self.broken:
            words, color = f"not finite {words}", self.theme.roles["error"].text
        words = labels.shorten(words, RIGHT - 56, lambda text: labels.advance(text, 11))
        yield self.text(56, 41, words, 11, color)

    def _hatch(self, role: Role) -> Iterator[Shape]:
        yield Shape(rounded(self.x, self.y, WIDTH, self.header, (RADIUS, RADIUS, 0, 0)), fill=role.tint)
        for start in range(-int(self.header), int(WIDTH), 8):
            line = _inside(self.x, self.y, start, self.header)
            if line:
                yield Shape(polyline(*line), stroke=mix(role.mark, role.tint, 0.22))


def _spine(x: float, y: float, height: float) -> Path:
    """The left edge of a card, 4 wide, following the rounded corner."""
    r = RADIUS
    inner = r - math.sqrt(r * r - (r - 4) ** 2)
    return (
        ("M", (x, y + height)),
        ("L", (x, y + r)),
        ("C", (x, y + r * (1 - CIRCLE) + 1, x + 1.4, y + inner + 1.8, x + 4, y + inner)),
        ("L", (x + 4, y + height)),
        ("Z", ()),
    )


def _glyph(role: str, centre: Point, color: str) -> Iterator[Shape]:
    """The shape that says a role without its hue."""
    x, y = centre
    if role == "input":
        tag = [(x - 5.5, y - 6.1), (x - 0.5, y - 6.1), (x + 6.1, y), (x - 0.5, y + 6.1), (x - 5.5, y + 6.1)]
        yield Shape(polyline(*tag, close=True), fill=color)
    elif role == "parameter":
        diamond = [(x, y - 6.8), (x + 6.8, y), (x, y + 6.8), (x - 6.8, y)]
        yield Shape(polyline(*diamond, close=True), fill=color)
    elif role == "output":
        yield Shape(circle(x, y, 5.5), stroke=color, width=1.6)
        yield Shape(circle(x, y, 2.2), fill=color)
    else:
        yield Shape(rounded(x - 4.6, y - 4.6, 9.2, 9.2, 1), fill=color)


def fitting(value: Number | None, room: float) -> tuple[str, float]:
    """The figure of a card and its size: the largest that fits."""
    if value is None:
        return "not computed", 11
    for size, digits in _FITS:
        text = labels.figure(value, digits)
        if labels.advance(text, size, True) <= room:
            break
    return text, size


def _diverging(cell: float, theme: Theme) -> str:
    if not math.isfinite(cell):
        return theme.roles["error"].mark
    last = len(theme.diverging) - 1
    return theme.diverging[round((cell + 1) / 2 * last)]


def _inside(x: float, y: float, start: float, height: float) -> tuple[Point, Point] | None:
    """The part of a rising diagonal of a header that lies within its rounded corners."""
    kept = [(x + start + t, y + height - t) for t in range(int(height) + 1) if _within(start + t, height - t)]
    return (kept[0], kept[-1]) if len(kept) > 1 else None


def _within(dx: float, dy: float) -> bool:
    if not 0 <= dx <= WIDTH or dy < 0:
        return False
    corner = max(RADIUS - dx, dx - WIDTH + RADIUS, 0.0)
    return dy >= RADIUS or math.hypot(corner, RADIUS - dy) <= RADIUS
