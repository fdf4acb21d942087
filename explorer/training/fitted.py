"""Which inputs of a program hold points to learn from, and which node predicts them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.errors import DataError
from explorer.execute import downstream
from explorer.graph import Graph
from explorer.training.data import CLASS, MOST_ROWS, Points
from explorer.training.replay import leaves_by_name

POINTS, TARGETS = ("X", "x", "points"), ("t", "T", "y", "targets")
"""The names that inputs with points and with targets go by, the likelier ones first."""

Rows = list[Any]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The inputs that hold the points, one a row or one number each, and their targets, as numbers or rows of one."""

    points: str
    targets: str

    def read(self, values: Mapping[str, Any]) -> Points:
        """The points that the program has. Raises DataError where they are none."""
        inputs, targets = _matrix(values[self.points]), _matrix(values[self.targets])
        if inputs.shape[0] != targets.shape[0] or targets.shape[1] != 1 or inputs.shape[1] > 2:
            raise DataError(f"{self.points} and {self.targets} do not hold one point and one target a row.")
        whole = bool(((targets >= 0) & (targets == np.floor(targets)) & (targets < 10)).all())
        is_classes = whole and inputs.shape[1] == 2
        names = ("x",) if inputs.shape[1] == 1 else ("x1", "x2")
        return Points((*names, CLASS if is_classes else "y"), np.column_stack([inputs, targets]))

    def write(self, points: Points, values: Mapping[str, Any]) -> dict[str, Rows]:
        """Both inputs with other points, in the form that they have in ``values``."""
        flat = points.inputs.shape[1] == 1 and not _has_rows(values.get(self.points))
        inputs = points.inputs[:, 0].tolist() if flat else points.inputs.tolist()
        rows = [[target] for target in points.targets.tolist()]
        return {
            self.points: inputs,
            self.targets: rows if _has_rows(values.get(self.targets)) else [row[0] for row in rows],
        }


def fitted(values: Mapping[str, Any], shape: Sequence[int] | None = None) -> Fitted | None:
    """The two inputs of a program's ``values`` (numbers and nested lists) that hold points and their targets.

    With the ``shape`` of other points only those that could take these. ``None`` where there are none.
    """
    points = next((name for name in POINTS if isinstance(values.get(name), list)), None)
    targets = next((name for name in TARGETS if isinstance(values.get(name), list)), None)
    if points is None or targets is None:
        return None
    found = Fitted(points, targets)
    try:
        there = found.read(values)
    except DataError:
        return None
    return found if shape is None or there.inputs.shape[1] == shape[1] else None


def prediction(graph: Graph, given: Fitted) -> str | None:
    """What predicts the targets: the last node that depends on the points, and not on the targets, and has something
    for each point; one with a name where there is any.
    """
    nodes = leaves_by_name(graph)
    if given.points not in nodes or given.targets not in nodes:
        return None
    rows = graph.shapes[nodes[given.points]][0]
    reached = downstream(graph, [nodes[given.points]]) - downstream(graph, [nodes[given.targets]])
    found = [
        i for i in sorted(reached) if graph.inputs[i] and graph.shapes[i][:1] == (rows,) and graph.dtypes[i] != "bool"
    ]
    named = [i for i in found if graph.names[i]]
    return graph.ids[(named or found)[-1]] if found else None


def middle(graph: Graph, node: str) -> float:
    """Where a prediction is between two classes: 0.5 for a probability and for what is compared with them, else 0."""
    index = graph.find(node)
    compared = any(graph.ops[target] in ("mse", "sub") for target, _ in graph.consumers[index])
    return 0.5 if graph.ops[index] in ("sigmoid", "softmax") or compared else 0.0


def moved(points: Points, index: int, x: float, y: float) -> Points:
    """One point elsewhere. Raises DataError where there is none of that number."""
    _check(points, index)
    rows = points.rows.copy()
    rows[index, 0], rows[index, 1] = x, y
    return Points(points.columns, rows)


def added(points: Points, x: float, y: float, target: float = 0.0) -> Points:
    """One point more; of a class where there are classes. Raises DataError where there are too many."""
    if len(points.rows) >= MOST_ROWS:
        raise DataError(f"There are {MOST_ROWS:,} points, and no more are taken.")
    row = [x, y, target][: len(points.columns)]
    return Points(points.columns, np.vstack([points.rows, row]))


def removed(points: Points, index: int) -> Points:
    """One point less. Raises DataError for the last one."""
    _check(points, index)
    if len(points.rows) == 1:
        raise DataError("This is the last point: without any there is nothing to learn from.")
    return Points(points.columns, np.delete(points.rows, index, axis=0))


def likely_parameters(names: Collection[str], data: Collection[str]) -> tuple[str, ...]:
    """Which inputs are trained unless one says otherwise: weights and biases by name; without any all but the data."""
    free = [name for name in names if name not in data]
    weights = [name for name in free if name[0] in "wWbθ" or name.startswith(("theta", "beta", "gamma"))]
    has_data = any(name in (*POINTS, *TARGETS) for name in names)
    return tuple(weights if weights and has_data else free)


def _check(points: Points, index: int) -> None:
    if not 0 <= index < len(points.rows):
        raise DataError(f"There is no point {index}: there are {len(points.rows)}, counted from 0.")


def _has_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _matrix(value: object) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = np.array(value, np.float64)
    if found.ndim not in (1, 2) or not found.size:
        raise DataError("Points are rows of numbers.")
    return found.reshape(len(found), -1)
