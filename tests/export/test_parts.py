"""Parts on disk, run by a process that knows nothing of the explorer."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from explorer.errors import ExportError
from explorer.export import parts
from explorer.export.parts import to_parts
from explorer.segment.cut import after
from explorer.segment.split import Split, split
from tests.segment.models import gpt, tokens, traced


@pytest.fixture(scope="module")
def three() -> Split:
    run = traced("export", 3)
    return split(run, after(run.graph, ["h.0", "h.1"]))


def test_the_parts_give_the_whole_models_bits_in_a_fresh_process(three: Split, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(to_parts(three, (tokens(),), {}))).extractall(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [part["file"] for part in manifest["parts"]] == ["A.pt2", "B.pt2", "C.pt2"]
    assert manifest["parts"][1]["shapes"]["add_2"] == [[3, 9, 32], "torch.float32"]
    torch.save([tokens(5, 4)], tmp_path / "other.pt")
    script = (
        "import json, runpy, torch; m = runpy.run_path('run.py'); a, b = m['load']();"
        "torch.save(m['run'](a, b, torch.load('other.pt')), 'made.pt')"
    )
    for command in (["run.py"], ["-c", script]):
        done = subprocess.run(
            [sys.executable, "-I", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        if command == ["run.py"]:
            assert done.stdout.splitlines() == ["(3, 9, 27) torch.float32", "bit-equal to the whole model"]
    with torch.no_grad():
        assert torch.equal(torch.load(tmp_path / "made.pt")[0], gpt(3)(tokens(5, 4)))


def test_a_part_that_cannot_be_written_is_named(three: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no such thing\nand more")

    monkeypatch.setattr(parts.torch.export, "export", refuse)
    with pytest.raises(ExportError, match="Segment A cannot be written as .pt2: no such thing Move a cut"):
        to_parts(three, (tokens(),), {})
