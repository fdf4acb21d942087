"""What a user makes of the profiles: edited, removed, taken away and brought back."""

from __future__ import annotations

import json
import tomllib
from typing import Literal

import pytest

from explorer.errors import SegmentError
from explorer.segment.devices import Device, Link, devices, links, read_profiles, write_profiles
from explorer.segment.profiles import shipped

MINE = Device('mine, "quoted" \\ ünïcode', {"float32": 1e9, "float16": 2.5e22}, 1e9, 1e9, overhead=1e-6, source="me")
WIRE = Link("wire", 1e6, 0.5)


@pytest.mark.parametrize("form", ["toml", "json"])
def test_what_is_taken_away_comes_back(form: Literal["toml", "json"]) -> None:
    every = [*devices().values(), MINE], [*links().values(), WIRE]
    text = write_profiles(*every, form)
    assert (json.loads if form == "json" else tomllib.loads)(text)["device"][-1]["name"] == MINE.name
    back = read_profiles(text)
    assert back == every and [one.source for one in back[0]] == [one.source for one in every[0]]


@pytest.mark.parametrize(("text", "message"), [
    ("", "holds no profile"),
    ("{", "cannot be read"),
    ("[[device", "cannot be read"),
    ('{"device": 3}', "not a list of tables"),
    ('{"device": [{"name": 3, "flops": {"float32": 1}, "bandwidth": 1, "memory": 1}]}', "Give it a name"),
    ('{"device": [{"name": "d", "flops": 3, "bandwidth": 1, "memory": 1}]}', "how many float32 operations"),
    ('{"link": [{"name": "l", "bandwidth": -1}]}', "its bandwidth is -1. Give a number above 0"),
    ('{"link": [{"name": "l", "bandwidth": "fast"}]}', "its bandwidth is 'fast'"),
])  # fmt: skip
def test_a_text_with_a_mistake_names_it(text: str, message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        read_profiles(text)


def test_edits_leave_the_ones_before_as_they_were() -> None:
    first = shipped()
    more = first.with_one(MINE).with_one(WIRE)
    assert MINE.name not in first.devices and more.devices[MINE.name] == MINE and more.links["wire"] == WIRE
    renamed = Device("Wi-Fi box", {"float32": 1.0}, 1.0, 1.0)
    edited = more.with_one(renamed, instead_of=MINE.name)
    assert list(edited.devices)[-1] == "Wi-Fi box" and len(edited.devices) == len(more.devices)
    assert list(more.without_device(MINE.name).devices) == list(first.devices)
    assert list(more.without_link("wire").links) == list(first.links)
    assert first.with_all([MINE], [Link("3G", 9.0)]).links["3G"].bandwidth == 9.0


def test_names_are_there_once_and_one_profile_stays() -> None:
    known = shipped().with_one(MINE)
    with pytest.raises(SegmentError, match="already"):
        known.with_one(MINE)
    with pytest.raises(SegmentError, match="already"):
        known.with_one(Device("Raspberry Pi 5", {"float32": 1.0}, 1.0, 1.0), instead_of=MINE.name)
    for name in list(known.links)[1:]:
        known = known.without_link(name)
    with pytest.raises(SegmentError, match="the last link"):
        known.without_link(next(iter(known.links)))
