"""A run as a PNG, drawn in this process with Pillow.

Everything is drawn at four times its size, tile by tile so that memory stays small, and shrunk, which smooths it.
The faces are those that Streamlit serves to the app (Source Sans, Source Serif), so that the picture looks like
the page; where they are not found, common faces of the system are tried, then Pillow's own, which has Latin only.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from explorer.errors import ExportError
from explorer.export.marks import Picture, Point, Shape, Text, flatten
from explorer.export.picture import picture
from explorer.export.shown import Coloured, Opened
from explorer.export.theme import ThemeName
from explorer.layout import Direction
from explorer.run import Run

MOST_PIXELS = 36_000_000
_FINER = 4
TILE = 1000
"""Pixels of the final picture that are drawn at once, in each direction."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_STREAMLIT = {"ui": "SourceSansVF-Upright", "math": "SourceSerifVariable-Italic"}
_SYSTEM = {
    ("ui", False): ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf"),
    ("ui", True): ("DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf"),
    ("math", False): ("DejaVuSerif-Italic.ttf", "LiberationSerif-Italic.ttf", "timesi.ttf"),
}


def to_png(
    run: Run,
    *,
    scale: float | None = None,
    width: int | None = None,
    direction: Direction = "lr",
    theme: ThemeName = "light",
    opened: Opened = None,
    overlay: Coloured = None,
) -> bytes:
    """The picture of ``to_svg`` with ``scale`` pixels to the CSS pixel, or ``width`` pixels wide; without either with
    2 to the CSS pixel, or as many as fit.

    Raises ExportError where what was given makes more than ``MOST_PIXELS``.
    """
    return png(*scaled(picture(run, direction=direction, theme=theme, opened=opened, overlay=overlay), scale, width))


def scaled(drawn: Picture, scale: float | None, width: int | None) -> tuple[Picture, float]:
    """The picture with the pixels that it gets to the CSS pixel."""
    if width is not None:
        return drawn, width / drawn.width
    return drawn, scale or min(2.0, math.sqrt(0.99 * MOST_PIXELS / (drawn.width * drawn.height)))


def png(drawn: Picture, scale: float) -> bytes:
    """A picture as the bytes of a PNG file."""
    width, height = (math.ceil(round(side * scale, 6)) for side in (drawn.width, drawn.height))
    if not 0 < width * height <= MOST_PIXELS:
        raise ExportError(
            f"A picture of {width:,} x {height:,} pixels cannot be made: at most {MOST_PIXELS:,} pixels are drawn. "
            "Try a smaller scale, or SVG, which has no such bound."
        )
    image = Image.new("RGB", (width, height), drawn.ground)
    strokes = [stroke for group in drawn.groups for mark in group.marks for stroke in _strokes(mark, scale * _FINER)]
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            size = (min(TILE, width - left), min(TILE, height - top))
            image.paste(_tile(strokes, drawn.ground, (left, top), size), (left, top))
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(96 * scale, 96 * scale))
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Stroke:
    """One call of Pillow: the pixels it may touch, and how it paints them shifted to the left and upwards."""

    left: float
    top: float
    right: float
    bottom: float
    paint: Callable[[ImageDraw.ImageDraw, int, int], None]


def _tile(strokes: Iterable[_Stroke], ground: str, corner: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    """The pixels from ``corner`` on of the whole picture."""
    (left, top), (width, height) = ((a * _FINER, b * _FINER) for a, b in (corner, size))
    fine = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(fine)
    for stroke in strokes:
        if stroke.left < left + width and left < stroke.right and stroke.top < top + height and top < stroke.bottom:
            stroke.paint(draw, left, top)
    return fine.reduce(_FINER)


def _strokes(mark: Shape | Text, scale: float) -> Iterator[_Stroke]:
    yield from _shape(mark, scale) if isinstance(mark, Shape) else _text(mark, scale)


def _shape(shape: Shape, scale: float) -> Iterator[_Stroke]:
    width = max(1, round(shape.width * scale))
    for line in flatten(shape.path):
        # Whole pixels, or a shape would be rounded differently in each tile.
        points = [(round(x * scale), round(y * scale)) for x, y in line]
        if shape.fill:
            yield _around(points, 1, partial(_fill, points, shape.fill))
        if shape.stroke:
            dash = shape.dash and (shape.dash[0] * scale, shape.dash[1] * scale)
            for piece in _dashes(points, *dash) if dash else (points,):
                yield _around(piece, width, partial(_line, piece, shape.stroke, width))


def _around(points: Sequence[Point], margin: int, paint: Callable[[ImageDraw.ImageDraw, int, int], None]) -> _Stroke:
    xs, ys = zip(*points, strict=True)
    return _Stroke(min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin, paint)


def _fill(points: Sequence[Point], color: str, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    draw.polygon([(x - left, y - top) for x, y in points], fill=color)


def _line(points: Sequence[Point], color: str, width: int, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    draw.line([(x - left, y - top) for x, y in points], fill=color, width=width, joint="curve")


def _text(line: Text, scale: float) -> Iterator[_Stroke]:
    size = line.size * scale
    fonts = [font(span.face, line.strong, size) for span in line.spans]
    widths = [face.getlength(span.text) for face, span in zip(fonts, line.spans, strict=True)]
    x = round(line.x * scale - {"start": 0.0, "middle": 0.5, "end": 1.0}[line.anchor] * sum(widths))
    y = round(line.y * scale)
    for face, span, width in zip(fonts, line.spans, widths, strict=True):
        yield _Stroke(
            x - size, y - 2 * size, x + width + size, y + size, partial(_write, (x, y), span.text, face, line.color)
        )
        x += round(width)


def _write(place: Point, text: str, face: Font, color: str, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    draw.text((place[0] - left, place[1] - top), text, fill=color, font=face, anchor="ls")


def _dashes(points: Sequence[Point], stroke: float, gap: float) -> Iterator[list[Point]]:
    """The strokes of a dashed line along ``points``."""
    piece, on, left = [points[0]], True, stroke
    for start, end in pairwise(points):
        length, done = math.dist(start, end), 0.0
        while length - done > left:
            done += left
            share = done / length
            place = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            if on:
                yield [*piece, place]
            piece, on = [place], not on
            left = stroke if on else gap
        left -= length - done
        piece.append(end)
    if on and len(piece) > 1:
        yield piece


@cache
def font(face: str, strong: bool, size: float) -> Font:
    """The best face found on this machine; see the head of this module."""
    found = _from_streamlit(_STREAMLIT[face], strong, size)
    for name in _SYSTEM[face, strong and face == "ui"] if found is None else ():
        found = found or _truetype(name, size)
    return found or ImageFont.load_default(size)


def _from_streamlit(stem: str, strong: bool, size: float) -> Font | None:
    spec = find_spec("streamlit")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(place, "static", "static", "media").glob(f"{stem}*.woff2")):
            found = _truetype(str(file), size)
            if found is not None and _set_weight(found, 600 if strong else 400):
                return found
    return None


def _truetype(file: str, size: float) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(file, size)
    except OSError:  # No such file, or a format that this build of FreeType does not read.
        return None


def _set_weight(font: ImageFont.FreeTypeFont, weight: int) -> bool:
    try:
        axes = font.get_variation_axes()
        font.set_variation_by_axes([weight if axis["name"] == b"Weight" else axis["default"] or 0 for axis in axes])
    except (OSError, NotImplementedError):  # Not a variable font, or a build of FreeType without them.
        return False
    return True
