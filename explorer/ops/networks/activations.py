"""Functions of one number that networks are made of, beside those of the language."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.ops.networks.written import ALWAYS, SELF, Port, Text, factor
from explorer.ops.notation import G, Y, applied, cases, digits, fenced, fraction, letter, row, slot, words
from explorer.ops.op import Tree


def _function(
    name: str, label: str, symbol: str, formula: Tree, port: Port, forward: str, backward: str,
    when: Mapping[str, object] = ALWAYS,
) -> Text:  # fmt: skip
    return Text(name, label, symbol, {"self": port}, formula, forward, backward, when, elementwise=True)


def _number(text: str) -> Tree:
    return ["mn", text]


def _power(base: Tree, exponent: int) -> Tree:
    return ["msup", base, digits(exponent)]


_SIGMOID = applied("σ", SELF)
_SILU_SLOPE = row(_SIGMOID, "·", fenced(row(digits(1), "+", SELF, "·", fenced(row(digits(1), "−", _SIGMOID)))))
_HALF, _CURVE = fraction(SELF, digits(2)), ["msqrt", fraction(digits(2), letter("π"))]
_INSIDE = row(_CURVE, "·", fenced(row(SELF, "+", _number("0.044715"), "·", _power(SELF, 3))))
_TANH = letter("t")
_INSIDE_SLOPE = row(_CURVE, "·", fenced(row(digits(1), "+", _number("0.134145"), "·", _power(SELF, 2))))
_GELU_SLOPE = row(
    fraction(row(digits(1), "+", _TANH), digits(2)), "+",
    _HALF, "·", fenced(row(digits(1), "−", _power(_TANH, 2))), "·", _INSIDE_SLOPE,
)  # fmt: skip
_POSITIVE = row(words("if\u00a0"), SELF, ">", digits(0))
_OTHERWISE = words("otherwise")
_SLOPE, _ALPHA = slot("negative_slope"), slot("alpha")
_EXPONENTIAL: Tree = ["msup", letter("e"), SELF]


def _bent(positive: Tree, otherwise: Tree) -> Tree:
    return cases((positive, _POSITIVE), (otherwise, _OTHERWISE))


TEXTS = (
    _function(
        "silu", "SiLU", "silu", row(SELF, "·", _SIGMOID), factor(_SILU_SLOPE),
        "Weights the input by its own sigmoid; also called swish.",
        "The slope of the input times its sigmoid: close to 1 for large inputs, close to 0 for very negative ones.",
    ),
    _function(
        "gelu", "GELU, by tanh", "gelu", row(_HALF, "·", fenced(row(digits(1), "+", applied("tanh", _INSIDE)))),
        Port(_GELU_SLOPE, row(G, "·", fenced(_GELU_SLOPE))),
        "Weights the input by about the chance that a standard normal number lies below it; a tanh stands for Φ.",
        "The slope goes smoothly from 0 to 1; t is the tanh in the formula.",
        {"approximate": "tanh"},
    ),
    _function(
        "rsqrt", "reciprocal square root", "1/√", fraction(digits(1), ["msqrt", SELF]),
        Port(row("−", fraction(_power(Y, 3), digits(2))), row("−", G, "·", fraction(_power(Y, 3), digits(2)))),
        "One divided by the square root of the input.",
        "The upstream gradient is multiplied by minus half the cube of the result.",
    ),
    _function(
        "reciprocal", "reciprocal", "1/x", fraction(digits(1), SELF),
        Port(row("−", _power(Y, 2)), row("−", G, "·", _power(Y, 2))),
        "One divided by the input.",
        "The upstream gradient is multiplied by minus the square of the result.",
    ),
    _function(
        "leaky_relu", "leaky ReLU", "lrel", _bent(SELF, row(_SLOPE, "·", SELF)),
        Port(_bent(digits(1), _SLOPE), _bent(G, row(G, "·", _SLOPE))),
        "Keeps a positive input and makes a negative one small.",
        "The upstream gradient passes where the input is positive and is made small where it is not.",
    ),
    _function(
        "elu", "ELU", "elu", _bent(SELF, row(_ALPHA, "·", fenced(row(_EXPONENTIAL, "−", digits(1))))),
        Port(_bent(digits(1), row(_ALPHA, "·", _EXPONENTIAL)), _bent(G, row(G, "·", _ALPHA, "·", _EXPONENTIAL))),
        "Keeps a positive input; a negative one goes smoothly towards a negative bound.",
        "The upstream gradient passes where the input is positive and fades where it is negative.",
        {"scale": 1, "input_scale": 1},
    ),
    _function(
        "erf", "error function", "erf", applied("erf", SELF),
        factor(row(fraction(digits(2), ["msqrt", letter("π")]), "·", ["msup", letter("e"), row("−", _power(SELF, 2))])),
        "The chance that a normal number of variance one half lies between minus the input and the input.",
        "The slope is a bell curve: the upstream gradient passes near zero only.",
    ),
    _function(
        "log1p", "logarithm of 1 + x", "ln", applied("ln", row(digits(1), "+", SELF)),
        Port(fraction(digits(1), row(digits(1), "+", SELF)), fraction(G, row(digits(1), "+", SELF))),
        "The natural logarithm of one plus the input, exact for small inputs as well.",
        "The upstream gradient is divided by one plus the input.",
    ),
    *(
        _function(
            name, "logarithm of the sigmoid", "lnσ", applied("ln", _SIGMOID),
            factor(fenced(row(digits(1), "−", _SIGMOID))),
            "The natural logarithm of the sigmoid of the input.",
            "One minus the sigmoid multiplies the upstream gradient.",
        )
        for name in ("log_sigmoid", "log_sigmoid_forward")
    ),
)  # fmt: skip
