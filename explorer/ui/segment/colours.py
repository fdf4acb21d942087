"""The colours of segments, A to H; further ones begin again. Neighbours stay apart in every kind of vision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.export.theme import Role, ThemeName

SEGMENTS: Mapping[ThemeName, Sequence[Role]] = {
    "light": (
        Role("#428FBE", "#2273A1", "#E7F4FC"),
        Role("#743058", "#743058", "#F8ECF3"),
        Role("#776300", "#776300", "#FBF8E0"),
        Role("#136297", "#136297", "#DBEBF4"),
        Role("#CD6B40", "#AB4D20", "#F9E8DB"),
        Role("#006240", "#006240", "#DBF1EB"),
        Role("#583200", "#583200", "#FCF2DB"),
        Role("#6C7482", "#606977", "#EAEBED"),
    ),
    "dark": (
        Role("#9FE4FF", "#9FE4FF", "#212C35"),
        Role("#E697BB", "#E697BB", "#2A222C"),
        Role("#FDF048", "#FDF048", "#2D2E1D"),
        Role("#3C84C6", "#4C94D7", "#14202E"),
        Role("#FF986C", "#FF986C", "#2D2322"),
        Role("#0C906C", "#2FA27E", "#0C2122"),
        Role("#AE7700", "#BD8621", "#231E14"),
        Role("#707685", "#8A90A0", "#1B1E25"),
    ),
}


def hue(segment: int, theme: ThemeName) -> Role:
    """What a segment looks like."""
    return SEGMENTS[theme][segment % len(SEGMENTS[theme])]


def variables(segment: int) -> str:
    """The same as variables of CSS that follow the page's theme."""
    pairs = [(getattr(hue(segment, "light"), part), getattr(hue(segment, "dark"), part)) for part in ("mark", "text")]
    return ";".join(
        f"--x-part-{name}:light-dark({a},{b})" for name, (a, b) in zip(("mark", "text"), pairs, strict=True)
    )
