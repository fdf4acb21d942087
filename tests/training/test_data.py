"""Data sets of the plane: drawn from a seed, written and read, refused by line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import DataError
from explorer.training.data import CLASS, MADE, Points, circles, from_csv, regression, spiral, to_csv, two_moons
from tests.capture.test_random_programs import QUIET


@pytest.mark.parametrize("name", MADE)
def test_a_seed_gives_the_same_points_again(name: str) -> None:
    make = MADE[name]
    one, two, other = make(count=31, seed=1), make(count=31, seed=1), make(count=31, seed=2)
    assert np.array_equal(one.rows, two.rows) and not np.array_equal(one.rows, other.rows)
    assert len(one.rows) == 31 and np.isfinite(one.rows).all()
    assert len(np.unique(make(count=40, noise=0.0).rows, axis=0)) == 40


@pytest.mark.parametrize("name", ["two moons", "spiral", "circles"])
def test_both_classes_are_as_large(name: str) -> None:
    points = MADE[name](count=50)
    assert points.has_classes and points.inputs.shape == (50, 2)
    assert np.bincount(points.targets.astype(int)).tolist() == [25, 25]


def test_moons_are_half_circles() -> None:
    points = two_moons(count=60, noise=0.0)
    upper, lower = points.inputs[points.targets == 0], points.inputs[points.targets == 1]
    assert np.hypot(*upper.T) == pytest.approx(1) and (upper[:, 1] > -1e-9).all()
    assert np.hypot(*(lower - [1, 0.5]).T) == pytest.approx(1) and (lower[:, 1] < 0.5 + 1e-9).all()


def test_circles_have_radius_one_and_one_half() -> None:
    points = circles(count=60, noise=0.0)
    assert np.hypot(*points.inputs.T) == pytest.approx(np.where(points.targets == 0, 1.0, 0.5))


def test_arms_of_the_spiral_lie_opposite() -> None:
    points = spiral(count=60, noise=0.0)
    assert points.inputs[points.targets == 0] == pytest.approx(-points.inputs[points.targets == 1])


def test_regression_lies_around_its_line() -> None:
    points = regression(count=500, noise=0.1)
    slope, offset = np.polyfit(points.inputs[:, 0], points.targets, 1)
    assert (slope, offset) == (pytest.approx(1.5, abs=0.05), pytest.approx(0.5, abs=0.05))
    assert not points.has_classes


finite = st.floats(allow_nan=False, allow_infinity=False)


@QUIET
@given(st.lists(st.tuples(finite, finite, st.integers(0, 5)), min_size=1, max_size=20))
def test_classes_survive_csv(rows: list[tuple[float, float, int]]) -> None:
    points = Points(("x1", "x2", CLASS), np.array(rows, np.float64))
    again = from_csv(to_csv(points))
    assert again.columns == points.columns and np.array_equal(again.rows, points.rows)


@QUIET
@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=20))
def test_numbers_survive_csv(rows: list[tuple[float, float]]) -> None:
    points = Points(("x, quoted", 'y "too"'), np.array(rows, np.float64))
    again = from_csv(to_csv(points))
    assert again.columns == points.columns and np.array_equal(again.rows, points.rows)


@QUIET
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert len(from_csv(text).rows) >= 1
    except DataError as error:
        assert str(error)


def test_what_spreadsheets_write_is_read() -> None:
    points = from_csv("\ufeffx1,x2,class\r\n 1.5 ,-2e-3,0\r\n\r\n,,\r\n3,4,1\r\n")
    assert points.rows.tolist() == [[1.5, -0.002, 0.0], [3.0, 4.0, 1.0]]


@pytest.mark.parametrize(("text", "line", "complaint"), [
    ("", None, "Nothing was found"),
    ("x,y\n", None, "Nothing was found"),
    ("1,2\n3,4\n", 1, "names the columns"),
    ("x;y\n1;2\n", 1, "separated by commas"),
    ("x\n1\n", 1, "There are 1 columns"),
    ("a,b,c,d\n1,2,3,4\n", 1, "There are 4 columns"),
    ("x,\n1,2\n", 1, "2 columns"),
    ("x,x\n1,2\n", None, "different names"),
    ("x,y\n1,2\n3\n", 3, "1 values for the 2 columns x,y"),
    ("x,y\n1,2\n\n3,4,5\n", 4, "3 values"),
    ("x,y\n1,two\n", 2, "'two' in column 'y'"),
    ("x,y\n1,\n", 2, "'' in column 'y'"),
    ("x,y\n1,nan\n", 2, "not a finite number"),
    ("x,y\n1,1e999\n", 2, "not a finite number"),
    ("x,y\n1,1_0\n", 2, "'1_0'"),
    ("x1,x2,class\n1,2,0.5\n", 2, "'0.5' is not a class"),
    ("x1,x2,class\n1,2,-1\n", 2, "'-1' is not a class"),
    ('x,y\n1,"2\n', None, "not CSV"),
    ("x,y\n" + "1,2\n" * 10_001, None, "10,001 points; at most 10,000"),
])  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int | None, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint) as caught:
        from_csv(text)
    assert caught.value.line == line


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("options", [{"count": 0}, {"count": 20_000}, {"noise": -1.0}, {"noise": float("nan")}])
def test_impossible_sizes_are_refused(name: str, options: dict[str, float]) -> None:
    with pytest.raises(DataError, match="cannot be"):
        MADE[name](**options)
