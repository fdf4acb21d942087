"""The devices and links that a user has: those that come with the package, edited, removed, and with one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from explorer.errors import SegmentError
from explorer.segment.devices import Device, Link
from explorer.segment.devices import devices as shipped_devices
from explorer.segment.devices import links as shipped_links

Profiled = TypeVar("Profiled", Device, Link)


@dataclass(frozen=True)
class Profiles:
    """By name, in the order in which they are shown. Nothing in it changes; an edit makes another one."""

    devices: Mapping[str, Device]
    links: Mapping[str, Link]

    def with_one(self, one: Device | Link, instead_of: str = "") -> Profiles:
        """With a profile more, or with it in the place of another. Raises SegmentError for a name that is taken."""
        if isinstance(one, Device):
            return replace(self, devices=_put(self.devices, one, instead_of))
        return replace(self, links=_put(self.links, one, instead_of))

    def with_all(self, devices: Iterable[Device], links: Iterable[Link]) -> Profiles:
        """With these too; one of the same name takes the place of the one there is."""
        return Profiles({**self.devices, **_by_name(devices)}, {**self.links, **_by_name(links)})

    def without_device(self, name: str) -> Profiles:
        return replace(self, devices=_less(self.devices, name, "device"))

    def without_link(self, name: str) -> Profiles:
        return replace(self, links=_less(self.links, name, "link"))


def shipped() -> Profiles:
    """Those that come with the package."""
    return Profiles(shipped_devices(), shipped_links())


def _by_name(found: Iterable[Profiled]) -> dict[str, Profiled]:
    return {one.name: one for one in found}


def _put(known: Mapping[str, Profiled], one: Profiled, instead_of: str) -> dict[str, Profiled]:
    if one.name in known and one.name != instead_of:
        raise SegmentError(f"There is a profile called {one.name!r} already. Give this one another name.")
    if instead_of not in known:
        return {**known, one.name: one}
    return _by_name(one if name == instead_of else other for name, other in known.items())


def _less(known: Mapping[str, Profiled], name: str, kind: str) -> dict[str, Profiled]:
    if list(known) == [name]:
        raise SegmentError(f"{name!r} is the last {kind}, and a plan needs one. Add another first.")
    return {other: one for other, one in known.items() if other != name}
