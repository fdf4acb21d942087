"""The browser writes a figure as Python does."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from explorer.canvas import wire
from explorer.ops.typeset import number

FRONTEND = Path(wire.__file__).parent / "frontend"
FIGURES = [
    0.0, -0.0, 1.0, -1.0, 0.1, 0.1 + 0.2, 1 / 3, -2 / 3, 5.001, 1234567.0, 999999.4, 999999.5, 99999.95, 15972.0,
    1e-4, 9.9999949e-5, 9.999996e-5, 1.2e-7, -1.25e-300, 1e21, 1.5e22, 123456.5, 123457.5, -1.0625, 0.125,
    0.00012345678, 5e-324, 1.7976931348623157e308,
]  # fmt: skip
WRITE = """
import { number } from "./format.js";
const [figures, digits] = JSON.parse(process.argv[1]);
console.log(JSON.stringify([...figures, NaN, Infinity, -Infinity].map((x) => number(x, digits))));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@pytest.mark.parametrize("digits", [6, 4, 3])
def test_numbers_are_written_alike(digits: int) -> None:
    command = ["node", "--input-type=module", "--eval", WRITE, json.dumps([FIGURES, digits])]
    written = json.loads(subprocess.run(command, capture_output=True, check=True, cwd=FRONTEND).stdout)
    assert written == [number(x, digits) for x in [*FIGURES, float("nan"), float("inf"), float("-inf")]]
