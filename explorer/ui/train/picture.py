"""The plane beside the loss curve: the boundary between classes as it forms, or the loss over two parameters."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ExplorerError
from explorer.training.boundary import on_a_line, predictions
from explorer.training.data import Points
from explorer.training.fitted import middle, prediction
from explorer.training.history import curve
from explorer.training.rules import Column
from explorer.training.surface import rows, window

if TYPE_CHECKING:
    from explorer.ui.train.share import Training

Kind = Literal["boundary", "fit", "surface"]
SIZE = 41
"""Rows and columns of a plane."""
BUDGET = 0.04
"""Seconds that a part of a surface may take."""
MARGIN = 0.15


@dataclass(frozen=True, slots=True)
class Picture:
    """``z`` has a row for each of ``ys``, NaN where it is not worked out yet; a ``fit`` has one row, the predictions
    over ``xs``. ``path`` are the parameters so far. ``title`` says what is shown, ``step`` for which step it holds,
    ``middle`` where two classes meet.
    """

    kind: Kind
    title: str
    names: tuple[str, str]
    xs: Column
    ys: Column
    z: NDArray[np.float64]
    points: Points | None = None
    path: NDArray[np.float64] | None = None
    step: int = 0
    middle: float = 0.0


class Pictures:
    """``wanted`` is what the user asked to see, ``axes`` the parameters' elements that a surface is over."""

    def __init__(self) -> None:
        self.wanted: Kind | None = None
        self.axes: tuple[int, int] = (0, 1)
        self._key: tuple[int, int, int, bytes] | None = None
        self._rows: Iterator[Column] | None = None
        self._surface: Picture | None = None
        self._done = 0

    def forget(self) -> None:
        """The objective is another one."""
        self._key, self._rows, self._surface = None, None, None

    def kinds(self, training: Training) -> list[Kind]:
        """What can be shown beside the curve, the likeliest first; not a model's surface, which takes long."""
        found: list[Kind] = []
        points = training.points
        if points is not None and training.run is not None and _predicting(training) is not None:
            found.append("fit" if points.inputs.shape[1] == 1 else "boundary")
        is_quick = training.material is not None and training.material.model is None
        if is_quick and training.trainer is not None and training.trainer.objective.layout.size > 1:
            found.append("surface")
        return found

    def kind(self, training: Training) -> Kind | None:
        """What is shown."""
        kinds = self.kinds(training)
        return self.wanted if self.wanted in kinds else next(iter(kinds), None)

    def picture(self, training: Training) -> Picture | None:
        """What is shown, as far as it is worked out."""
        kind = self.kind(training)
        try:
            if kind == "surface":
                return self.surface(training)
            return None if kind is None else predicted(training)
        except ExplorerError:
            return None

    @property
    def pending(self) -> bool:
        """Whether there is more to work out."""
        return self._rows is not None

    @property
    def share(self) -> float:
        """How much of the surface is worked out."""
        return self._done / SIZE

    def work(self, seconds: float = BUDGET) -> bool:
        """Work out a part of the surface; True when that was the last one."""
        if self._rows is None or self._surface is None:
            return False
        end = time.perf_counter() + seconds
        for row in self._rows:
            self._surface.z[self._done] = row
            self._done += 1
            if time.perf_counter() > end:
                return False
        self._rows = None
        return True

    def surface(self, training: Training) -> Picture | None:
        """The loss over two elements of the parameters, begun anew where the path has left it or others have moved."""
        trainer = training.trainer
        if trainer is None or trainer.objective.layout.size < 2:
            return None
        layout, at = trainer.objective.layout, training.at
        x, y = (axis if axis < layout.size else place for place, axis in enumerate(self.axes))
        shown = slice(0, training.reached + 1)
        path = np.stack([curve(trainer, x)[shown], curve(trainer, y)[shown]], axis=1)
        values = trainer.moments[at].values
        others = np.delete(values, [x, y]).tobytes()
        key = (id(trainer), x, y, others)
        is_other = self._key is None or self._key[:3] != key[:3]
        has_moved = not training.playing and (self._key != key or not self._holds(path))
        if is_other or has_moved:
            self._key = key
            xs, ys = (np.linspace(*window(path[:, side].tolist()), SIZE) for side in (0, 1))
            title = f"Loss over {layout.labels[x]} and {layout.labels[y]}"
            z = np.full((SIZE, SIZE), np.nan)
            self._surface = Picture("surface", title, (layout.labels[x], layout.labels[y]), xs, ys, z, step=at)
            self._rows, self._done = rows(trainer.objective, values.astype(np.float64), x, y, xs, ys), 0
            self.work()
        found = self._surface
        assert found is not None
        return Picture(
            found.kind, found.title, found.names, found.xs, found.ys, found.z, None, path[: at + 1], found.step
        )

    def _holds(self, path: NDArray[np.float64]) -> bool:
        """Whether all of the path lies in the plane, as far as it is finite."""
        found = self._surface
        if found is None:
            return False
        low, high = (found.xs[0], found.ys[0]), (found.xs[-1], found.ys[-1])
        finite = path[np.isfinite(path).all(axis=1)]
        return bool(((finite >= low) & (finite <= high)).all())


def predicted(training: Training) -> Picture | None:
    """What the program predicts over the plane of its points, or over the line of its x."""
    points, node, found, run = training.points, _predicting(training), training.material, training.run
    if points is None or node is None or found is None or found.given is None or run is None:
        return None
    xs = _reach(points.rows[:, 0])
    if points.inputs.shape[1] == 1:
        z = on_a_line(run, found.given.points, node, xs)
        ys = _reach(np.concatenate([points.targets, z[np.isfinite(z)]]))
        return Picture(
            "fit", f"{node} over {found.given.points}", (points.columns[0], points.columns[-1]), xs, ys, z[None], points
        )
    ys = _reach(points.rows[:, 1])
    z = predictions(run, found.given.points, node, xs, ys)
    return Picture(
        "boundary",
        f"{node} over the plane",
        (points.columns[0], points.columns[1]),
        xs,
        ys,
        z,
        points,
        None,
        training.at,
        middle(run.graph, node),
    )


def _predicting(training: Training) -> str | None:
    found = training.material
    if found is None or found.given is None or training.run is None:
        return None
    return prediction(training.run.graph, found.given)


def _reach(values: Sequence[float] | Column) -> Column:
    """Evenly spaced numbers around some, with room at both ends."""
    low, high = float(np.min(values)), float(np.max(values))
    room = MARGIN * (high - low) or 1.0
    return np.linspace(low - room, high + room, SIZE)
