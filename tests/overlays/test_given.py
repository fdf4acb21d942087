"""Overlays from files: what is read, and what is refused with the entry named."""

from __future__ import annotations

import pytest

import explorer
from explorer.errors import OverlayError
from explorer.overlays import paint, read_overlay
from explorer.overlays.given import parse_color

RUN = explorer.trace("c = a + b\nd = c * a", a=1.0, b=2.0)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "c": 2.5}',
        '[{"node": "a", "value": 1}, {"node": "c", "value": 2.5}]',
        "node,value\na,1\nc,2.5\n",
        "a, 1\nc, 2.5",
        "\ufeffnode,value\r\na,1\r\n\r\nc,2.5",
    ],
)
def test_all_forms_say_the_same(text: str) -> None:
    found = read_overlay(RUN.graph, text)
    assert dict(zip(RUN.graph.ids, found.data, strict=True)) == {"a": 1.0, "b": None, "c": 2.5, "d": None}


def test_colours_are_given_as_they_are() -> None:
    painted = paint(read_overlay(RUN.graph, '{"a": "#d55e00", "b": "navy", "c": "#ABC"}'))
    colors = [entry.light if entry else None for entry in map(painted.entry, range(4))]
    assert colors == ["#D55E00", "#000080", "#AABBCC", None]
    assert len({entry.mark for entry in painted.entries}) == 3


@pytest.mark.parametrize("text", ["#12", "#GGGGGG", "red;", "url(x)", "rgb(1,2,3)", "", "#12345", "12px", "REDD"])
def test_what_is_no_colour_is_none(text: str) -> None:
    assert parse_color(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "cc": 2}', "'cc'.*did you mean 'c'"),
        ('{"x1": 1, "x2": 1, "x3": 1, "x4": 1, "x5": 1, "x6": 1}', "'x5' and 1 more"),
        ('{"a": 1, "a": 2}', "'a' is in the file twice"),
        ('{"a": 1, "b": "red"}', "'a' has a number and 'b' a colour"),
        ('{"a": NaN}', "entry of 'a'"),
        ('{"a": true}', "entry of 'a'"),
        ('{"a": "javascript:alert(1)"}', "neither a finite number nor a colour"),
        ('{"a": [1]}', "entry of 'a'"),
        ('{"a": 1', "not JSON"),
        ("[1, 2]", "Row 1"),
        ("a,1,2", "Line 1 has 3 columns"),
        ("node,value", "no entries"),
        ("", "no entries"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    with pytest.raises(OverlayError, match=words):
        read_overlay(RUN.graph, text)


def test_a_group_may_have_an_entry() -> None:
    found = read_overlay(RUN.graph, '{"a": 1, "h.0": 7}', groups=["h.0"])
    assert found.of_group("h.0", [0]) == 7.0 and found.of_group("h.1", [0]) == 1.0
