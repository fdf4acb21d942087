"""Where parameters start: drawn from a seed, so that every run can be had again."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import torch

from explorer.run import Number


def seeded(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Number]:
    """Numbers drawn evenly between -r and r, parameter by parameter in their order.

    r is 1 for a single number and 1 / sqrt(n) for a tensor, n being the size of its axis before the last (what
    is added up in a matrix product), as torch.nn.Linear starts.
    """
    generator = torch.Generator().manual_seed(seed)
    return {name: _draw(tuple(shape), generator) for name, shape in shapes.items()}


def _draw(shape: tuple[int, ...], generator: torch.Generator) -> Number:
    reach = 1.0 / sqrt(shape[-2] if len(shape) > 1 else shape[0]) if shape else 1.0
    drawn = (torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1) * reach
    return drawn if shape else float(drawn)
