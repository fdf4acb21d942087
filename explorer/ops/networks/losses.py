"""How far predictions are from their targets, as networks are trained on it."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.ops.networks.written import DELTA, NOTHING, SELF, Port, Text, at, factor
from explorer.ops.notation import (
    ELSEWHERE,
    G,
    N,
    Y,
    applied,
    cases,
    digits,
    entry,
    fenced,
    fraction,
    letter,
    row,
    slot,
    words,
)
from explorer.ops.op import Tree

_TARGET, _ONE = slot("target"), digits(1)
_E: Tree = letter("e")
_SOFTMAX = applied("softmax", SELF)
_SIGMOID = applied("σ", SELF)
_AT_TARGET = words("at the target")
_NAMED = words("1 at the target")
_REDUCTIONS = {0: "of every row", 1: "averaged over the n rows", 2: "added up over all rows"}
"""torch's own numbers: 0 none, 1 mean, 2 sum."""


def _shared(tree: Tree, reduction: int) -> Tree:
    return fraction(tree, N) if reduction == 1 else tree


def _summed(tree: Tree, reduction: int) -> Tree:
    """Over the rows, as the reduction has it; with a minus sign."""
    sums = {0: row("−", tree), 1: row("−", fraction(_ONE, N), "∑", tree), 2: row("−", "∑", tree)}
    return sums[reduction]


def _log_likelihoods() -> Iterator[Text]:
    for reduction, how in _REDUCTIONS.items():
        part, pulled = _shared(_ONE, reduction), _shared(G, reduction)
        yield Text(
            "nll_loss", "negative log-likelihood", "NLL", {"self": Port(
                cases((row("−", part), _AT_TARGET), (digits(0), ELSEWHERE)),
                cases((row("−", pulled), _AT_TARGET), (digits(0), ELSEWHERE)),
            ), "target": NOTHING},
            _summed(at(SELF, _TARGET), reduction),
            f"Minus the logarithm of the probability given to the target, {how}.",
            "Only the target's entry gets a gradient, which pushes its probability up.", {"reduction": reduction},
        )  # fmt: skip


def _cross_entropies() -> Iterator[Text]:
    miss = row(_SOFTMAX, "−", _NAMED)
    for reduction, how in _REDUCTIONS.items():
        shared = _shared(miss, reduction)
        yield Text(
            "cross_entropy_loss", "cross-entropy", "CE",
            {"self": Port(shared, row(G, "·", shared if reduction == 1 else fenced(shared))), "target": NOTHING},
            _summed(applied("ln", at(_SOFTMAX, _TARGET)), reduction),
            f"Minus the logarithm of the probability that softmax gives the target, {how}.",
            "The logits get the difference between predicted and wanted probabilities.",
            {"reduction": reduction, "label_smoothing": 0},
        )  # fmt: skip


def _squared_errors() -> Iterator[Text]:
    gap, back = row(SELF, "−", _TARGET), row(_TARGET, "−", SELF)
    for reduction, how in ((0, "of every entry"), (2, "added up")):
        square: Tree = ["msup", fenced(gap), digits(2)]
        ports = {
            name: Port(row(digits(2), "·", fenced(side)), row(digits(2), "·", G, "·", fenced(side)))
            for name, side in (("self", gap), ("target", back))
        }
        yield Text(
            "mse", "squared error", "mse", ports, row("∑", square) if reduction == 2 else square,
            f"The squared difference between prediction and target, {how}.",
            "Twice the difference: the prediction is pushed away from the target.", {"reduction": reduction},
        )  # fmt: skip


def _with_logits() -> Text:
    chance = row(_TARGET, "·", applied("ln", _SIGMOID), "+", fenced(row(_ONE, "−", _TARGET)), "·",
                 applied("ln", row(_ONE, "−", _SIGMOID)))  # fmt: skip
    gap = fraction(row(_SIGMOID, "−", _TARGET), N)
    return Text(
        "binary_cross_entropy_with_logits", "binary cross-entropy", "BCE",
        {"self": factor(gap), "target": NOTHING},
        row("−", fraction(_ONE, N), "∑", fenced(chance)),
        "Minus the logarithm of the chance that the sigmoid gives the right answer, averaged over the n entries.",
        "The logits get the difference between predicted and wanted probabilities, shared among all.", {"reduction": 1},
    )  # fmt: skip


TEXTS = (
    Text(
        "log_softmax", "log-softmax", "lsm", {"self": Port(
            row(DELTA, "−", ["msup", _E, entry(Y, "j")]), row(G, "−", ["msup", _E, Y], "⊙", "∑", G),
        )},
        row(SELF, "−", applied("ln", row("∑", ["msup", _E, SELF]))),
        "The logarithms of the shares that softmax gives.",
        "Each entry gets its own upstream gradient less its share of all of them together.",
    ),
    *_log_likelihoods(),
    *_cross_entropies(),
    *_squared_errors(),
    _with_logits(),
)  # fmt: skip
