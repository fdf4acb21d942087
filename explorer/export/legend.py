"""The legend of an overlay below a picture, and the tag of a card that bears its number or word."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.export import labels
from explorer.export.marks import Group, Shape, Span, Text, rounded
from explorer.export.theme import Theme, ThemeName
from explorer.overlays import Entry, Painted
from explorer.overlays.colors import ink

_ROW, _PAD, _SWATCH, _TITLE = 24.0, 16.0, 26.0, 30.0
LEAST_WIDTH = 320.0


def legend(painted: Painted, width: float, top: float, theme: Theme, look: ThemeName) -> tuple[Group, float]:
    """The title and one swatch a class from ``top`` on, in rows as wide as the picture; and how high that is."""
    overlay = painted.overlay
    note = f"  {overlay.note}" if overlay.note else ""
    marks: list[Shape | Text] = [
        Text(_PAD, top + 18, (Span(overlay.title),), 13, theme.primary, strong=True),
        Text(_PAD + labels.advance(overlay.title, 13, True) + 4, top + 18, (Span(note),), 11, theme.tertiary),
    ]
    x, y = _PAD, top + _TITLE
    for entry in painted.entries:
        taken = _SWATCH + 8 + labels.advance(entry.label, 12) + _PAD
        if x > _PAD and x + taken > width:
            x, y = _PAD, y + _ROW
        marks += _swatch(entry, x, y, theme, look)
        x += taken
    words = ", ".join(entry.label for entry in painted.entries)
    return Group(f"coloured by {overlay.title}: {words}", tuple(marks)), y + _ROW + 8 - top


def _swatch(entry: Entry, x: float, y: float, theme: Theme, look: ThemeName) -> Iterator[Shape | Text]:
    color = entry.color(look)
    yield Shape(rounded(x, y, _SWATCH, 16, 4), fill=color, stroke=theme.strong)
    if entry.mark:
        yield Text(x + _SWATCH / 2, y + 12, (Span(entry.mark),), 10.5, ink(color), "middle", True)
    yield Text(x + _SWATCH + 6, y + 12.5, (Span(entry.label),), 12, theme.primary)


def tag(painted: Painted, index: int, x: float, low: float, theme: Theme, look: ThemeName) -> Iterator[Shape | Text]:
    """The number with its unit, or the word with its letter, at the lower left of a card that ends at ``low``."""
    entry, text = painted.entry(index), painted.text(index)
    if entry is None or not text:
        return
    words = f"{entry.mark} {text}" if entry.mark and entry.mark != text else text
    color = entry.color(look)
    yield Shape(
        rounded(x + 8, low - 6, labels.advance(words, 10.5, True) + 10, 15, 5),
        fill=color,
        stroke=theme.surface,
        width=1.5,
    )
    yield Text(x + 13, low + 5, (Span(words),), 10.5, ink(color), strong=True)
