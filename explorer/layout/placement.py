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


@dataclass(frozen=True, slots=True)
class Port:
    """Where the value of a node crosses the border of a group."""

    value: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The border of a group, the upper left corner of its title, and its ports.

    ``scope`` names it from the outside in. A scope that values leave and enter again is several groups: ``part``
    counts them from 0.
    """

    scope: tuple[str, ...]
    part: int
    x: float
    y: float
    width: float
    height: float
    title: tuple[float, float]
    entries: tuple[Port, ...]
    exits: tuple[Port, ...]


@dataclass(frozen=True)
class Placement:
    """Where everything is, in CSS pixels from the top-left corner of the drawing. The arrays are read-only.

    ``x`` and ``y`` are the cards' top-left corners, one per node. The route of edge ``e`` is
    ``points[starts[e]:starts[e + 1]]``: a start point, then ``(control, control, end)`` for each cubic Bézier
    curve. Routes of edges from one node may share their way. ``chips`` holds, per edge, the centre of a good
    place for its label, with room for it where edges are ``labelled``. ``groups`` are the borders of groups, each
    before what it holds; edges cross them at their ports only.
    """

    direction: Direction
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    width: float
    height: float
    starts: NDArray[np.uint32]
    points: NDArray[np.float32]
    chips: NDArray[np.float32]
    groups: tuple[Frame, ...] = ()
    labelled: bool = True
