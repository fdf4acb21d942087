"""Names of arguments by torch's schemas."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.ops.signature import numbers, ports, schema


def test_the_schema_is_torchs() -> None:
    assert schema({"target": "aten.mm.default"}) == "aten::mm(Tensor self, Tensor mat2) -> Tensor"


@pytest.mark.parametrize("target", ["", "aten", "aten.mm.nothing", "nowhere.mm.default", "aten.__class__.x"])
def test_what_torch_does_not_know_has_none(target: str) -> None:
    attrs = {"target": target, "dim": 1}
    assert schema(attrs) == "" and ports(attrs, 2) == () and numbers(attrs) == {"dim": 1}


PORTS: list[tuple[dict[str, Any], int, tuple[str, ...]]] = [
    ({"target": "aten.add.Tensor", "other": 2}, 1, ("self",)),
    ({"target": "aten.add.Tensor"}, 2, ("self", "other")),
    ({"target": "aten.pow.Scalar", "self": 2.0}, 1, ("exponent",)),
    ({"target": "aten.linear.default"}, 2, ("input", "weight")),
    ({"target": "aten.linear.default", "bias": None}, 2, ("input", "weight")),
    ({"target": "aten.native_layer_norm.default", "weight": None, "eps": 1e-5}, 2, ("input", "bias")),
    ({"target": "aten.cat.default", "dim": 1}, 3, ("tensors",) * 3),
    ({"target": "aten.index.Tensor"}, 3, ("self", "indices", "indices")),
    ({"target": "aten.index_put.default"}, 4, ("self", "indices", "indices", "values")),
    ({"target": "aten.nll_loss_forward.default", "reduction": 1}, 2, ("self", "target")),
    ({"target": "aten.arange.default", "end": 3}, 0, ()),
    ({"target": "aten.mm.default"}, 5, ("self", "mat2")),
]


@pytest.mark.parametrize("attrs, count, names", PORTS)
def test_ports_have_the_names_of_arguments(attrs: dict[str, Any], count: int, names: tuple[str, ...]) -> None:
    assert ports(attrs, count) == names


def test_numbers_are_those_given_and_the_defaults() -> None:
    attrs = {"target": "aten.sub.Tensor", "other": 2, "module": "Linear", "file": "x.py", "call": print, "grad_fn": "S"}
    assert numbers(attrs) == {"other": 2, "alpha": 1}
    assert numbers({"target": "aten.clamp.default", "min": 0}) == {"min": 0}
