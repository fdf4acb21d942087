"""Arithmetic in which one side is a plain number."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.ops.networks.written import ALWAYS, NOTHING, OTHER, SELF, UNCHANGED, Port, Text, factor, share
from explorer.ops.notation import G, Y, applied, digits, fenced, fraction, row, slot, words
from explorer.ops.op import Tree

_ALPHA, _EXPONENT = slot("alpha"), slot("exponent")


def _with_number(
    name: str, label: str, symbol: str, port: Port, formula: Tree, forward: str, backward: str,
    when: Mapping[str, object] = ALWAYS,
) -> Text:  # fmt: skip
    return Text(name, label, symbol, {"self": port}, formula, forward, backward, when, elementwise=True)


def _with_multiple(name: str, label: str, sign: str, port: Port, forward: str) -> Text:
    """The first of two tensors plus or minus a multiple of the second."""
    return Text(
        name, label, sign, {"self": UNCHANGED, "other": port}, row(SELF, sign, _ALPHA, "·", OTHER), forward,
        "The first input gets the upstream gradient, the second one a multiple of it.", elementwise=True,
    )  # fmt: skip


def _rounded(mode: str, how: str, formula: Tree) -> Text:
    return _with_number(
        "div.Scalar", "whole quotient", "÷", NOTHING, formula,
        f"Divides by a number and rounds {how}.",
        "A rounded number moves in jumps, so it hands on no gradient.", {"rounding_mode": mode},
    )  # fmt: skip


TEXTS = (
    _with_number(
        "add.Scalar", "add", "+", UNCHANGED, row(SELF, "+", OTHER),
        "Adds a number.",
        "The upstream gradient goes on unchanged.", {"alpha": 1},
    ),
    _with_multiple(
        "add.Scalar", "add a multiple", "+", Port(_ALPHA, row(G, "·", _ALPHA)),
        "Adds a multiple of the second input to the first.",
    ),
    _with_number(
        "sub.Scalar", "subtract", "−", UNCHANGED, row(SELF, "−", OTHER),
        "Takes a number away.",
        "The upstream gradient goes on unchanged.", {"alpha": 1},
    ),
    _with_multiple(
        "sub.Scalar", "subtract a multiple", "−", Port(row("−", _ALPHA), row("−", G, "·", _ALPHA)),
        "Takes a multiple of the second input from the first.",
    ),
    _with_number(
        "rsub", "subtract from a number", "−", Port(row("−", digits(1)), row("−", G)), row(OTHER, "−", SELF),
        "Takes the input from a number.",
        "The upstream gradient goes on with its sign turned.", {"alpha": 1},
    ),
    _with_number(
        "mul.Scalar", "multiply", "×", factor(OTHER), row(SELF, "·", OTHER),
        "Multiplies by a number.",
        "The upstream gradient is multiplied by the same number.",
    ),
    _rounded("floor", "down", row("⌊", fraction(SELF, OTHER), "⌋")),
    _rounded("trunc", "towards zero", row(words("whole part of\u00a0"), fraction(SELF, OTHER))),
    _with_number(
        "div.Scalar", "divide", "÷", share(OTHER), fraction(SELF, OTHER),
        "Divides by a number.",
        "The upstream gradient is divided by the same number.", {"rounding_mode": None},
    ),
    _with_number(
        "pow.Scalar", "square", "x²", factor(row(digits(2), "·", SELF)), ["msup", SELF, digits(2)],
        "Multiplies the input by itself.",
        "The upstream gradient is multiplied by twice the input.", {"exponent": 2},
    ),
    _with_number(
        "pow.Scalar", "power", "xⁿ", factor(row(_EXPONENT, "·", ["msup", SELF, row(_EXPONENT, "−", digits(1))])),
        ["msup", SELF, _EXPONENT],
        "Raises the input to a fixed exponent.",
        "The exponent comes down as a factor and the power falls by one.",
    ),
    *(
        Text(
            "floor_divide", "whole quotient", "÷", ports, row("⌊", fraction(SELF, OTHER), "⌋"),
            "Divides and rounds down.",
            "A rounded number moves in jumps, so it hands on no gradient.", elementwise=True,
        )
        for ports in ({"self": NOTHING}, {"self": NOTHING, "other": NOTHING})
    ),
    Text(
        "pow", "exponential", "cˣ", {"exponent": factor(row(applied("ln", SELF), "·", Y))}, ["msup", SELF, _EXPONENT],
        "Raises a fixed number to the input.",
        "The upstream gradient is multiplied by the result and by the logarithm of the number.", elementwise=True,
    ),
    _with_number(
        "remainder", "remainder", "mod", UNCHANGED, row(SELF, "−", OTHER, "·", fenced(fraction(SELF, OTHER), "⌊", "⌋")),
        "What is left over when the input is divided by a number.",
        "The upstream gradient goes on unchanged.",
    ),
)  # fmt: skip
