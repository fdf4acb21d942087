"""Writing a changed input back into the text, so that text and sidebar never disagree.

An assignment of a plain literal, ``a = 2`` or ``W = [[1, 2], [3, 4]]``, is an input whose value stands in the
text; that is the place where it is changed. Everything else about the text stays as typed.
"""

from __future__ import annotations

import math
import re
import sys
from typing import TypeGuard

from explorer.ui.examples import Value

_NUMBER = re.compile(r"[-+]?\s*(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_ARRAY = re.compile(r"\[[-+.\deE_,\s\[\]]*\]")
_END = re.compile(r"[ \t]*(?:[;#\n]|$)")


def with_literal(text: str, line: int, name: str, value: Value) -> str | None:
    """``text`` with the literal that ``line`` (from 1) assigns to ``name`` replaced by ``value``.

    ``None`` where that line does not assign a plain literal, or ``value`` has no spelling (NaN, infinity).
    """
    place, spelled = _place(text, line, name), spell(value)
    if place is None or spelled is None:
        return None
    start, end = place
    return text[:start] + spelled + text[end:]


def spell(value: Value) -> str | None:
    """The value as the language writes it; ``None`` for NaN and infinity."""
    if isinstance(value, list):
        parts = [spell(item) for item in value]
        return None if None in parts else "[" + ", ".join(map(str, parts)) + "]"
    return repr(float(value)).removesuffix(".0") if math.isfinite(value) else None


def is_finite(value: object) -> TypeGuard[int | float]:
    """Whether it is a number that a float can hold; JSON turns infinity into null and knows integers of any size."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _place(text: str, line: int, name: str) -> tuple[int, int] | None:
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return None
    begin = sum(map(len, lines[: line - 1])) + line - 1
    heads = re.compile(rf"(?:^|;)\s*{re.escape(name)}\s*=(?!=)\s*").finditer(lines[line - 1])
    for start in (begin + head.end() for head in heads):
        literal = _array(text, start) if text[start : start + 1] == "[" else _NUMBER.match(text, start)
        if literal is not None and _END.match(text, literal.end()):
            return start, literal.end()
    return None


def _array(text: str, start: int) -> re.Match[str] | None:
    """The brackets that open at ``start`` up to the one that closes them."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"[": 1, "]": -1}.get(text[place], 0)
        if depth == 0:
            return _ARRAY.fullmatch(text, start, place + 1)
    return None
