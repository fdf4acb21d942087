"""How large a learning rate can be before plain gradient descent runs away.

Near a minimum the loss is a bowl, along whose steepest direction with curvature λ a step multiplies the distance by
1 - η λ. Below η = 2 / λ it shrinks; above, every step lands farther on the other side than it came from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.training.objective import Objective
from explorer.training.rules import Column

MOST = 500
"""The curvature of more numbers than this is not computed: it takes two gradients for each."""


def hessian(objective: Objective, at: Column) -> NDArray[np.float64]:
    """The second derivatives at some parameters, [n, n], by central differences of the gradient."""
    rows = []
    for place, x in enumerate(at):
        step = 1e-5 * max(1.0, abs(x))
        up, down = at.copy(), at.copy()
        up[place], down[place] = x + step, x - step
        rise = objective.at(up).gradient.numbers - objective.at(down).gradient.numbers
        rows.append(rise / (up[place] - down[place]))
    both = np.array(rows)
    symmetric: NDArray[np.float64] = (both + both.T) / 2
    return symmetric


def largest_rate(objective: Objective, at: Column) -> float | None:
    """2 / λ for the largest curvature λ at some parameters: plain descent diverges above it.

    ``None`` where nothing curves upwards, where it is not finite, or for more than ``MOST`` numbers.
    """
    if len(at) > MOST:
        return None
    curvature = hessian(objective, at)
    if not np.isfinite(curvature).all():
        return None
    sharpest = float(np.linalg.eigvalsh(curvature)[-1])
    return 2.0 / sharpest if sharpest > 1e-9 * max(1.0, float(np.abs(curvature).max())) else None
