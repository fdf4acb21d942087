"""What the README shows of Python and of the command line is what happens."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from explorer.cli import main

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_python_examples_hold() -> None:
    result = doctest.testfile(str(README), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_command_line_example_holds(capsys: pytest.CaptureFixture[str]) -> None:
    shown = re.search(r"^\$ explorer (.*)\n((?:.*\n)*?)```", README.read_text(), re.MULTILINE)
    assert shown is not None
    assert main(shlex.split(shown[1])) == 0
    assert capsys.readouterr().out == shown[2]


def test_every_picture_and_file_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text())
    assert links
    assert [link for link in links if not (README.parent / link).is_file()] == []
