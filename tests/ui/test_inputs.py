"""A field's number goes on by a tenth and keeps its digits."""

from __future__ import annotations

import pytest

from explorer.ui.inputs import STEP, stepped


def as_streamlit_steps(value: float, sign: int) -> float:
    """What Streamlit's number field does: both rounded to the decimals of the step, then added."""
    scale = 10**16
    return (round(value * scale) + sign * round(STEP * scale)) / scale


@pytest.mark.parametrize(
    ("before", "sign", "after"),
    [
        (0.1234567891234, 1, 0.2234567891234),
        (0.1234567891234, -1, 0.0234567891234),
        (1.0, 1, 1.1),
        (0.1, -1, 0.0),
        (0.30000000000000004, 1, 0.4),
        (-2.0, 1, -1.9),
        (123456.7, -1, 123456.6),
        (1e-7, 1, 0.1000001),
        (999999.9, 1, 1000000.0),
    ],
)
def test_one_step_adds_a_tenth_and_keeps_the_digits(before: float, sign: int, after: float) -> None:
    assert stepped(before, as_streamlit_steps(before, sign)) == pytest.approx(after, rel=1e-15, abs=1e-16)


def test_what_is_typed_is_taken_as_it_is() -> None:
    assert stepped(0.1234567891234, 0.2) == 0.2
    assert stepped(1.0, 1.1000000001) == 1.1000000001
