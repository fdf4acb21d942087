"""How gradients change on their way back: one norm a level, so that vanishing and exploding show as a slope."""

from __future__ import annotations

from math import sqrt

from torch import Tensor

from explorer.execute import levels
from explorer.graph import Graph
from explorer.run import Number, Run


def gradient_norms(run: Run) -> list[float | None]:
    """Per level from the inputs to the output the Euclidean norm of its gradients; ``None`` where none arrived.

    A leaf counts where it is used first: a weight of the last layer belongs to the last layer.
    """
    depth = depths(run.graph)
    squares: list[float | None] = [None] * (max(depth, default=-1) + 1)
    for level, grad in zip(depth, run.grads, strict=True):
        if grad is not None:
            squares[level] = (squares[level] or 0.0) + _square(grad)
    return [None if square is None else sqrt(square) for square in squares]


def depths(graph: Graph) -> list[int]:
    """Per node its level; a leaf is one below the first operation that reads it."""
    depth = levels(graph)
    for index, ports in enumerate(graph.inputs):
        users = [depth[target] for target, _ in graph.consumers[index]]
        if not ports and users:
            depth[index] = min(users) - 1
    return depth


def _square(grad: Number) -> float:
    return float((grad * grad).sum()) if isinstance(grad, Tensor) else float(grad) * float(grad)
