"""A run as a picture: the layout's places and routes, drawn with the cards and chips of the canvas."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from torch import Tensor

from explorer.export import labels
from explorer.export.cards import card
from explorer.export.frames import frames, group_card, rings
from explorer.export.legend import LEAST_WIDTH, legend, tag
from explorer.export.marks import Group, Picture, Point, Shape, Span, Text, cubics, polyline, rounded
from explorer.export.shown import Coloured, Opened, Shown, shown
from explorer.export.theme import THEMES, Theme, ThemeName, mix, tinted
from explorer.layout import Direction, Placement
from explorer.overlays.colors import ink
from explorer.run import Number, Run, is_finite, local_derivative

Spans = tuple[Span, ...]

CHIP_HEIGHT = 24.0
CHIP_WIDTH: dict[Direction, float] = {"lr": 124.0, "tb": 112.0}
"""A chip that would be wider than the layout leaves room for says less."""


def picture(
    run: Run,
    *,
    direction: Direction = "lr",
    theme: ThemeName = "light",
    opened: Opened = None,
    overlay: Coloured = None,
) -> Picture:
    """Everything a finished backward pass shows, laid out in ``direction``, with the groups in ``opened`` open."""
    return drawing(shown(run, opened, overlay, direction), theme)


def drawing(what: Shown, theme: ThemeName) -> Picture:
    """What is shown, as marks."""
    run, placement, colors = what.run, what.placement, THEMES[theme]
    groups = [*(() if what.seen is None else frames(what.seen, placement, colors)), *_edges(run, placement, colors)]
    groups += rings(placement, colors)
    groups += _chips(run, placement, colors) if placement.labelled else ()
    groups += _cards(what, colors, theme)
    width, height = placement.width, placement.height
    if what.painted is not None:
        width = max(width, LEAST_WIDTH)
        below, more = legend(what.painted, width, height, colors, theme)
        groups, height = [*groups, below], height + more
    return Picture(width, height, colors.surface, title(run), tuple(groups))


def title(run: Run) -> str:
    """One line that says what is shown."""
    return f"{len(run.graph)} nodes with their values and the gradients of {run.output}"


def _cards(what: Shown, theme: Theme, look: ThemeName) -> Iterator[Group]:
    for index, place in enumerate(what.boxes):
        x, y = float(what.placement.x[index]), float(what.placement.y[index])
        entry = None if what.painted is None else what.painted.entry(index)
        own = theme if entry is None else tinted(theme, entry.color(look), ink(entry.color(look)))
        if what.seen is not None and index in what.seen.group_of:
            drawn = group_card(what.run, index, x, y, own, what.seen)
        else:
            drawn = card(what.run, index, x, y, own)
        if what.painted is None:
            yield drawn
            continue
        words = what.painted.text(index)
        named = f"{drawn.title}. {what.painted.overlay.title}: {words}" if words else drawn.title
        yield Group(named, (*drawn.marks, *tag(what.painted, index, x, y + place.height, theme, look)))


def _edges(run: Run, placement: Placement, theme: Theme) -> Iterator[Group]:
    largest = _largest(run)
    for number, edge in enumerate(run.graph.edges):
        points = _route(placement, number)
        name = f"{edge.source} to {edge.target}, port {edge.port}"
        yield Group(name, tuple(_edge(points, run.contributions[number], largest, placement, theme)))


def _edge(
    points: Sequence[Point], contribution: Number | None, largest: float, placement: Placement, theme: Theme
) -> Iterator[Shape]:
    path, width = cubics(points), 1.3
    if contribution is None:
        yield Shape(path, stroke=theme.edge, width=width)
    elif not is_finite(contribution):
        yield Shape(path, stroke=theme.roles["error"].mark, width=2, dash=(6, 4))
    else:
        share = labels.magnitude(contribution) / largest if largest else 0.0
        width = 1.5 + 3.5 * math.sqrt(share)
        yield Shape(path, stroke=mix(theme.roles["gradient"].mark, theme.surface, 0.85), width=width)
    yield _head(points[-1], placement.direction, max(7.0, width * 1.7), theme.edge)
    if contribution is not None:
        role = theme.roles["gradient" if is_finite(contribution) else "error"]
        yield _head(points[0], placement.direction, -max(9.0, width * 2.2), role.mark)


def _head(tip: Point, direction: Direction, length: float, color: str) -> Shape:
    """An arrow head that points along the flow, or against it where ``length`` is negative."""
    (x, y), half = tip, abs(length) * 0.46
    if direction == "lr":
        corners = ((x, y), (x - length, y - half), (x - length, y + half))
    else:
        corners = ((x, y), (x - half, y - length), (x + half, y - length))
    return Shape(polyline(*corners, close=True), fill=color)


def _route(placement: Placement, number: int) -> list[Point]:
    first, last = int(placement.starts[number]), int(placement.starts[number + 1])
    return [(float(x), float(y)) for x, y in np.asarray(placement.points)[first:last]]


def _largest(run: Run) -> float:
    sizes = (labels.magnitude(c) for c in run.contributions if c is not None and is_finite(c))
    return max(sizes, default=0.0)


def _chips(run: Run, placement: Placement, theme: Theme) -> Iterator[Group]:
    for number, edge in enumerate(run.graph.edges):
        contribution = run.contributions[number]
        if contribution is None:
            continue
        target = run.graph.index[edge.target]
        by, of = labels.symbol(run, run.graph.index[edge.source]), labels.symbol(run, target)
        local = local_derivative(run.graph, run.values, target, edge.port)
        x, y = (float(v) for v in placement.chips[number])
        words = f"{edge.source} to {edge.target}: {labels.signed(contribution)}"
        halves = _words(labels.partial(of, by), local, contribution, CHIP_WIDTH[placement.direction])
        marks = _chip((x, y), *halves, is_finite(contribution), theme)
        yield Group(words, tuple(marks))


def _chip(centre: Point, left: Spans, right: Spans, finite: bool, theme: Theme) -> Iterator[Shape | Text]:
    """Left what the operation is, right what arrived."""
    left_width, right_width = _half(left, 12), _half(right, 13)
    width = left_width + right_width
    x, y = centre[0] - width / 2, centre[1] - CHIP_HEIGHT / 2
    role = theme.roles["gradient" if finite else "error"]
    whole = rounded(x, y, width, CHIP_HEIGHT, 6)
    yield Shape(rounded(x - 2, y - 2, width + 4, CHIP_HEIGHT + 4, 8), fill=theme.surface)
    yield Shape(whole, fill=role.tint)
    if left:
        yield Shape(rounded(x, y, left_width, CHIP_HEIGHT, (6, 0, 0, 6)), fill=theme.card)
        yield Text(x + left_width / 2, centre[1] + 4, left, 12, theme.tertiary, "middle")
    yield Shape(whole, stroke=theme.hairline)
    yield Text(x + left_width + right_width / 2, centre[1] + 4.5, right, 13, role.text, "middle", True)


def _words(symbol: str, local: Number | None, contribution: Number, room: float) -> tuple[Spans, Spans]:
    """Both halves of a chip: in full, or the shortest words that still say what flows."""
    plain = local is not None and not isinstance(local, Tensor)
    for digits in (5, 4, 3):
        number = labels.figure(local, digits) if plain and local is not None else ""
        right = (Span(labels.signed(contribution, digits)),)
        named = (Span(symbol, "math"), Span(f" = {number}" if number else ""))
        for left in (named, (Span(f"× {number}"),) if number else ()):
            if _half(left, 12) + _half(right, 13) <= room:
                return left, right
    return left, right


def _half(spans: Spans, size: float) -> float:
    """How wide one half of a chip is; nothing where it says nothing."""
    return sum(labels.advance(span.text, size) for span in spans) + 14 if spans else 0.0
