from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import torch
from pygraphviz import AGraph

import explorer
from explorer import cli

ROOT = Path(__file__).resolve().parents[1]


class Terminal:
    """Runs the command in this process and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        try:
            code = cli.main(arguments)
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        out, error = self._capsys.readouterr()
        return code, out, error


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def test_it_prints_the_graph_with_values_and_gradients(terminal: Terminal) -> None:
    code, out, error = terminal("trace", "y = (a-b)*(a+b)", "a=3", "b=2")
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line}
    assert (code, error) == (0, "")
    # y = a² − b²: dy/da = 2a = 6 and dy/db = −2b = −4.
    assert rows["y"] == ["y", "mul", "v1,", "v2", "5", "1", "1"]
    assert rows["a"] == ["a", "input", "3", "6", "1"] and rows["b"] == ["b", "input", "2", "−4", "1"]


def test_json_holds_the_run(terminal: Terminal) -> None:
    _, out, _ = terminal("trace", "y = (a-b)*(a+b)", "a=3", "b=2", "--json")
    grads = {node["id"]: node["grad"] for node in json.loads(out)["nodes"]}
    assert grads["a"] == 6 and grads["b"] == -4


def test_dot_is_read_by_graphviz(terminal: Terminal) -> None:
    _, out, _ = terminal("trace", "y = x * x", "x=3", "--dot")
    assert AGraph(string=out).edges() == [("x", "y"), ("x", "y")]


def test_steps(terminal: Terminal) -> None:
    _, out, _ = terminal("trace", "y = a * b", "a=3", "b=2", "--steps")
    assert "1 × 2 = 2" in out and "1 × 3 = 3" in out


def test_another_output(terminal: Terminal) -> None:
    _, out, _ = terminal("trace", "u = a * b\ny = sin(u)", "a=3", "b=2", "--output", "u", "--json")
    assert json.loads(out)["output"] == "u"


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("v=[1, 2, 3]", [1.0, 2.0, 3.0]),
        ("v=[[1,-2],[3,4e-1]]", [[1.0, -2.0], [3.0, 0.4]]),
        ("v=-1.5e3", -1500.0),
        ("v = 2", 2.0),
        ("v=inf", "Infinity"),
        ("v=nan", "NaN"),
    ],
)
def test_values_are_read_by_the_language(terminal: Terminal, argument: str, value: Any) -> None:
    code, out, error = terminal("trace", "y = sum(2v)", argument, "--json")
    assert (code, error) == (0, "")
    assert next(node["value"] for node in json.loads(out)["nodes"] if node["id"] == "v") == value


def test_a_program_from_a_file_or_from_standard_input(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "u = 3x + 2\ny = u^4"
    (tmp_path / "program.txt").write_text(program)
    monkeypatch.setattr(sys, "stdin", io.StringIO(program))
    from_file = terminal("trace", f"@{tmp_path / 'program.txt'}", "x=3")
    assert from_file == terminal("trace", "-", "x=3") == terminal("trace", program, "x=3")
    assert "15972" in from_file[1]


def test_a_problem_is_shown_in_its_line(terminal: Terminal) -> None:
    code, out, error = terminal("trace", "a = 2\ny = a + qq")
    assert (code, out) == (2, "")
    message, line, mark, *hint = error.splitlines()
    assert "line 2, column 9" in message and "qq" in message
    assert line.endswith("y = a + qq") and line.index("qq") == mark.index("^")
    assert "qq=1" in " ".join(hint)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["y = "], "line 1"),
        ([""], "no program"),
        (["y = a + b", "a=3"], "'b' has no value"),
        (["y = a", "a=3", "c=4"], "'c'"),
        (["y = a", "a"], "name=value"),
        (["y = a", "a="], "name=value"),
        (["y = v", "v=[1,2"], "value of 'v'"),
        (["y = v", "v=[[1],[2,3]]"], "value of 'v'"),
        (["y = v", "v=__import__('os')"], "value of 'v'"),
        (["y = a @ b", "a=[1,2]", "b=[1,2,3]"], "shape"),
        (["y = a", "a=3", "--output", "z"], "'z'"),
        (["@no such file"], "no such file"),
        ([f"@{sys.executable}"], "UTF-8"),
        (["y = __import__('os')"], "line 1"),
        (["(" * 10_000], "line 1"),
        (["x" * 1_000_000], "1,000,000"),
    ],
)
def test_bad_input_is_told_in_words(terminal: Terminal, arguments: list[str], words: str) -> None:
    code, out, error = terminal("trace", *arguments)
    assert (code, out) == (2, "")
    assert words in error and "Traceback" not in error and max(map(len, error.splitlines())) < 400


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８５０１"])
def test_a_port_that_is_none_is_refused(terminal: Terminal, port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "call", lambda command: pytest.fail(f"started {command}"))
    code, _, error = terminal(f"--port={port}")
    assert code == 2 and "port" in error


def test_endless_input_is_refused(terminal: Terminal) -> None:
    code, _, error = terminal("trace", "@/dev/zero") if os.path.exists("/dev/zero") else (2, "", "characters")
    assert code == 2 and "characters" in error


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "explorer", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, **options)


def test_as_a_module() -> None:
    assert run("--version").stdout == f"explorer {explorer.__version__}\n"
    traced = run("trace", "y = a * b", "a=3", "b=2")
    assert traced.returncode == 0 and "mul" in traced.stdout and traced.stderr == ""


def test_a_reader_that_stops_reading_is_no_problem() -> None:
    program = "y = x\nfor i in range(20000):\n    y = y + x"
    command = [sys.executable, "-m", "explorer", "trace", program, "x=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""


def test_it_starts_the_app_on_this_machine_only(tmp_path: Path) -> None:
    port = "8797"
    command = [sys.executable, "-m", "explorer", "--port", port, "--headless"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert _answers(f"http://127.0.0.1:{port}/_stcore/health")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _answers(address: str) -> bool:
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.5)
    return False


def test_a_model_by_its_name(terminal: Terminal) -> None:
    code, out, _ = terminal("trace", "gpt-sort", "--prompt", "CABBAC", "--json")
    nodes = {node["id"]: node for node in json.loads(out)["nodes"]}
    model = explorer.models.load("gpt-sort")
    logits = model(explorer.models.sort.encode("CABBAC"))
    logits[0, -1].max().backward()
    assert code == 0 and nodes["max"]["value"] == logits[0, -1].max().item()
    bias = model.get_submodule("h.0.ln_1").bias
    assert isinstance(bias, torch.nn.Parameter) and bias.grad is not None
    assert nodes["h.0.ln_1.bias"]["grad"] == bias.grad.tolist()


def test_a_model_with_sizes_of_ones_own(terminal: Terminal) -> None:
    code, out, _ = terminal("trace", "mlp", "sizes=2,3,1", "--loss", "squared error", "--seed", "4")
    assert code == 0 and "layers.1.weight" in out and "layers.2.weight" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gpt", "heads=3"], "not a multiple of heads"),
        (["gpt", "depth=3"], "no size called 'depth'"),
        (["gpt", "layers"], "not name=size"),
        (["gpt-sort", "--prompt", "AB3"], "'3' is not a letter"),
        (["gpt", "--prompt", "99"], "not in the vocabulary"),
        (["mlp", "--loss", "logit"], "no scores of tokens"),
    ],
)
def test_a_model_that_cannot_be_traced_is_told_in_words(terminal: Terminal, arguments: list[str], words: str) -> None:
    code, out, error = terminal("trace", *arguments)
    assert (code, out) == (2, "") and words in error


def test_a_model_is_divided(terminal: Terminal) -> None:
    code, out, error = terminal("segment", "gpt", "layers=3", "--parts", "2", "--devices", "4090", "--verify")
    assert (code, error) == (0, "")
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["segment", "holds", "parameters"] and [line[0] for line in lines[1:3]] == ["A", "B"]
    assert "Cut here because" in out and lines[-1].startswith("On inputs of ") and "bit-equal" in lines[-1]


def test_a_division_as_json(terminal: Terminal) -> None:
    code, out, _ = terminal(
        "segment", "gpt", "--after", "h.0", "--batch", "3", "--length", "5", "--links", "3G", "--json", "--verify"
    )
    found = json.loads(out)
    assert code == 0 and [one["inputs"][0]["shape"] for one in found["segments"]] == [[3, 5], [3, 5, 32]]
    assert found["links"] == [{"link": "3G", "bytes": 1920, "seconds": pytest.approx(1920 / 137_500)}]
    assert found["parity"]["bit_equal"] and found["parity"]["shapes"] == [[3, 5]]


def test_profiles_of_ones_own(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[device]]\nname = "abacus"\nflops = { float32 = 10 }\nbandwidth = 1\nmemory = 1e9\n')
    code, out, _ = terminal("segment", "gpt", "--parts", "2", "--devices", "abacus", "--profiles", str(path))
    assert code == 0 and out.count("abacus") == 3
    measured = tmp_path / "measured.csv"
    measured.write_text("node,device,milliseconds\nnothing,abacus,1\n")
    code, _, error = terminal("segment", "gpt", "--parts", "2", "--measured", str(measured))
    assert code == 2 and "Row 1: the graph has no node 'nothing'" in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gpd", "--parts", "2"], "There is no model called 'gpd', and no file. Did you mean gpt"),
        (["gpt", "--parts", "2", "--devices", "tv"], "'tv' is not one of the profiles of a device"),
        (["gpt", "--parts", "99"], "There is no segment 98|99 parts are more|99 parts cannot"),
        (["gpt", "--after", "h.9"], "neither a node nor a module"),
        (["gpt"], "Say where to cut"),
        (["llama-7b", "--parts", "2"], "Plan it without weights"),
        (["gpt", "--parts", "2", "--without-weights"], "comes with numbers"),
        (["llama-7b", "--parts", "2", "--without-weights", "--verify"], "no numbers to compare"),
    ],
)
def test_what_cannot_be_divided_says_why(terminal: Terminal, arguments: list[str], message: str) -> None:
    code, out, error = terminal("segment", *arguments)
    assert (code, out) == (2, "") and re.search(message, error)


OWN = """
import torch
from torch import nn
def works(): return nn.Linear(3, 2), torch.ones(1, 3)
def fails(): return nn.Sequential(nn.Linear(3, 2), nn.Linear(3, 2)), torch.ones(1, 3)
"""


def test_a_model_of_ones_own(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(OWN)
    code, out, _ = terminal("trace", f"{file}:works", "--from", "own", "--expression", "sum(output ^ 2)", "--json")
    weight = next(node for node in json.loads(out)["nodes"] if node["id"] == "weight")
    torch.manual_seed(explorer.models.SEED)
    model = torch.nn.Linear(3, 2)
    model(torch.ones(1, 3)).double().square().sum().backward()
    assert code == 0 and torch.allclose(torch.tensor(weight["grad"]), model.weight.grad)  # type: ignore[arg-type]
    code, out, error = terminal("trace", f"{file}:fails", "--from", "own")
    assert code == 1 and "The forward pass failed at addmm_1" in out and "raised RuntimeError" in error
    assert terminal("trace", str(tmp_path / "none.py"), "--from", "own")[0] == 2


def test_a_hugging_face_model(terminal: Terminal, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    file = tmp_path / "config.json"
    file.write_text(json.dumps(explorer.models.presets.preset("gpt2")))
    arguments = ["--prompt", "1 2 3", "--loss", "next token", "--json"]
    by_name = terminal("trace", "gpt2", "--from", "preset", *arguments)
    by_file = terminal("trace", str(file), "--from", "config", *arguments)
    assert by_name[0] == 0 and by_name[1] == by_file[1]
    assert terminal("trace", "lama", "--from", "preset")[2].count("llama") == 1


def test_a_hosted_app_is_open_to_others_and_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command, env: started.append((command, env)) or 0)
    assert cli.main(["--hosted"]) == 0 and cli.main([]) == 0
    (hosted, environment), (alone, plain) = started
    assert hosted[hosted.index("--server.address") + 1] == "0.0.0.0" and environment["EXPLORER_HOSTED"] == "1"
    assert alone[alone.index("--server.address") + 1] == "127.0.0.1" and plain is None


def test_files_are_written_in_place_of_the_table(terminal: Terminal, tmp_path: Path) -> None:
    paths = {name: tmp_path / f"run.{name}" for name in ("html", "svg", "png", "pdf")}
    code, out, _ = terminal("trace", "y = a * b", "a=2", "b=3", "--color", "flops", "--width", "700", *(
        part for name, path in paths.items() for part in (f"--{name}", str(path))
    ))  # fmt: skip
    starts = {"html": b"<!DOCTYPE html>", "svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}
    assert all(paths[name].read_bytes().startswith(start) for name, start in starts.items())
    assert int.from_bytes(paths["png"].read_bytes()[16:20], "big") == 700
    assert (code, out) == (0, "")
    page = tmp_path / "both.html"
    assert terminal("trace", "y = a * b", "a=2", "b=3", "--html", str(page), "--autograd", "below")[0] == 0
    assert '<div id="twin" class="twin below">' in page.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_named(terminal: Terminal, tmp_path: Path) -> None:
    code, _, error = terminal("trace", "y = 2 * a", "a=2", "--svg", str(tmp_path / "none" / "run.svg"))
    assert code == 2 and "run.svg" in error and "cannot be written" in error
