"""The colours that stand for classes: lighter and darker, so that no hue alone tells them apart.

The ramps are ColorBrewer's Blues, Oranges and Purples (Brewer 2002), safe for all kinds of colour vision and in grey;
more is further from the ground, darker on a light page and lighter on a dark one. Categories have the colours of
Okabe and Ito (2008) and a letter each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.overlays.overlay import Ramp

RAMPS: Mapping[Ramp, Sequence[str]] = {
    "value": ("#C6DBEF", "#9ECAE1", "#6BAED6", "#4292C6", "#2171B5", "#08519C", "#08306B"),
    "gradient": ("#FDD0A2", "#FDAE6B", "#FD8D3C", "#F16913", "#D94801", "#A63603", "#7F2704"),
    "amount": ("#DADAEB", "#BCBDDC", "#9E9AC8", "#807DBA", "#6A51A3", "#54278F", "#3F007D"),
}
"""From least to most on a light page; on a dark one the other way round."""

DIVERGING = ("#8A3A00", "#B95B1A", "#DF8447", "#EFB88D", "#ECEDF0", "#94BFE1", "#5295CA", "#256EA7", "#004A80")
"""From the most negative over 0 to the most positive, on any page."""

CATEGORIES = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#0072B2", "#D55E00", "#999999")
ZERO = ("#E8EAEE", "#333A46")
"""Of nothing at all, on a light and a dark page."""

BROKEN = ("#A30016", "#FE556F")
"""Of what is not a finite number."""

QUIET = ("#C9CDD6", "#4A5160")
"""Of what is as it should be, and of groups that hold several."""


def ramp(name: Ramp, count: int) -> list[tuple[str, str]]:
    """``count`` colours from least to most, each for a light and a dark page."""
    colors = RAMPS[name]
    last = len(colors) - 1
    places = [last // 2] if count == 1 else [round(place * last / (count - 1)) for place in range(count)]
    return [(colors[place], colors[last - place]) for place in places]


def diverging(share: float) -> tuple[str, str]:
    """The colour of -1 to 1."""
    color = DIVERGING[round((share + 1) / 2 * (len(DIVERGING) - 1))]
    return color, color


def category(place: int) -> tuple[str, str]:
    """The colour of a category; after the last they come round again, and their letters differ."""
    color = CATEGORIES[place % len(CATEGORIES)]
    return color, color


def ink(color: str) -> str:
    """Black or white, whichever is read better on ``color``: at least 4.5 : 1 on any."""
    return "#000000" if contrast(color, "#000000") >= contrast(color, "#FFFFFF") else "#FFFFFF"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2 between two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """The relative luminance of WCAG 2 of ``#RRGGBB``."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
