"""A model of one's own file and one of Hugging Face's in a real browser; what fails stays in sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.canvas import WAIT_MS, Canvas

OWN = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 2)
    def forward(self, x):
        h = self.first(x).relu()
        return self.second(x @ h if self.training else h)

def model(): return Net(), torch.randn(5, 3)
"""

OpenPage = Callable[..., Canvas]


def pick(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option).first.click()


def test_own_code_runs_when_asked_and_shows_where_it_fails(canvas: Canvas, tmp_path: Path) -> None:
    file, page = tmp_path / "net.py", canvas.page
    file.write_text(OWN)
    rev = canvas.data("rev")
    page.get_by_text("Model", exact=True).first.click()
    rev = canvas.wait_for_new("rev", rev)
    canvas.settle()
    pick(page, "Model from", "Your own Python file")
    field = page.get_by_label("Python file", exact=True)
    field.fill(str(file))
    field.press("Enter")
    run = page.get_by_role("button", name="Run it")
    expect(run).to_be_visible(timeout=WAIT_MS)
    assert canvas.data("rev") == rev  # nothing runs by itself
    run.click()
    rev = canvas.wait_for_new("rev", rev)
    expect(page.locator(".x-title b")).to_have_text("model in net.py")
    canvas.settle()
    page.locator(".st-key-train").get_by_text("Train", exact=True).click()
    canvas.wait_for_new("rev", rev)
    expect(page.locator(".x-title")).to_contain_text("up to where the forward pass failed", timeout=WAIT_MS)
    line = next(number for number, text in enumerate(OWN.splitlines(), start=1) if "x @ h" in text)
    expect(page.locator(".stSidebar .x-problem")).to_contain_text(f"net.py, line {line}")
    expect(page.locator(".st-key-inspector .x-problem")).to_contain_text("shapes cannot be multiplied")
    canvas.settle().press("End").wait(node="matmul", phase="forward")
    assert "file" not in page.url and "net.py" not in page.url


def test_a_hugging_face_model_opens_by_a_link(open_page: OpenPage) -> None:
    canvas = open_page(path="?model=gpt2&origin=preset&loss=next+token&prompt=5+9+3")
    page: Any = canvas.page
    expect(page.locator(".x-title b")).to_have_text("gpt2")
    expect(page.get_by_label("Tokens", exact=True).first).to_have_value("5 9 3")
    expect(page.locator(".stSidebar")).to_contain_text("GPT2LMHeadModel")
    expect(page.locator(".st-key-inspector")).to_contain_text("Logit lens")
    canvas.press("End").wait(phase="backward", step=canvas.steps)
