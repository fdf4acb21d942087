"""Many parameters of one operation: one card that opens and closes like any group, is stepped through and found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.canvas import WAIT_MS, Canvas
from tests.e2e.test_groups import double_click, groups
from tests.e2e.test_model_origins import pick

MIXTURE = """
import torch
from torch import nn

class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.weights = nn.ParameterList(torch.randn(3) for _ in range(12))
    def forward(self, x):
        return (self.first(x) * torch.stack([*self.weights])).sum().tanh()

def model(): return Mixture(), torch.randn(3)
"""
KEY = "parameters of stack"


def test_many_parameters_are_one_card_that_opens(open_page: Callable[..., Canvas], tmp_path: Path) -> None:
    file, canvas = tmp_path / "mixture.py", open_page(reduced_motion="reduce")
    file.write_text(MIXTURE)
    page, rev = canvas.page, canvas.data("rev")
    page.get_by_text("Model", exact=True).first.click()
    rev = canvas.wait_for_new("rev", rev)
    canvas.settle()
    pick(page, "Model from", "Your own Python file")
    field = page.get_by_label("Python file", exact=True)
    expect(field).to_be_visible(timeout=WAIT_MS)
    canvas.settle()
    field.fill(str(file))
    field.press("Enter")
    run = page.get_by_role("button", name="Run it")
    expect(run).to_be_visible(timeout=WAIT_MS)
    run.click()
    canvas.wait_for_new("rev", rev)
    canvas.settle()
    assert groups(canvas)[KEY] is False
    closed = canvas.steps
    canvas.press("End").wait(step=closed)
    double_click(canvas, KEY)
    canvas.settle()
    assert groups(canvas)[KEY] is True
    assert canvas.steps == closed + 11  # a value of its own each; as many gradients as before
    double_click(canvas, KEY)
    canvas.settle()
    assert groups(canvas)[KEY] is False
    canvas.press("/")
    page.keyboard.type("weights.7")
    rev = canvas.data("rev")
    canvas.type(["Enter"])
    canvas.wait_for_new("rev", rev)
    assert groups(canvas)[KEY] is True
