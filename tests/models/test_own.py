"""A user's own file: read without being run, run on demand, and every way in which it can be wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from explorer.errors import ModelError
from explorer.models import made, own
from explorer.models.bounds import HOSTED

TEXT = """
import torch
from dataclasses import dataclass
from torch import nn
print("it ran")

@dataclass
class Sizes:
    inputs: int = 3

class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.fc = nn.Linear(Sizes().inputs, width)
    def forward(self, x, scale=1.0):
        return self.fc(x) * scale

class Wide(nn.Module):
    def __init__(self, width):
        super().__init__()

def needs(width): return Net(width)
def pair(): return Net(), torch.ones(2, 3)
def many(): return Net(), (torch.ones(2, 3),), {"scale": 2.0}
def named(): return Net(), {"x": torch.ones(2, 3)}
def model(): return Net(), torch.ones(2, 3)
def inputs(): return torch.zeros(1, 3)
def raises():
    x = 1
    raise KeyError("lost")
def leaves(): raise SystemExit("bye")
def number(): return 3
def whole(): return Net(), 5
"""

LOST = next(line for line, text in enumerate(TEXT.splitlines(), start=1) if "lost" in text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(TEXT)
    return path


def test_factories_are_found_without_running_the_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = own.factories(file)
    assert names[0] == "model" and {"Net", "pair", "many", "raises"} < set(names)
    assert not {"needs", "Wide", "inputs", "Sizes"} & set(names)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("factory", "args", "kwargs"),
    [("pair", 1, {}), ("many", 1, {"scale": 2.0}), ("Net", 1, {}), ("model", 1, {})],
)
def test_what_a_factory_returns_is_called(file: Path, factory: str, args: int, kwargs: dict[str, float]) -> None:
    called = own.load(file, factory, seed=1)
    assert len(called.args) == args and called.kwargs == kwargs
    assert called.model(*called.args, **called.kwargs).shape[-1] == 4


def test_keywords_may_stand_alone(file: Path) -> None:
    called = own.load(file, "named", seed=1)
    assert called.args == () and called.kwargs["x"].shape == (2, 3)


def test_the_seed_makes_it_the_same_and_torchs_is_left_alone(file: Path) -> None:
    before = torch.get_rng_state()
    first, again, other = (own.load(file, "pair", seed=seed).model for seed in (1, 1, 2))
    assert torch.equal(first.fc.weight, again.fc.weight) and not torch.equal(first.fc.weight, other.fc.weight)
    assert torch.equal(torch.get_rng_state(), before)


def test_an_edit_counts_at_once_and_nothing_is_left_behind(file: Path) -> None:
    path = list(sys.path)
    own.load(file, "pair", seed=1)
    file.write_text(TEXT.replace("width=4", "width=7"))
    assert own.load(file, "pair", seed=1).model.fc.out_features == 7
    assert list(file.parent.iterdir()) == [file] and sys.path == path


def test_files_beside_it_can_be_imported(file: Path) -> None:
    (file.parent / "own_neighbour.py").write_text("from torch import nn\nnet = nn.Linear(2, 1)\n")
    file.write_text("import torch\nfrom own_neighbour import net\ndef model(): return net, torch.ones(1, 2)\n")
    assert isinstance(own.load(file, "model", seed=1).model, nn.Linear)


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        ("raises", rf"net\.py, line {LOST}: KeyError: 'lost'"),
        ("leaves", "SystemExit: bye"),
        ("number", "returned int"),
        ("gone", "no 'gone' any more"),
    ],
)
def test_what_goes_wrong_is_said_with_its_line(file: Path, factory: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        own.load(file, factory, seed=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def model(:\n", "line 1"),
        ("x = 1\n", "no function"),
        ("\0", "net.py"),
    ],
)
def test_a_file_that_is_no_module_is_refused(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    with pytest.raises(ModelError, match=words):
        own.factories(file)


def test_a_file_that_does_not_import_is_refused(file: Path) -> None:
    file.write_text("import torch\nimport no_such_library\ndef model(): pass\n")
    with pytest.raises(ModelError, match=r"net\.py, line 2: ModuleNotFoundError"):
        own.load(file, "model", seed=1)


@pytest.mark.parametrize("path", ["", "nowhere.py", "/", "net.txt"])
def test_what_is_no_python_file_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "net.txt").write_text(TEXT)
    for ask in (own.factories, own.stamp):
        with pytest.raises(ModelError):
            ask(tmp_path / path if path else "")


def test_a_hosted_app_runs_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOSTED, "1")
    with pytest.raises(ModelError, match="hosted"):
        made.of_file(str(file), "model", seed=1)
    assert capsys.readouterr().out == ""


def test_one_argument_may_stand_bare(file: Path) -> None:
    assert own.load(file, "whole", seed=1).args == (5,)
