"""The rules on plain floats agree with torch's 0-dim float64 tensors bit by bit."""

from __future__ import annotations

import itertools
import math
import random

import pytest
import torch

from explorer.ops import OPS, Scalar
from tests.ops.oracle import EDGES, POINTWISE, bits, by_torch, points

UPSTREAMS = (1.0, -0.7310585786300049, 0.0, math.inf)


def scalar(name: str) -> Scalar:
    rule = OPS[name].scalar
    assert rule is not None
    return rule


def check(rule: Scalar, function, point: tuple[float, ...], g: float) -> None:
    value, parts = by_torch(function, point, g)
    y = rule.value(*point)
    assert bits(y) == bits(value), f"value at {point}: {y!r}, torch {value!r}"
    ours = rule.vjp(g, y, *point)
    assert [bits(a) for a in ours] == [bits(b) for b in parts], f"at {point}, g={g}: {ours}, torch {parts}"


def test_every_scalar_rule_has_an_oracle() -> None:
    assert {name for name, op in OPS.items() if op.scalar} == {*POINTWISE, "pow"}


@pytest.mark.parametrize("name", POINTWISE)
def test_random_points(name: str) -> None:
    draw = random.Random(7)
    for point in points(1500, len(OPS[name].ports), seed=1):
        check(scalar(name), POINTWISE[name], point, draw.gauss(0, 1))


@pytest.mark.parametrize("name", POINTWISE)
def test_edge_points(name: str) -> None:
    edges = EDGES if len(OPS[name].ports) < 3 else EDGES[1::3]
    for point in itertools.product(edges, repeat=len(OPS[name].ports)):
        for g in UPSTREAMS:
            check(scalar(name), POINTWISE[name], point, g)


EXPONENTS = (2.0, 3.0, 0.5, -0.5, -1.0, -2.0, 0.0, -0.0, 1.0, 1.5, 2.5, 4.0, 5.0, -3.0, 0.1, 100.0, math.inf, math.nan)


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_a_power_with_a_number_as_exponent(exponent: float) -> None:
    rule = scalar("pow")
    for x in (*EDGES, *(x for (x,) in points(500, 1, seed=2))):
        value, (part,) = by_torch(lambda base: torch.pow(base, exponent), (x,), -1.25)
        y = rule.value(x, exponent)
        assert bits(y) == bits(value), (x, y, value)
        assert bits(rule.vjp(-1.25, y, x, exponent)[0]) == bits(part), (x, part)


def test_a_planted_error_in_the_last_bit_is_found() -> None:
    right = scalar("tanh")
    wrong = Scalar(math.tanh, right.vjp)
    with pytest.raises(AssertionError, match="value at"):
        for point in points(200, 1, seed=5):
            check(wrong, torch.tanh, point, 1.0)


def test_a_planted_wrong_derivative_is_found() -> None:
    right = scalar("div")
    wrong = Scalar(right.value, lambda g, y, a, b: (right.vjp(g, y, a, b)[0], -g * y / b if b else 0.0))
    with pytest.raises(AssertionError, match="torch"):
        for point in points(500, 2, seed=6):
            check(wrong, torch.div, point, -0.4)
