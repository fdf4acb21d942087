"""Figures with their units, as they are said to people."""

from __future__ import annotations

_SIZES = ("B", "KiB", "MiB", "GiB", "TiB")
_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def size(bytes: float) -> str:
    """``256 KiB``: three significant digits, in powers of 1024."""
    power = 0
    while abs(bytes) >= 1000 and power < len(_SIZES) - 1:
        bytes, power = bytes / 1024, power + 1
    return f"{bytes:.3g} {_SIZES[power]}"


def time(seconds: float) -> str:
    """``2.31 ms``: three significant digits."""
    for unit, name in _TIMES:
        if abs(seconds) >= unit * 0.9995:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / 1e-9:.3g} ns" if seconds else "0 s"


def energy(joules: float) -> str:
    """``2.31 mJ``: three significant digits."""
    return time(joules).removesuffix("s") + "J"
