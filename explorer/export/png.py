"""A run as a PNG, drawn in this process with Pillow.

Everything is drawn at four times its size, in bands so that memory stays small, and shrunk, which smooths it.
The faces are those that Streamlit serves to the app (Source Sans, Source Serif), so that the picture looks like
the page; where they are not found, common faces of the system are tried, then Pillow's own, which has Latin only.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from explorer.errors import ExportError
from explorer.export.marks import Picture, Point, Shape, Text, flatten
from explorer.export.picture import picture
from explorer.export.theme import ThemeName
from explorer.layout import Direction
from explorer.run import Run

MOST_PIXELS = 36_000_000
_FINER = 4
_BAND_PIXELS = 1_000_000

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_STREAMLIT = {"ui": "SourceSansVF-Upright", "math": "SourceSerifVariable-Italic"}
_SYSTEM = {
    ("ui", False): ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf"),
    ("ui", True): ("DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf"),
    ("math", False): ("DejaVuSerif-Italic.ttf", "LiberationSerif-Italic.ttf", "timesi.ttf"),
}


def to_png(run: Run, *, scale: float = 2, direction: Direction = "lr", theme: ThemeName = "light") -> bytes:
    """The picture of ``to_svg`` with ``scale`` pixels to the CSS pixel.

    Raises ExportError where that would be more than ``MOST_PIXELS``.
    """
    return png(picture(run, direction=direction, theme=theme), scale)


def png(drawn: Picture, scale: float) -> bytes:
    """A picture as the bytes of a PNG file."""
    width, height = math.ceil(drawn.width * scale), math.ceil(drawn.height * scale)
    if not 0 < width * height <= MOST_PIXELS:
        raise ExportError(
            f"A picture of {width:,} x {height:,} pixels cannot be made: at most {MOST_PIXELS:,} pixels are drawn. "
            "Try a smaller scale, or SVG, which has no such bound."
        )
    image = Image.new("RGB", (width, height), drawn.ground)
    rows = max(1, _BAND_PIXELS // width)
    for top in range(0, height, rows):
        image.paste(_band(drawn, scale, top, width, min(rows, height - top)), (0, top))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, dpi=(96 * scale, 96 * scale))
    return file.getvalue()


def _band(drawn: Picture, scale: float, top: int, width: int, height: int) -> Image.Image:
    """The rows from ``top`` of the whole picture."""
    fine = Image.new("RGB", (width * _FINER, height * _FINER), drawn.ground)
    pen = _Pen(ImageDraw.Draw(fine), scale * _FINER, top * _FINER, height * _FINER)
    for group in drawn.groups:
        for mark in group.marks:
            pen.shape(mark) if isinstance(mark, Shape) else pen.text(mark)
    return fine.reduce(_FINER)


class _Pen:
    """Draws marks onto the rows ``top`` to ``top + height`` of a picture of ``scale`` pixels a unit."""

    def __init__(self, draw: ImageDraw.ImageDraw, scale: float, top: int, height: int) -> None:
        self.draw, self.scale, self.top, self.height = draw, scale, top, height

    def shape(self, shape: Shape) -> None:
        for line in flatten(shape.path):
            points = [self._place(point) for point in line]
            if not self._seen(min(y for _, y in points), max(y for _, y in points), shape.width * self.scale):
                continue
            if shape.fill:
                self.draw.polygon(points, fill=shape.fill)
            if shape.stroke:
                self._stroke(points, shape)

    def _stroke(self, points: Sequence[Point], shape: Shape) -> None:
        width = max(1, round(shape.width * self.scale))
        dash = shape.dash and (shape.dash[0] * self.scale, shape.dash[1] * self.scale)
        for piece in _dashes(points, *dash) if dash else (points,):
            self.draw.line(piece, fill=shape.stroke, width=width, joint="curve")

    def text(self, line: Text) -> None:
        size = line.size * self.scale
        x, y = self._place((line.x, line.y))
        if not self._seen(y - size, y, size):
            return
        fonts = [font(span.face, line.strong, size) for span in line.spans]
        widths = [_advance(face, span.text) for face, span in zip(fonts, line.spans, strict=True)]
        x -= {"start": 0.0, "middle": 0.5, "end": 1.0}[line.anchor] * sum(widths)
        for face, span, width in zip(fonts, line.spans, widths, strict=True):
            self.draw.text((x, y), span.text, fill=line.color, font=face, anchor="ls")
            x += width

    def _place(self, point: Point) -> Point:
        """Whole pixels, or a shape would be rounded differently in each band."""
        return round(point[0] * self.scale), round(point[1] * self.scale) - self.top

    def _seen(self, low: float, high: float, margin: float) -> bool:
        return high + margin >= 0 and low - margin <= self.height


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


def _advance(face: _Font, text: str) -> float:
    return face.getlength(text)


@cache
def font(face: str, strong: bool, size: float) -> _Font:
    """The best face found on this machine; see the head of this module."""
    found = _from_streamlit(_STREAMLIT[face], strong, size)
    for name in _SYSTEM[face, strong and face == "ui"] if found is None else ():
        found = found or _truetype(name, size)
    return found or ImageFont.load_default(size)


def _from_streamlit(stem: str, strong: bool, size: float) -> _Font | None:
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
