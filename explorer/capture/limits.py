"""Bounds that keep any text from hanging the program that traces it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one program may ask for. ``seconds`` is wall time of the trace, without the backward pass."""

    characters: int = 100_000
    nesting: int = 100
    nodes: int = 250_000
    turns: int = 250_000
    elements: int = 1_000_000
    dimensions: int = 8
    seconds: float = 20.0
