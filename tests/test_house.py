"""Habits that a machine can hold: short files, and no way for a user's text to become code or markup."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "explorer"
MOST_LINES = 300
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_SCRIPT = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\s*\(|new\s+Function")

PYTHON = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted(PACKAGE.rglob("*.js"))


def calls_of_code(text: str) -> list[str]:
    """The built-in functions that run text as code, wherever Python ``text`` names one."""
    names = (node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
    return sorted(FORBIDDEN_CALLS.intersection(names))


def _name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", [*PYTHON, *SCRIPTS], ids=_name)
def test_files_are_short(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= MOST_LINES


@pytest.mark.parametrize("path", PYTHON, ids=_name)
def test_no_text_becomes_code(path: Path) -> None:
    assert calls_of_code(path.read_text()) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_no_text_becomes_markup(path: Path) -> None:
    assert FORBIDDEN_SCRIPT.findall(path.read_text()) == []


@pytest.mark.parametrize("text", ["eval('1')", "f = exec", "map(compile, texts)", "__import__('os')"])
def test_planted_code_is_caught(text: str) -> None:
    assert len(calls_of_code(text)) == 1


def test_ordinary_names_pass() -> None:
    assert calls_of_code("import re\nre.compile('x')\nmodel.eval()\nevaluate(1)") == []


@pytest.mark.parametrize("text", ["e.innerHTML = x", "eval (x)", "new Function('x')", "a.insertAdjacentHTML()"])
def test_planted_markup_is_caught(text: str) -> None:
    assert len(FORBIDDEN_SCRIPT.findall(text)) == 1
