"""Classes hold every number once; colours are told apart without hue and read with ink of AA."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.overlays import overlay, paint
from explorer.overlays.colors import BROKEN, CATEGORIES, DIVERGING, QUIET, RAMPS, ZERO, contrast, ink, luminance, ramp
from explorer.overlays.overlay import Overlay
from explorer.overlays.scale import MOST_CLASSES, amount, is_wide, scale

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: 0.0 if abs(x) < 1e-9 else x)


@settings(max_examples=200, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=40), st.sampled_from(["", "s", "B", "FLOP"]))
def test_every_number_lies_between_the_borders_of_its_class(numbers: list[float], unit: str) -> None:
    numbers = [n for n in numbers if n] if is_wide(numbers) else numbers
    found = scale(numbers, unit)
    assert 1 <= found.count <= MOST_CLASSES + 1
    for number in numbers:
        place = found.place(number)
        if found.single:
            assert found.single[place] == number
        else:
            slack = 1e-9 * max(map(abs, found.borders))
            assert found.borders[place] - slack <= number <= found.borders[place + 1] + slack


@settings(max_examples=100, deadline=None)
@given(st.lists(NUMBERS | st.none() | st.sampled_from([float("nan"), float("inf")]), min_size=1, max_size=30))
def test_classes_keep_the_order_and_what_is_unknown_stays_so(data: list[float | None]) -> None:
    painted = paint(Overlay("file", "test", data))
    finite = [(datum, painted.classes[i]) for i, datum in enumerate(data) if datum is not None and abs(datum) < 1e300]
    assert all(one[1] <= other[1] for one, other in pairwise(sorted(finite)))
    for datum, place in zip(data, painted.classes, strict=True):
        assert (place == -1) == (datum is None)
        if datum is not None and not abs(datum) < 1e300:
            assert painted.entries[place].label == "not finite"


@pytest.mark.parametrize("name", RAMPS)
def test_more_is_darker_on_a_light_page_and_lighter_on_a_dark_one(name: str) -> None:
    for count in range(1, MOST_CLASSES + 1):
        light, dark = zip(*ramp(name, count), strict=True)  # type: ignore[arg-type]
        assert all(luminance(a) > luminance(b) for a, b in pairwise(light))
        assert all(luminance(a) < luminance(b) for a, b in pairwise(dark))


def test_ink_is_read_on_every_colour() -> None:
    everything = [
        *CATEGORIES,
        *DIVERGING,
        *ZERO,
        *BROKEN,
        *QUIET,
        *(color for ramp in RAMPS.values() for color in ramp),
    ]
    everything += [f"#{c:02X}{c:02X}{c:02X}" for c in range(256)]
    assert all(contrast(color, ink(color)) >= 4.5 for color in everything)


def test_categories_bear_letters_of_their_own() -> None:
    painted = paint(Overlay("file", "many", [f"word {i}" for i in range(60)]))
    marks = [entry.mark for entry in painted.entries]
    assert len(set(marks)) == 60 and marks[:2] == ["A", "B"] and marks[26] == "AA"


def test_amounts_have_units() -> None:
    assert [amount(2.31e-3, "s"), amount(262144, "B"), amount(1.5e6, "FLOP"), amount(0.25, "")] == [
        "2.31 ms", "256 KiB", "1.5 MFLOP", "0.25"
    ]  # fmt: skip


def test_zero_is_a_class_of_its_own_where_numbers_are_far_apart() -> None:
    run = explorer.trace("M = A @ A\ny = sum(M)", A=[[1.0] * 40] * 40)
    painted = paint(overlay("flops", run))
    assert all(entry.label != "0" for entry in painted.entries)
    wide = paint(Overlay("flops", "t", [0.0, 1.0, 5000.0, 20.0], "FLOP"))
    assert wide.entries[0].label == "0" and wide.classes[0] == 0 and wide.classes[1] > 0
