"""Names and figures as they are typeset."""

from __future__ import annotations

import math
import random

import pytest

from explorer.ops.names import name, number, value

FIGURES = {
    0.0: "0", 1.0: "1", -3.0: "−3", 15972.0: "15972", 0.5: "0.5", -0.25: "−0.25", 1 / 3: "0.333333",
    2 / 3: "0.666667", 123456.0: "123456", 999999.4: "999999", 999999.5: "1e6", 1e6: "1e6", -1234567.5: "−1.23457e6",
    0.0001: "0.0001", 0.00001: "1e−5", 1.2e-7: "1.2e−7", -1.2e-7: "−1.2e−7", 1e300: "1e300", 5e-324: "4.94066e−324",
    100.0: "100", -1234567.0: "−1234567", 123456789.0: "123456789", 1234567890.0: "1.23457e9", 3e6: "3e6",
    0.1 + 0.2: "0.3", math.inf: "∞", -math.inf: "−∞",
}  # fmt: skip


@pytest.mark.parametrize("x, text", FIGURES.items())
def test_figures(x: float, text: str) -> None:
    assert number(x) == text


@pytest.mark.parametrize("x", [0, 7, -1234567, 123456789, 2**53, -(2**63)])
def test_a_whole_number_of_python_is_written_like_any_other(x: int) -> None:
    assert number(x) == number(float(x))


def test_nan_is_named() -> None:
    assert number(math.nan) == "NaN"


def test_a_negative_zero_is_shown_as_zero() -> None:
    assert number(-0.0) == "0"


def test_fewer_digits() -> None:
    assert number(2 / 3, 3) == "0.667"
    assert number(123456.5, 3) == "1.23e5"


def test_whole_numbers_are_not_rounded_where_that_saves_nothing() -> None:
    assert number(14641.0, 4) == "14641"
    assert number(-15972.0, 4) == "−15972"
    assert number(14641.5, 4) == "1.464e4"


def test_a_figure_is_the_number_to_six_digits() -> None:
    draw = random.Random(3)
    for _ in range(2000):
        x = draw.choice((-1, 1)) * 10 ** draw.uniform(-300, 300)
        text = number(x)
        assert "-" not in text and "+" not in text
        assert float(text.replace("−", "-")) == pytest.approx(x, rel=5.1e-6)
        assert sum(map(str.isdigit, text.partition("e")[0].replace("0.", "").lstrip("−0"))) <= 6


NAMES = {
    "a": ["mi", "a"],
    "loss": ["mi", "loss"],
    "alpha": ["mi", "α"],
    "Omega": ["mi", "Ω"],
    "w1": ["msub", ["mi", "w"], ["mn", "1"]],
    "w_1": ["msub", ["mi", "w"], ["mn", "1"]],
    "h10": ["msub", ["mi", "h"], ["mn", "10"]],
    "w_ij": ["msub", ["mi", "w"], ["mi", "ij"]],
    "w_1_2": ["mi", "w_1_2"],
    "w1_2": ["mi", "w1_2"],
    "v_1234": ["msub", ["mi", "v"], ["mn", "1234"]],
    "W_out": ["msub", ["mi", "W"], ["mi", "out"]],
    "learning_rate": ["mi", "learning_rate"],
    "alpha_of_the_first_layer": ["mi", "alpha_of_the_first_layer"],
    "x_alpha": ["msub", ["mi", "x"], ["mi", "α"]],
    "beta_2": ["msub", ["mi", "β"], ["mn", "2"]],
    "_x": ["mi", "_x"],
    "x_": ["mi", "x_"],
    "_": ["mi", "_"],
    "变量": ["mi", "变量"],
}


@pytest.mark.parametrize("text, tree", NAMES.items())
def test_names(text: str, tree: list[object]) -> None:
    assert name(text) == tree


def test_values() -> None:
    assert value(2.0) == ["mn", "2"]
    assert value(-2.0) == ["mrow", ["mo", "−"], ["mn", "2"]]
    assert value(True) == ["mtext", "true"]
