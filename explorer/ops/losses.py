"""How far a prediction is from its target."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from explorer.ops.notation import X1, G, N, X, applied, digits, fenced, fraction, row
from explorer.ops.op import Op, Scalar, Tree, Written
from explorer.ops.pointwise import numeric
from explorer.ops.shaped import shaped

_PREDICTED = applied("softmax", X)
_SURPRISE = applied("ln", _PREDICTED)


def _difference(a: Tree, b: Tree) -> Tree:
    return row(fraction(digits(2), N), "·", fenced(row(a, "−", b)))


_MSE = Written(
    row(fraction(digits(1), N), "∑", ["msup", fenced(row(X, "−", X1)), digits(2)]),
    (_difference(X, X1), _difference(X1, X)),
    (row(G, "·", _difference(X, X1)), row(G, "·", _difference(X1, X))),
)
_CROSS_ENTROPY = Written(
    row("−", fraction(digits(1), N), "∑", X1, "·", _SURPRISE),
    (fraction(row(_PREDICTED, "−", X1), N), row("−", fraction(_SURPRISE, N))),
    (row(G, "·", fraction(row(_PREDICTED, "−", X1), N)), row("−", G, "·", fraction(_SURPRISE, N))),
)


def _mse(prediction: Tensor, target: Tensor) -> Tensor:
    """Shapes must agree, or one side is a single number: (3, 1) against (3,) would silently become (3, 3)."""
    if prediction.shape != target.shape and prediction.dim() and target.dim():
        raise ValueError(
            f"mse compares entry by entry: the prediction has shape {tuple(prediction.shape)} and the target "
            f"{tuple(target.shape)}; give both the same shape."
        )
    if not prediction.dim():
        prediction = prediction.expand_as(target)
    return F.mse_loss(prediction, target.expand_as(prediction))


def _mse_vjp(g: float, y: float, prediction: float, target: float) -> tuple[float, float]:
    return 2.0 * (prediction - target) * g, 2.0 * (target - prediction) * g


def _cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Classes on the last axis of ``logits``; the mean over all rows.

    ``target`` holds probabilities where it has the shape of the logits, else one class per row, from 0.
    Raises ValueError where it fits neither way or names a class that is not there.
    """
    if not logits.dim():
        raise ValueError("cross_entropy takes a vector of logits, one per class, not a single number.")
    rows = logits.reshape(-1, logits.shape[-1])
    if target.shape == logits.shape:
        return F.cross_entropy(rows, target.reshape(rows.shape))
    if target.shape != logits.shape[:-1]:
        raise ValueError(
            f"cross_entropy with logits of shape {tuple(logits.shape)} takes a target of shape "
            f"{tuple(logits.shape[:-1])} (classes) or {tuple(logits.shape)} (probabilities), "
            f"not {tuple(target.shape)}."
        )
    return F.cross_entropy(rows, _classes(target, rows.shape[-1]).reshape(-1))


def _classes(target: Tensor, count: int) -> Tensor:
    classes = target.detach()
    wrong = classes[~((classes >= 0) & (classes < count) & (classes == classes.floor()))]
    if wrong.numel():
        raise ValueError(
            f"{wrong[0].item():g} is not a class: with {count} logits a class is a whole number from 0 to {count - 1}."
        )
    return classes.long()


OPERATIONS = (
    Op(
        "mse", "mean squared error", "mse", ("prediction", "target"), numeric(_mse),
        Scalar(lambda a, b: (a - b) * (a - b), _mse_vjp), (True, True),
        "The average of the n squared differences between prediction and target.",
        "Twice the difference, shared among all entries: the prediction is pushed away from the target.",
        lambda: _MSE,
    ),
    shaped(
        "cross_entropy", "cross-entropy", "CE", ("logits", "target"), _cross_entropy, _CROSS_ENTROPY,
        "Minus the logarithm of the probability that softmax gives the target, averaged over the n rows; "
        "a class as target counts as probability 1.",
        "The logits get the difference between predicted and wanted probabilities, shared among the rows.",
    ),
)  # fmt: skip
