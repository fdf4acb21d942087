"""Named programs that the tests of exports share."""

from __future__ import annotations

import explorer

TWO_PATHS = "a = 2\nb = 1\nc = a + b\nd = b + 1\ne = c * d"
"""
    a --> c --> e          de/db = 1 x 2 + 1 x 3 = 5
    b --> c
    b --> d --> e
    1 --> d
"""

LAYER = "W = [[0.5, -1, 2], [1, 0, -0.5]]\nx = [1, 2, 3]\nh = relu(W @ x)\nL = mse(h, [1, 0])"
BROKEN = "x = -1\ny = log(x)\nz = y * 2 + x"
SQUARE = "y = x * x"
DEMANDING = "a_1 = 3\nα = 2\nlong_name_of_a_weight = 123456.789\ny = sin(a_1 ^ α) / long_name_of_a_weight"


def two_paths() -> explorer.Run:
    return explorer.trace(TWO_PATHS)


def every() -> dict[str, explorer.Run]:
    """One run of each program."""
    return {
        "two paths": two_paths(),
        "layer": explorer.trace(LAYER),
        "broken": explorer.trace(BROKEN),
        "square": explorer.trace(SQUARE, x=3.0),
        "demanding": explorer.trace(DEMANDING),
        "vector output": explorer.trace("y = exp(x)", x=[0.0, 1.0, 2.0]),
        "nothing to differentiate": explorer.trace("y = 1 + 2"),
    }
