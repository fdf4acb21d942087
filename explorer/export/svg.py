"""A run as SVG text that needs nothing beside it: no style sheet, no script, no font file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from explorer.export.marks import Group, Path, Picture, Shape, Text
from explorer.export.picture import picture
from explorer.export.shown import Coloured, Opened
from explorer.export.theme import ThemeName
from explorer.layout import Direction
from explorer.run import Run

_FACES = {
    "ui": "'Source Sans 3','Source Sans Pro',-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif",
    "math": "'STIX Two Math','Cambria Math','Latin Modern Math','Times New Roman',serif",
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_svg(
    run: Run,
    *,
    direction: Direction = "lr",
    theme: ThemeName = "light",
    opened: Opened = None,
    overlay: Coloured = None,
) -> str:
    """The graph with its values and gradients; every card and edge says in its ``<title>`` what it is.

    The groups in ``opened`` are open (their keys, a depth, or None for those that the app opens at first), and cards
    bear the colours of an ``overlay``, such as "flops".
    """
    return svg(picture(run, direction=direction, theme=theme, opened=opened, overlay=overlay))


def svg(drawn: Picture) -> str:
    """A picture as an SVG document whose user unit is a CSS pixel."""
    width, height = _number(drawn.width), _number(drawn.height)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label={quoteattr(legal(drawn.title))} '
        f"font-family={quoteattr(_FACES['ui'])}>"
    )
    ground = f'<rect width="100%" height="100%" fill="{drawn.ground}"/>'
    groups = ("".join(_group(group)) for group in drawn.groups)
    return "\n".join([head, f"<title>{text(drawn.title)}</title>", ground, *groups, "</svg>\n"])


def text(content: str) -> str:
    """Content as XML text."""
    return escape(legal(content))


def legal(content: str) -> str:
    """Content without the characters that XML cannot hold, such as control characters."""
    return _NOT_XML.sub("\ufffd", content)


def _group(group: Group) -> Iterator[str]:
    yield f"<g><title>{text(group.title)}</title>"
    for mark in group.marks:
        yield _shape(mark) if isinstance(mark, Shape) else _text(mark)
    yield "</g>"


def _shape(shape: Shape) -> str:
    fields = [f'd="{_path(shape.path)}" fill="{shape.fill or "none"}"']
    if shape.stroke:
        fields.append(f'stroke="{shape.stroke}" stroke-width="{_number(shape.width)}"')
    if shape.dash:
        fields.append(f'stroke-dasharray="{" ".join(map(_number, shape.dash))}"')
    return f"<path {' '.join(fields)}/>"


def _path(path: Path) -> str:
    return "".join(command + " ".join(map(_number, numbers)) for command, numbers in path)


def _text(line: Text) -> str:
    weight = ' font-weight="600"' if line.strong else ""
    anchor = "" if line.anchor == "start" else f' text-anchor="{line.anchor}"'
    spans = "".join(
        f'<tspan font-family={quoteattr(_FACES["math"])} font-style="italic">{text(span.text)}</tspan>'
        if span.face == "math"
        else text(span.text)
        for span in line.spans
    )
    place = f'x="{_number(line.x)}" y="{_number(line.y)}" font-size="{_number(line.size)}" fill="{line.color}"'
    return f'<text {place}{weight}{anchor} xml:space="preserve">{spans}</text>'


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
