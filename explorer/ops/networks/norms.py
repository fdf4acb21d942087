"""Normalisations. In derivatives ``z`` is the normalised input and ``s`` what it was divided by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from explorer.ops.networks.written import BIAS, DELTA, INPUT, NOTHING, ROWS, WEIGHT, Port, Text
from explorer.ops.notation import G, N, applied, digits, entry, fenced, fraction, letter, over, row, slot
from explorer.ops.op import Tree

_Z, _S, _EPS = letter("z"), letter("s"), slot("eps")
_KNOWN = "z is the normalised input, s what it was divided by."


def _mean(tree: Tree) -> Tree:
    return applied("mean", tree)


def _by_root(above: Tree, square: Tree) -> Tree:
    return fraction(above, ["msqrt", row(square, "+", _EPS)])


_CENTRED = _by_root(row(INPUT, "−", _mean(INPUT)), applied("var", INPUT))
_SCALED = _by_root(INPUT, _mean(["msup", INPUT, digits(2)]))
_AS_SEEN = _by_root(row(INPUT, "−", slot("running_mean")), slot("running_var"))


def _centred_port(pulled: Tree, top: Tree) -> Port:
    """Contribution 1/s (h − mean(h) − z mean(h z)) for what was pulled back to z, h = g ⊙ weight."""
    along = fraction(row(digits(1), "+", entry(_Z, "i"), "·", entry(_Z, "j")), N)
    off = row(pulled, "−", _mean(pulled), "−", _Z, "⊙", _mean(row(pulled, "⊙", _Z)))
    return _divided(top, row(DELTA, "−", along), off)


def _scaled_port(pulled: Tree, top: Tree) -> Port:
    """The same where no mean was taken off."""
    along = fraction(row(entry(_Z, "i"), "·", entry(_Z, "j")), N)
    return _divided(top, row(DELTA, "−", along), row(pulled, "−", _Z, "⊙", _mean(row(pulled, "⊙", _Z))))


def _divided(top: Tree, local: Tree, vjp: Tree) -> Port:
    return Port(row(fraction(top, _S), "·", fenced(local)), row(fraction(digits(1), _S), "·", fenced(vjp)))


def _into(normal: Tree, learnt: Mapping[str, Port]) -> Tree:
    """The normalised input with what is learnt put to it."""
    weighted = row(normal, "⊙", WEIGHT) if "weight" in learnt else normal
    return row(weighted, "+", BIAS) if "bias" in learnt else weighted


_WEIGHT = {"weight": Port(_Z, over(ROWS, fenced(row(G, "⊙", _Z))))}
_BIAS = {"bias": Port(digits(1), over(ROWS, G))}
_PULLED, _TOP = row(G, "⊙", WEIGHT), entry(WEIGHT, "i")


def _layer_norms(names: Sequence[str], label: str, symbol: str, forward: str) -> Iterator[Text]:
    """Mean and variance over entries of the input, with and without weight and bias."""
    backward = f"The parts of the gradient that would change mean and size are taken out; {_KNOWN}"
    bare, weighted = _centred_port(G, digits(1)), _centred_port(_PULLED, _TOP)
    for name, weight, bias in product(names, (_WEIGHT, {}), (_BIAS, {})):
        learnt = {**weight, **bias}
        ports = {"input": weighted if weight else bare, **learnt}
        yield Text(name, label, symbol, ports, _into(_CENTRED, learnt), forward, backward)


def _rms_norms() -> Iterator[Text]:
    forward = "Scales the features of every row to a root mean square of 1, then by weights that are learnt."
    backward = f"The part of the gradient that would change the size is taken out; {_KNOWN}"
    bare, weighted = _scaled_port(G, digits(1)), _scaled_port(_PULLED, _TOP)
    for name, weight in product(("rms_norm", "fused_rms_norm"), (_WEIGHT, {})):
        ports = {"input": weighted if weight else bare, **weight}
        yield Text(name, "RMS norm", "RMS", ports, _into(_SCALED, weight), forward, backward)


def _batch_norms() -> Iterator[Text]:
    learnt, seen = {**_WEIGHT, **_BIAS}, {"running_mean": NOTHING, "running_var": NOTHING}
    frozen = Port(fraction(WEIGHT, _S), fraction(_PULLED, _S))
    for name in ("batch_norm", "native_batch_norm_legit"):
        yield Text(
            name, "batch norm", "BN",
            {"input": _centred_port(_PULLED, _TOP), **learnt, **seen}, _into(_CENTRED, learnt),
            "Gives every channel mean 0 and variance 1 over the batch, then a scale and a shift that are learnt.",
            f"The parts of the gradient that would change mean and size of a channel are taken out; {_KNOWN}",
            {"training": True},
        )  # fmt: skip
        yield Text(
            name, "batch norm", "BN", {"input": frozen, **learnt, **seen}, _into(_AS_SEEN, learnt),
            "Shifts and scales every channel by the mean and variance that training has seen.",
            f"Every channel's gradient is scaled as the channel was; {_KNOWN}",
            {"training": False},
        )  # fmt: skip


TEXTS = (
    *_layer_norms(
        ("layer_norm",), "layer norm", "LN",
        "Gives the features of every row mean 0 and variance 1, then a scale and a shift that are learnt.",
    ),
    *_layer_norms(
        ("group_norm",), "group norm", "GN",
        "Gives every group of channels mean 0 and variance 1, then a scale and a shift that are learnt.",
    ),
    *_rms_norms(),
    *_batch_norms(),
)  # fmt: skip
