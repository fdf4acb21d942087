"""How much a model may ask for: on one's own machine, and in an app that is open to others."""

from __future__ import annotations

import os
from dataclasses import dataclass

HOSTED = "EXPLORER_HOSTED"
"""The variable of the environment that says that an app is open to others: no code of its users runs in it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """``seconds`` is wall time of the forward pass; None where whoever waits may stop it."""

    parameters: int
    tokens: int
    seconds: float | None


ALONE = Bounds(parameters=150_000_000, tokens=256, seconds=None)
"""With values and gradients of that many parameters a run takes some 2 GB."""

SHARED = Bounds(parameters=10_000_000, tokens=128, seconds=20.0)


def is_hosted() -> bool:
    """Whether the app is open to others."""
    return bool(os.environ.get(HOSTED))


def bounds() -> Bounds:
    """Those that hold here."""
    return SHARED if is_hosted() else ALONE
