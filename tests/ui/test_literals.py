"""Writing an input back into the text changes the literal and nothing else."""

import pytest

from explorer.ui.literals import spell, with_literal


@pytest.mark.parametrize(
    ("text", "line", "name", "value", "expected"),
    [
        ("a = 2\ny = a^2", 1, "a", 2.5, "a = 2.5\ny = a^2"),
        ("a=-1.5e3", 1, "a", 0.0, "a=0"),
        ("  a = - 2  # keep me", 1, "a", -7.0, "  a = -7  # keep me"),
        ("y = 1\na = 2; b = 3", 2, "b", 4.0, "y = 1\na = 2; b = 4"),
        ("v = [1, 2]\ny = sum(v)", 1, "v", [3.0, -4.5], "v = [3, -4.5]\ny = sum(v)"),
        ("W = [[1, 2],\n     [3, 4]]\ny = sum(W)", 1, "W", [[1.0], [0.1]], "W = [[1], [0.1]]\ny = sum(W)"),
    ],
)
def test_the_literal_is_replaced(text: str, line: int, name: str, value: object, expected: str) -> None:
    assert with_literal(text, line, name, value) == expected


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("a = 2*3", 1, "a"),
        ("a = b", 1, "a"),
        ("aa = 2", 1, "a"),
        ("a == 2", 1, "a"),
        ("a = [1, b]", 1, "a"),
        ("a = [1, 2", 1, "a"),
        ("a = 2", 2, "a"),
    ],
)
def test_what_is_not_a_literal_is_left_alone(text: str, line: int, name: str) -> None:
    assert with_literal(text, line, name, 5.0) is None


def test_numbers_without_a_spelling_are_not_written() -> None:
    assert with_literal("a = 2", 1, "a", float("nan")) is None
    assert spell([1.0, float("inf")]) is None


@pytest.mark.parametrize("number", [0.1, -2.0, 1e300, 1e-300, 12345678.9])
def test_a_spelled_number_reads_back_to_the_same_bits(number: float) -> None:
    assert float(spell(number) or "") == number
