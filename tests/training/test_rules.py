"""Every rule on columns against the table's rule on single numbers: the same bits, signs of zeros included."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.ops import OPS
from explorer.training.rules import Column, value_rule, vjp_rule

SCALARS = sorted(name for name, op in OPS.items() if op.scalar is not None)
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324, 20.0, 20.5, 710.0, -745.2]
LENGTHS = [1, 2, 3, 7, 8, 9, 31, 32, 33, 1000]


def draw(ports: int, length: int, seed: int, special: bool) -> list[Column]:
    """Columns of numbers of ordinary size; ``special`` ones are full of what arithmetic stumbles over, and of ties."""
    rng = np.random.default_rng(seed)
    columns = [rng.normal(scale=3, size=length) for _ in range(ports)]
    if special:
        columns = [np.where(rng.random(length) < 0.7, rng.choice(SPECIAL, length), x) for x in columns]
    return columns


def exponents(name: str, columns: list[Column], seed: int) -> list[Column]:
    """Powers get exponents that programs have: one for all, or many."""
    if name not in ("pow", "power"):
        return columns
    rng, known = np.random.default_rng(seed), [2.0, 3.0, -1.0, -2.0, 0.5, -0.5, 1.0, 0.0, 2.5, 4.0]
    one = np.full(len(columns[-1]), known[seed % len(known)])
    return [*columns[:-1], one if seed % 2 else rng.choice(known, len(one))]


def same_bits(found: Column, expected: list[float]) -> bool:
    wanted = np.array(expected, np.float64)
    both_nan = np.isnan(found) & np.isnan(wanted)
    return bool((both_nan | (found == wanted) & (np.signbit(found) == np.signbit(wanted))).all())


@pytest.mark.parametrize("special", [False, True], ids=["ordinary", "special"])
@pytest.mark.parametrize("name", SCALARS)
def test_values(name: str, special: bool) -> None:
    scalar = OPS[name].scalar
    assert scalar is not None
    for seed, length in enumerate(LENGTHS * 2):
        xs = exponents(name, draw(len(OPS[name].ports), length, seed, special), seed)
        with np.errstate(all="ignore"):
            found = np.asarray(value_rule(name)(*xs), np.float64)
        assert same_bits(found, [scalar.value(*row) for row in zip(*(x.tolist() for x in xs), strict=True)])


@pytest.mark.parametrize("special", [False, True], ids=["ordinary", "special"])
@pytest.mark.parametrize("name", SCALARS)
def test_contributions(name: str, special: bool) -> None:
    op = OPS[name]
    assert op.scalar is not None
    for seed, length in enumerate(LENGTHS * 2):
        g, *xs = draw(len(op.ports) + 1, length, seed, special)
        xs = exponents(name, xs, seed)
        with np.errstate(all="ignore"):
            y = np.asarray(value_rule(name)(*xs), np.float64)
            found = vjp_rule(name)(g, y, *xs)
        rows = zip(*(x.tolist() for x in (g, y, *xs)), strict=True)
        for port, parts in enumerate(zip(*(op.scalar.vjp(*row) for row in rows), strict=True)):
            if op.differentiable[port]:
                assert same_bits(np.broadcast_to(found[port], g.shape), list(parts)), port


def test_columns_that_lie_apart_in_memory_give_the_same() -> None:
    wide = np.random.default_rng(0).normal(size=(200, 3))
    for name in ("sin", "exp", "tanh", "sigmoid", "gelu", "softplus"):
        for x in (wide[:, 1], wide[::7, 2]):
            assert same_bits(value_rule(name)(x), value_rule(name)(x.copy()).tolist())
