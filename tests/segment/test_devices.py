"""Profiles that come with the package, files of one's own, and what is not possible."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.errors import SegmentError
from explorer.segment.devices import Device, Link, devices, links


def test_every_profile_says_where_it_is_from() -> None:
    assert len(devices()) >= 6 and len(links()) >= 5
    assert all(one.source for one in [*devices().values(), *links().values()])


def test_links_are_those_of_the_paper() -> None:
    """DADS, table I, in Mbit/s."""
    expected = {"CAT1": 0.13, "3G": 1.1, "4G": 5.85, "Wi-Fi": 18.88}
    assert {name: links()[name].bandwidth * 8 / 1e6 for name in expected} == pytest.approx(expected)


def test_a_dtype_that_is_not_listed_runs_as_float32() -> None:
    device = Device("d", {"float32": 10.0, "float16": 20.0}, 1e9, 1.0)
    assert [device.seconds(100, 0, dtype) for dtype in ("float32", "float16", "float64")] == [10, 5, 10]


def test_nothing_is_sent_in_no_time() -> None:
    assert Link("l", 10.0, latency=0.5).seconds(20) == 2.5
    assert Link("l", 10.0, latency=0.5).seconds(0) == 0


@pytest.mark.parametrize(("fields", "message"), [
    ({"memory": 0}, "its memory is 0. Give a number above 0"),
    ({"bandwidth": -1.0}, "its bandwidth is -1.0"),
    ({"bandwidth": float("nan")}, "its bandwidth is nan"),
    ({"flops": {"float32": 0.0}}, "its float32 operations a second is 0.0"),
    ({"flops": {"float16": 1.0}}, "float32"),
    ({"watts": -3.0}, "its power"),
    ({"overhead": -1.0}, "its overhead"),
    ({"memory": True}, "its memory is True"),
])  # fmt: skip
def test_a_device_that_cannot_be_is_refused(fields: dict[str, object], message: str) -> None:
    possible: dict[str, object] = {"name": "d", "flops": {"float32": 1.0}, "bandwidth": 1.0, "memory": 1.0}
    with pytest.raises(SegmentError, match=message):
        Device(**{**possible, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("bandwidth", [0, -2.0, float("inf")])
def test_a_link_without_bandwidth_is_refused(bandwidth: float) -> None:
    with pytest.raises(SegmentError, match="its bandwidth"):
        Link("l", bandwidth)


ONE = '[[device]]\nname = "mine"\nflops = { float32 = 1e9 }\nbandwidth = 1e9\nmemory = 1000\n'


@pytest.mark.parametrize(("text", "message"), [
    ("[[device]", "cannot be read"),
    (ONE.replace("memory = 1000", ""), "device 'mine' has no 'memory'"),
    (ONE + "colour = 1\n", "has 'colour'; known are"),
    (ONE + ONE, "same name"),
    (ONE.replace("1000", "-1"), "its memory is -1"),
])  # fmt: skip
def test_a_file_with_a_mistake_names_it(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SegmentError, match=message):
        devices(path)


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(ONE)
    assert devices(path) == {"mine": Device("mine", {"float32": 1e9}, 1e9, 1000)}
    with pytest.raises(SegmentError, match="cannot be read"):
        devices(tmp_path / "none.toml")
