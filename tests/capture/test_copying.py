"""Copies of a model that another thread is at."""

from __future__ import annotations

import threading

import torch
from torch import nn

from explorer.capture.calls import alone
from explorer.capture.copying import copied
from explorer.capture.members import members


def test_a_copy_has_numbers_of_its_own() -> None:
    model = nn.Linear(2, 2)
    copy = copied(model)
    with torch.no_grad():
        copy.weight.zero_()
    assert model.weight.abs().sum() > 0


def test_a_copy_waits_until_nobody_traces_the_model() -> None:
    model, found = nn.Linear(2, 2), list[nn.Module]()
    copying = threading.Thread(target=lambda: found.append(copied(model)))
    with alone(members(model)):
        copying.start()
        copying.join(0.2)
        assert copying.is_alive() and not found
    copying.join(30)
    assert len(found) == 1
