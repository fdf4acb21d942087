"""The colours and sizes of exported pictures: the same ones that the canvas draws with.

``mark`` is for lines and glyphs, ``text`` for words and numbers, ``tint`` for the ground behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Role:
    """One meaning of a hue."""

    mark: str
    text: str
    tint: str


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour of a picture. ``diverging`` runs from the most negative over zero to the most positive."""

    surface: str
    card: str
    sunken: str
    primary: str
    tertiary: str
    hairline: str
    strong: str
    edge: str
    roles: dict[str, Role]
    diverging: tuple[str, ...]


LIGHT = Theme(
    surface="#FFFFFF",
    card="#FFFFFF",
    sunken="#F7F8FA",
    primary="#31333F",
    tertiary="#666A79",
    hairline="#DCDFE6",
    strong="#868B9A",
    edge="#787D8C",
    roles={
        "forward": Role("#0068A6", "#0068A6", "#E6F0F6"),
        "gradient": Role("#D55E00", "#BC4700", "#FBEFE6"),
        "parameter": Role("#009E73", "#007D54", "#E6F5F1"),
        "constant": Role("#585E6B", "#585E6B", "#EEEFF0"),
        "input": Role("#3092C0", "#0075A1", "#EAF4F9"),
        "output": Role("#5E1457", "#5E1457", "#EFE8EE"),
        "error": Role("#A30016", "#A30016", "#F6E6E8"),
    },
    diverging=(
        "#8A3A00", "#B95B1A", "#DF8447", "#EFB88D", "#F1D8C2", "#ECEDF0",
        "#C4DAEB", "#94BFE1", "#5295CA", "#256EA7", "#004A80",
    ),
)  # fmt: skip

DARK = Theme(
    surface="#0E1117",
    card="#171B24",
    sunken="#131720",
    primary="#FAFAFA",
    tertiary="#9BA1B0",
    hairline="#2C323F",
    strong="#6F7688",
    edge="#727A8C",
    roles={
        "forward": Role("#3C9BE6", "#45A3EE", "#1E354B"),
        "gradient": Role("#F0883A", "#F0883A", "#423128"),
        "parameter": Role("#2DC79A", "#2DC79A", "#1B3D3C"),
        "constant": Role("#9FA7B6", "#9FA7B6", "#323741"),
        "input": Role("#B4E9FF", "#B4E9FF", "#364450"),
        "output": Role("#A8628E", "#C77FAC", "#342939"),
        "error": Role("#DE3456", "#FE556F", "#3F202E"),
    },
    diverging=(
        "#FFC08A", "#F29B5A", "#D5762F", "#9C5521", "#63412F", "#2A2F3A",
        "#274663", "#246191", "#3687C8", "#6AB0EA", "#A9DBFF",
    ),
)  # fmt: skip

THEMES: dict[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}


def mix(color: str, ground: str, share: float) -> str:
    """What ``color`` looks like when it covers ``share`` of ``ground``."""
    parts = ((int(color[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in parts)


def tinted(theme: Theme, ground: str, ink: str) -> Theme:
    """The theme of a card in the colour of an overlay: all hues but that of the gradient give way to ``ink``."""
    plain = Role(ink, ink, ground)
    roles = dict.fromkeys(("parameter", "constant", "input", "output"), plain)
    roles["forward"] = replace(theme.roles["forward"], text=ink)
    roles["error"] = Role(theme.roles["error"].mark, ink, ground)
    return replace(
        theme, card=ground, sunken=ground, primary=ink, tertiary=ink, hairline=theme.strong, roles=theme.roles | roles
    )
