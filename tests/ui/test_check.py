"""The check without calculus says so where 64 bits cannot show the change."""

from __future__ import annotations

import pytest

from explorer.passes.nudge import nudge
from explorer.ui.check import DIFFERS, TOO_SMALL, verdict
from explorer.ui.document import Document
from explorer.ui.view import look


@pytest.mark.parametrize(
    ("text", "x", "sign", "note"),
    [
        ("y = x^2", 3.0, "≈", ""),
        ("y = 1e9 + 1e-12 * x", 1.0, "beside", TOO_SMALL),
        ("y = 3 + 0 * x", 1.0, "≈", ""),
        ("y = abs(x)", -1e-4, "≠", DIFFERS),
    ],
)
def test_rise_over_run_is_held_against_the_gradient(text: str, x: float, sign: str, note: str) -> None:
    run = look(Document(text, {"x": x}), 1, "lr").run
    slope = run.grad("x")
    assert slope is not None
    assert verdict(nudge(run, "x"), float(slope)) == (sign, note)
