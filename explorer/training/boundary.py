"""What a trained program predicts for every point of the plane."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.errors import TrainingError
from explorer.execute import again
from explorer.run import Run, as_tensor
from explorer.training.rules import Column


def predictions(
    run: Run, points: str | tuple[str, str], prediction: str, xs: Column, ys: Column
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The prediction at each point of a grid: rows go along ``ys``, columns along ``xs``.

    ``points`` is the node that holds the points, one a row, or the two nodes that hold one point's coordinates;
    ``prediction`` a node with one number a point, or one a class (then the class with the largest is told). What
    does not depend on the points stays as it is in the run. Raises TrainingError where the prediction is none of
    the points alone.
    """
    grid = torch.from_numpy(np.stack([part.reshape(-1) for part in np.meshgrid(xs, ys)], axis=1))
    graph = run.graph
    if isinstance(points, str):
        changed = {graph.find(points): grid}
    else:
        changed = {graph.find(name): grid[:, place].contiguous() for place, name in enumerate(points)}
    found = as_tensor(again(run, changed, graph.find(prediction))).double()
    return _one_a_point(found, len(grid), prediction).numpy().reshape(len(ys), len(xs))


def on_a_line(run: Run, points: str, prediction: str, xs: Column) -> Column:
    """The prediction at each x, for points with one coordinate: numbers or rows of one.

    Raises TrainingError where the prediction is none of the points alone.
    """
    index, given = run.graph.find(points), torch.from_numpy(np.ascontiguousarray(xs))
    column = given if len(run.graph.shapes[index]) == 1 else given[:, None]
    found = as_tensor(again(run, {index: column}, run.graph.find(prediction))).double()
    line: Column = _one_a_point(found, len(xs), prediction).numpy()
    return line


def _one_a_point(found: Tensor, count: int, prediction: str) -> Tensor:
    if found.ndim == 2 and len(found) == count:
        found = found[:, 0] if found.shape[1] == 1 else found.argmax(1).double()
    if found.shape != (count,):
        raise TrainingError(
            f"For {count} points {prediction!r} has shape {list(found.shape)}. Choose a node with one number a point, "
            "or one a class, that depends on the points."
        )
    return found
