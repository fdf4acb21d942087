"""Operations that make tensors out of nothing but numbers, and chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.ops.networks.written import ALWAYS, NOTHING, Port, Text, phrase
from explorer.ops.notation import G, digits, fraction, letter, row, slot, words
from explorer.ops.op import Tree

_CONSTANT = "It is made of no other tensor, so it hands on no gradient."
_KEPT, _LEFT = letter("m"), row(digits(1), "−", slot("p"))


def _made(name: str, label: str, symbol: str, formula: Tree, forward: str, when: Mapping[str, object] = ALWAYS) -> Text:
    return Text(name, label, symbol, {}, formula, forward, _CONSTANT, when)


def _like(name: str, label: str, symbol: str, formula: Tree, forward: str) -> Text:
    backward = "Only the shape of the input counts, so it gets no gradient."
    return Text(name, label, symbol, {"self": NOTHING}, formula, forward, backward)


def _filled() -> Iterator[Text]:
    """The same number everywhere: with a size, after the fashion of another tensor, or in place."""
    kinds = (
        ("zeros", "zeros", "0", digits(0), "Zero everywhere."),
        ("ones", "ones", "1", digits(1), "One everywhere."),
        ("full", "constant", "c", slot("fill_value"), "The same number everywhere."),
        ("empty", "empty", "∅", words("no values yet"), "Memory for results that are still to come."),
        ("rand", "random", "⚂", words("random from 0 to 1"), "Random numbers, evenly from 0 to 1."),
        ("randn", "random", "⚂", words("random, normal"), "Random numbers from the standard normal distribution."),
    )
    for name, label, symbol, formula, forward in kinds:
        yield _made(name, label, symbol, formula, forward)
        for variant in (f"{name}_like",) if name.startswith("rand") else (f"{name}_like", f"new_{name}"):
            yield _like(variant, label, symbol, formula, forward)
    yield _made("empty_strided", "empty", "∅", words("no values yet"), kinds[3][4])
    yield _made("scalar_tensor", "constant", "c", slot("s"), "A single number.")
    yield _like("fill", "fill", "c", slot("value"), "Puts the same number everywhere.")
    yield _like("zero", "zeros", "0", digits(0), "Puts zero everywhere.")


def _ranges() -> Iterator[Text]:
    first = phrase(row(digits(0), ",", digits(1), ",", "…"), "to below", slot("end"))
    forward = "Whole numbers in order, such as the places of tokens."
    yield _made("arange", "numbers in order", "0…n", first, forward, {"start": None})
    steps = phrase("from", slot("start"), "in steps of", slot("step"), "to below", slot("end"))
    yield _made("arange", "numbers in order", "0…n", steps, "Numbers in equal steps.")
    whole = phrase("from", slot("start"), "to below", slot("end"))
    yield _made("arange", "numbers in order", "0…n", whole, "Whole numbers in order.")


def _dropouts() -> Iterator[Text]:
    kept = fraction(_KEPT, _LEFT)
    for name, when in (("native_dropout", {"train": True}), ("dropout", {"train": True})):
        yield Text(
            name, "dropout", "drop", {"input": Port(kept, row(G, "⊙", kept))}, row(slot("input"), "⊙", kept),
            "Sets entries to 0 at random and scales up the rest, so that the average stays; m is 1 where one is kept.",
            "The upstream gradient passes, scaled up, where the entry was kept, and stops where it was dropped.", when,
        )  # fmt: skip


TEXTS = (
    *_filled(),
    *_ranges(),
    *_dropouts(),
    _like(
        "bernoulli", "coin flips", "0|1", phrase(digits(1), "with chance", slot("p"), "else", digits(0)),
        "Draws 1 with a given chance and 0 otherwise, for every entry on its own.",
    ),
)  # fmt: skip
