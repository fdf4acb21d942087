"""Checks of the sizes that a user sets."""

from __future__ import annotations

from explorer.errors import ModelError


def positive(**sizes: int) -> None:
    """Raises ModelError for a size that is not a whole number above zero."""
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ModelError(f"{name} is {size!r}, and must be a whole number from 1.")


def multiple(whole: str, size: int, part: str, divisor: int) -> None:
    """Raises ModelError where one size does not divide another."""
    if size % divisor:
        raise ModelError(f"{whole} {size} is not a multiple of {part} {divisor}: every part must be of one size.")
