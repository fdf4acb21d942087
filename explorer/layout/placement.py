"""What the layout is given and what it answers: boxes in, places and routes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Direction: TypeAlias = Literal["lr", "tb"]
"""Which way values flow: left to right, or top to bottom."""


@dataclass(frozen=True, slots=True)
class Box:
    """The outside of one card, in CSS pixels.

    ``ins`` (one per port) and ``out`` are distances along the side where the edge docks, from the top-left
    corner: from the top when the flow is left to right, from the left when it is top to bottom.
    """

    width: float
    height: float
    ins: tuple[float, ...]
    out: float


@dataclass(frozen=True)
class Placement:
    """Where everything is, in CSS pixels from the top-left corner of the drawing.

    ``x`` and ``y`` are the cards' top-left corners, one per node. The route of edge ``e`` is
    ``points[starts[e]:starts[e + 1]]``: a start point, then ``(control, control, end)`` for each cubic Bézier
    curve. ``chips`` holds, per edge, the centre of a good place for its label.
    """

    direction: Direction
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    width: float
    height: float
    starts: NDArray[np.uint32]
    points: NDArray[np.float32]
    chips: NDArray[np.float32]
