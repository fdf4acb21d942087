"""Layers that multiply by a weight matrix, and products of matrices with something added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.ops.networks.written import BIAS, INPUT, ROWS, SELF, WEIGHT, Port, Text, phrase
from explorer.ops.notation import G, beside, digits, entry, over, row, slot, transposed, words
from explorer.ops.op import Tree

_TO_INPUT = Port(entry(WEIGHT, "jk"), beside(G, WEIGHT))
_TO_WEIGHT = Port(entry(INPUT, "ik"), beside(transposed(G), INPUT))
_TO_BIAS = Port(digits(1), over(ROWS, G))
_BETA, _ALPHA = slot("beta"), slot("alpha")


def _linear(formula: Tree, extra: Mapping[str, Port], forward: str, backward: str) -> Text:
    return Text(
        "linear", "linear", "xWᵀ", {"input": _TO_INPUT, "weight": _TO_WEIGHT, **extra}, formula, forward, backward
    )


def _product_and_sum(name: str, first: str, second: str) -> Iterator[Text]:
    """``self + first · second``, and the same with factors that are not 1."""
    a, b = slot(first), slot(second)
    plain = {
        "self": Port(digits(1), over(words("copies"), G)),
        first: Port(entry(b, "kj"), beside(G, transposed(b))),
        second: Port(entry(a, "ik"), beside(transposed(a), G)),
    }
    factors = {"self": _BETA, first: _ALPHA, second: _ALPHA}
    scaled = {key: Port(row(f, "·", plain[key].local), row(f, "·", plain[key].vjp)) for key, f in factors.items()}
    texts = (
        "A matrix product, with a vector or a matrix added to it.",
        "Each matrix gets the upstream gradient multiplied by the transpose of the other; "
        "what was added gets it summed over its copies.",
    )
    one = {"beta": 1, "alpha": 1}
    yield Text(name, "product and sum", "@+", plain, row(beside(a, b), "+", SELF), *texts, one)
    yield Text(name, "product and sum", "@+", scaled, row(_ALPHA, "·", beside(a, b), "+", _BETA, "·", SELF), *texts)


def _convolutions() -> Iterator[Text]:
    slid = row(INPUT, "∗", WEIGHT)
    ports = {
        "input": Port(words("the weight that joins the two places"), row(G, "∗", phrase("mirrored", WEIGHT))),
        "weight": Port(words("the entries that it passed over"), row(INPUT, "∗", G)),
    }
    bias = {"bias": Port(digits(1), over(words("places"), G))}
    for name in ("convolution", "conv1d", "conv2d", "conv3d"):
        for extra, formula in ((bias, row(slid, "+", BIAS)), ({}, slid)):
            yield Text(
                name, "convolution", "∗", {**ports, **extra}, formula,
                "Slides a small window of weights over the input and adds up the products at every place.",
                "The input gets the upstream gradient slid over by the mirrored weights; "
                "the weights get what they passed over.",
            )  # fmt: skip


TEXTS = (
    _linear(
        row(beside(INPUT, transposed(WEIGHT)), "+", BIAS), {"bias": _TO_BIAS},
        "Each result is a weighted sum of the input's features, plus a bias.",
        "The input gets the upstream gradient times the weights, the weights get it times the input, "
        "and the bias gets its sum over all rows.",
    ),
    _linear(
        beside(INPUT, transposed(WEIGHT)), {},
        "Each result is a weighted sum of the input's features.",
        "The input gets the upstream gradient times the weights, and the weights get it times the input.",
    ),
    *_product_and_sum("addmm", "mat1", "mat2"),
    *_product_and_sum("baddbmm", "batch1", "batch2"),
    Text(
        "outer", "outer product", "⊗",
        {"self": Port(slot("vec2"), beside(G, slot("vec2"))), "vec2": Port(SELF, beside(transposed(G), SELF))},
        row(entry(SELF, "i"), "·", entry(slot("vec2"), "j")),
        "The table of all products of an entry of the first vector and an entry of the second.",
        "Each vector gets the upstream gradient multiplied by the other one.",
    ),
    *_convolutions(),
)  # fmt: skip
