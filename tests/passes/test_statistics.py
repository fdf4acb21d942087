"""Figures of tensors, against numpy."""

from __future__ import annotations

import math

import numpy as np
import torch

from explorer.passes.statistics import gradient_to_weight, histogram, statistics


def test_figures_are_numpys() -> None:
    tensor = torch.randn(5, 7, generator=torch.Generator().manual_seed(1))
    found, entries = statistics(tensor), tensor.double().numpy()
    assert (found.count, found.nan, found.infinite) == (35, 0, 0)
    assert (found.minimum, found.maximum) == (entries.min(), entries.max())
    assert math.isclose(found.mean, entries.mean()) and math.isclose(found.std, entries.std())


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    found = statistics(torch.tensor([1.0, math.nan, 3.0, math.inf, -math.inf]))
    assert (found.count, found.nan, found.infinite) == (5, 1, 2)
    assert (found.minimum, found.maximum, found.mean, found.std) == (1, 3, 2, 1)
    assert math.isnan(statistics(torch.tensor([math.nan])).mean)
    assert histogram(torch.tensor([math.nan]), 4) == ([], [])
    assert statistics(torch.empty(0)).count == 0
    assert statistics(torch.tensor([True, False])).mean == 0.5


def test_a_histogram_is_numpys() -> None:
    tensor = torch.randn(200, generator=torch.Generator().manual_seed(3))
    borders, counts = histogram(tensor, 12)
    expected, edges = np.histogram(tensor.double().numpy(), 12)
    assert counts == expected.tolist() and np.allclose(borders, edges)
    assert histogram(torch.full((4,), 2.0), 12) == ([1.5, 2.5], [4])


def test_the_ratio_of_norms() -> None:
    assert gradient_to_weight(torch.tensor([3.0, 4.0]), torch.tensor([0.0, 1.0])) == 0.2
    assert gradient_to_weight(torch.zeros(2), torch.ones(2)) == math.inf
