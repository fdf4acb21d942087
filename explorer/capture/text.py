"""From the text as typed to text that ``ast`` reads: ``3x`` becomes ``3*x`` and ``^`` becomes ``**``.

Every character is looked at once, so that what is not of the language is refused by name before Python's parser
sees it, and every place in the rewritten text can be traced back to the place that was typed.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from dataclasses import dataclass

from explorer.capture.limits import Limits
from explorer.errors import LimitExceeded, SyntaxProblem

GREEK = "αβγδεζηθλμξπρστφχψωΓΔΘΛΞΠΣΦΨΩ"
"""Greek letters that cannot be taken for Latin ones."""

_TOKEN = re.compile(
    rf"""(?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
       | (?P<name>[A-Za-z_{GREEK}][A-Za-z0-9_{GREEK}]*)
       | (?P<comment>\#.*)
       | (?P<power>\^)
       | (?P<blank>[ \t\r\f]+)
       | (?P<sign>[-+*/@()\[\],=<>!:;.%&|~{{}}\\])""",
    re.VERBOSE,
)

_INSTEAD = {
    "×": "*", "·": "*", "∙": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "²": "^2", "³": "^3",
    "√": "sqrt( )", "≤": "<=", "≥": ">=", "≠": "!=", "“": "no quotes", "”": "no quotes", "∞": "a large number",
}  # fmt: skip


@dataclass(frozen=True)
class Readable:
    """Rewritten text, line by line, and for every line the column each character came from."""

    lines: tuple[str, ...]
    origins: tuple[tuple[int, ...], ...]

    @property
    def text(self) -> str:
        """What goes to ``ast.parse``."""
        return "\n".join(self.lines)

    def place(self, line: int, byte_column: int) -> tuple[int, int]:
        """Line and column from 1, as typed, of a byte offset in the rewritten text (``ast`` counts bytes)."""
        if not 1 <= line <= len(self.lines):
            return max(1, min(line, len(self.lines))), 1
        column = len(self.lines[line - 1].encode()[:byte_column].decode(errors="ignore"))
        origins = self.origins[line - 1]
        return line, (origins[min(column, len(origins) - 1)] if origins else 0) + 1


def readable(text: str, limits: Limits) -> Readable:
    """The text rewritten for ``ast``. Raises SyntaxProblem or LimitExceeded."""
    if len(text) > limits.characters:
        raise LimitExceeded(
            f"The text has {len(text):,} characters; at most {limits.characters:,} are read.",
            hint="Use a loop, or vectors and matrices, to say it in fewer words.",
        )
    if not text.strip():
        raise SyntaxProblem("There is no program yet.", hint="Type one, for example y = (a - b) * (a + b).")
    rewritten = [_rewrite(line, number) for number, line in enumerate(text.split("\n"), start=1)]
    return Readable(tuple(line for line, _ in rewritten), tuple(origins for _, origins in rewritten))


def _rewrite(line: str, number: int) -> tuple[str, tuple[int, ...]]:
    pieces: list[str] = []
    origins: list[int] = []
    place, after_number = 0, False
    while place < len(line):
        match = _TOKEN.match(line, place)
        if match is None:
            raise _unreadable(line[place], number, place + 1)
        kind, piece = match.lastgroup, match.group()
        if kind == "comment":
            break
        if after_number and _multiplies(kind, piece):
            pieces.append("*")
            origins.append(place)
        piece = {"power": "**", "blank": piece.replace("\r", " ").replace("\f", " ")}.get(kind or "", piece)
        pieces.append(piece)
        origins.extend(min(place + i, match.end() - 1) for i in range(len(piece)))
        place, after_number = match.end(), kind == "number"
    origins.append(len(line.rstrip()) - 1 if line.strip() else 0)
    return "".join(pieces), tuple(origins)


def _multiplies(kind: str | None, piece: str) -> bool:
    """Whether a piece that follows a number at once is multiplied by it: ``3x``, ``3(x + 1)``."""
    return piece == "(" or (kind == "name" and not keyword.iskeyword(piece))


def _unreadable(character: str, line: int, column: int) -> SyntaxProblem:
    name = unicodedata.name(character, "a control character").lower()
    shown = character if character.isprintable() else "?"
    instead = _INSTEAD.get(character)
    if instead is None and character in "\"'`":
        instead = "no quotes: the language has numbers only"
    near = unicodedata.normalize("NFKC", character)
    if instead is None and near != character and near.isascii():
        instead = near
    hint = f"Try {instead}." if instead else "Names are made of Latin letters, digits, _ and Greek letters."
    return SyntaxProblem(
        f"The character {shown!r} (U+{ord(character):04X}, {name}) is not of the language.",
        line=line, column=column, hint=hint,
    )  # fmt: skip
