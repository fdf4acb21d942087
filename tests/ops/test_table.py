"""The table as a whole: it is complete, consistent, and speaks in plain sentences."""

from __future__ import annotations

import json
import re

import pytest

from explorer.ops import OPS, Op

LEAVES = ["input", "parameter", "buffer", "constant"]
ARITHMETIC = ["add", "sub", "mul", "div", "neg", "pow", "power", "gt", "ge", "lt", "le", "eq", "ne"]
FUNCTIONS = [
    "sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh", "sigmoid", "relu", "gelu", "softplus",
    "maximum", "minimum", "clip", "where",
]  # fmt: skip
TENSORS = [
    "sum", "mean", "amax", "amin", "norm", "softmax", "matmul", "dot", "transpose", "stack", "index",
    "mse", "cross_entropy",
]  # fmt: skip


def test_every_operation_of_the_language_is_there() -> None:
    assert sorted(OPS) == sorted(LEAVES + ARITHMETIC + FUNCTIONS + TENSORS)
    assert all(op.name == name for name, op in OPS.items())


@pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
def test_an_entry_has_one_of_everything_per_port(op: Op) -> None:
    assert len(op.differentiable) == len(op.locals) == len(op.vjp) == len(op.ports)
    assert op.variadic is (op.name == "stack")
    assert 0 < len(op.symbol) <= 4, "the symbol fits on a card's tile"
    json.dumps([op.formula, op.locals, op.vjp])


@pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
def test_sentences_are_plain(op: Op) -> None:
    for sentence in (op.forward_sentence, op.backward_sentence):
        assert re.fullmatch(r"[A-Z].*[^.]\.", sentence), "one sentence with a capital and a full stop"
        assert ". " not in sentence
        assert len(sentence.split()) <= 30
        assert not re.search(r"[`*$\\_{}]", sentence)
    assert op.label == op.label.strip() and op.label


def slots(tree: object) -> set[str]:
    if isinstance(tree, str):
        return set()
    assert isinstance(tree, (list, tuple))
    return {tree[1]} if tree and tree[0] == "slot" else set[str]().union(*map(slots, tree))


@pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
def test_slots_are_those_that_can_be_filled(op: Op) -> None:
    inputs = {"xs"} if op.variadic else {f"x{port}" for port in range(len(op.ports))}
    own = {"index"} if op.name == "index" else {"y"} if op.name in LEAVES else set()
    assert slots(op.formula) <= inputs | own
    assert slots(op.locals) <= inputs | {"y"}
    assert slots(op.vjp) <= inputs | {"y", "g"}
    for tree, smooth in zip(op.vjp, op.differentiable, strict=True):
        assert ("g" in slots(tree)) is smooth


def test_every_input_stands_in_the_formula() -> None:
    for op in OPS.values():
        if not op.variadic:
            assert {f"x{port}" for port in range(len(op.ports))} <= slots(op.formula), op.name
