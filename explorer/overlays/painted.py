"""An overlay on the nodes that are seen: per node its class, and what the classes mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.overlays import colors
from explorer.overlays.kinds import BROKEN_GRADIENT, FINITE, INFINITE, NAN
from explorer.overlays.overlay import SEVERAL, Datum, Overlay
from explorer.overlays.scale import Scale, amount, is_wide, scale
from explorer.passes.condense import Condensed

NOT_FINITE = "not finite"
_BROKEN = (NAN, INFINITE, BROKEN_GRADIENT)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend: a class, the ``mark`` that its nodes bear ("" where a number tells), and its colours on a
    light and a dark page.
    """

    label: str
    mark: str
    light: str
    dark: str

    def color(self, theme: str) -> str:
        return self.dark if theme == "dark" else self.light


@dataclass(frozen=True)
class Painted:
    """``classes`` are places in ``entries`` by seen node, -1 where nothing is known; ``data`` what they stand for."""

    overlay: Overlay
    data: Sequence[Datum]
    classes: Sequence[int]
    entries: Sequence[Entry]

    def entry(self, node: int) -> Entry | None:
        """The class of a seen node; None where nothing is known of it."""
        place = self.classes[node]
        return None if place < 0 else self.entries[place]

    def text(self, node: int) -> str:
        """A seen node's number with its unit, or its word; "" where nothing is known."""
        return written(self.overlay, self.data[node])


def written(overlay: Overlay, datum: Datum) -> str:
    """A number with its unit, or a word; "" for nothing."""
    if datum is None:
        return ""
    return datum if isinstance(datum, str) else amount(datum, overlay.unit)


def paint(overlay: Overlay, seen: Condensed | None = None) -> Painted:
    """The overlay on all nodes, or on what is ``seen`` of them: closed groups show what their nodes make together."""
    data = list(overlay.data) if seen is None else list(_seen(overlay, seen))
    words = any(isinstance(datum, str) for datum in data)
    classes, entries = _categories(overlay, data) if words else _numbers(overlay, data)
    return Painted(overlay, data, classes, entries)


def _seen(overlay: Overlay, seen: Condensed) -> Iterator[Datum]:
    for place, shown in enumerate(seen.shows):
        key = seen.group_of.get(place)
        yield overlay.data[shown] if key is None else overlay.of_group(key, seen.groups.by_key[key].members)


def _categories(overlay: Overlay, data: Sequence[Datum]) -> tuple[list[int], list[Entry]]:
    found = dict.fromkeys(datum for datum in data if isinstance(datum, str))
    rest = sorted(word for word in found if word not in overlay.words and word != SEVERAL)
    words = [*(word for word in overlay.words if word in found), *rest, *([SEVERAL] if SEVERAL in found else [])]
    places = {word: place for place, word in enumerate(words)}
    entries = [_category(overlay, word, place) for place, word in enumerate(words)]
    return [places[datum] if isinstance(datum, str) else -1 for datum in data], entries


def _category(overlay: Overlay, word: str, place: int) -> Entry:
    if word in overlay.colors:
        return Entry(word, letters(place), overlay.colors[word], overlay.colors[word])
    if word == SEVERAL:
        return Entry(word, "…", *colors.QUIET)
    if overlay.key == "finite":
        return _finite(word)
    mark = word if overlay.key == "segment" and len(word) <= 2 else letters(place)
    return Entry(word, mark, *colors.category(place))


def _finite(word: str) -> Entry:
    if word == FINITE:
        return Entry(word, "", *colors.QUIET)
    marks = {NAN: "NaN", INFINITE: "∞", BROKEN_GRADIENT: "∂!"}
    hues = colors.BROKEN if word in _BROKEN else colors.category(1)
    return Entry(word, marks.get(word, "−∞"), *hues)


def letters(place: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    word = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        word = chr(ord("A") + rest) + word
    return word


def _numbers(overlay: Overlay, data: Sequence[Datum]) -> tuple[list[int], list[Entry]]:
    numbers = [datum if isinstance(datum, float) else None for datum in data]
    finite = [number for number in numbers if number is not None and math.isfinite(number)]
    has_zero = is_wide(finite) and 0.0 in finite
    found = scale([number for number in finite if number or not has_zero], overlay.unit)
    entries = [Entry("0", "", *colors.ZERO)] if has_zero else []
    entries += _classes(overlay, found)
    is_broken = any(number is not None and not math.isfinite(number) for number in numbers)
    entries += [Entry(NOT_FINITE, "!", *colors.BROKEN)] if is_broken else []
    return [_place(number, found, has_zero, len(entries)) for number in numbers], entries


def _classes(overlay: Overlay, found: Scale) -> list[Entry]:
    middles = [found.middle(place) for place in range(found.count)]
    most = max(map(abs, middles), default=0.0)
    if min(middles, default=0.0) < 0 < max(middles, default=0.0):
        hues = [colors.diverging(middle / most) for middle in middles]
    else:
        hues = colors.ramp(overlay.ramp, found.count)
    return [Entry(found.label(place, overlay.unit), "", *hue) for place, hue in enumerate(hues)]


def _place(number: float | None, found: Scale, has_zero: bool, count: int) -> int:
    if number is None:
        return -1
    if not math.isfinite(number):
        return count - 1
    return 0 if has_zero and number == 0 else found.place(number) + has_zero
