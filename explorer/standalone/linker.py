"""Our JavaScript modules as one script, and our style sheets as one: what a page without a server can hold.

Every module becomes a function that is called once, before those that import it, and answers with what it exports.
It reads the few forms that our modules are written in and refuses all others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from explorer.errors import ExportError

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)
_TYPES_ONLY = re.compile(r"^export \{\};\n", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/[ \t]*\n?|//[^\n]*\n)", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"/\*\*.*?\*/", re.DOTALL)
_OTHER = re.compile(r"^\s*(?:import|export)\b[^\n]*|\bimport(?:\.meta|\s*\()", re.MULTILINE)
_SHEET = re.compile(r'@import url\("([^"]+)"\);\n?')


@cache
def script(entry: Path) -> str:
    """The module at ``entry`` and all that it imports. Raises ExportError for a form that cannot be linked."""
    parts = [_function(path, entry) for path in _in_order(entry)]
    return '"use strict";\n' + "".join(parts)


@cache
def sheet(entry: Path) -> str:
    """The style sheet at ``entry`` with those that it imports in their places."""
    text = entry.read_text(encoding="utf-8")
    return _SHEET.sub(lambda found: sheet(entry.parent / found[1]), text)


def _in_order(entry: Path) -> Sequence[Path]:
    """Every module after those that it imports."""
    order: dict[Path, None] = {}
    waiting, begun = [entry.resolve()], set[Path]()
    while waiting:
        path = waiting[-1]
        missing = [each for each in _imports(path) if each not in order]
        if not missing or (path in begun and path not in order and not set(missing) - begun):
            if missing:
                raise ExportError(f"The modules {path.name} and {missing[0].name} import each other.")
            order[waiting.pop()] = None
            continue
        begun.add(path)
        waiting += missing
    return list(order)


@cache
def _imports(path: Path) -> Sequence[Path]:
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    return [(path.parent / found[2]).resolve() for found in _IMPORT.finditer(text)]


def _function(path: Path, entry: Path) -> str:
    """``const $name = (() => { ...; return { what, it, exports }; })();``"""
    text = _TYPES_ONLY.sub("", _COMMENT.sub("", path.read_text(encoding="utf-8")))
    exported = [found[1] for found in _EXPORT.finditer(text)]
    body = _EXPORT.sub("", _IMPORT.sub(lambda found: _taken(path, found), text))
    other = _OTHER.search(_INLINE.sub("", body))
    if other:
        raise ExportError(f"{path.name} cannot be put into a page: {other[0].strip()!r} is no form that is linked.")
    if path == entry.resolve():
        return f"{{\n{body}}}\n"
    return f"const {_name(path)} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def _taken(path: Path, found: re.Match[str]) -> str:
    """``import { a as b } from`` is ``const { a: b } =``."""
    names = re.sub(r"(\w+) as (\w+)", r"\1: \2", " ".join(found[1].split()))
    return f"const {{ {names} }} = {_name((path.parent / found[2]).resolve())};\n"


def _name(path: Path) -> str:
    return f"${path.parent.name}_{path.stem}"
