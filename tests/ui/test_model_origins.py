"""Models from elsewhere: Hugging Face by preset, config.json, folder; the user's own file; failures stay in sight."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer.canvas.wire import decode
from explorer.capture.grounds import FROZEN_INPUTS
from explorer.errors import ExplorerError, ModelError
from explorer.models import hugging
from explorer.models.bounds import HOSTED
from explorer.models.made import Made, Reading
from explorer.passes.failure import failure
from explorer.resources import app_script
from explorer.ui.link import from_query, to_query
from explorer.ui.model import ModelSource, fresh, trace
from explorer.ui.model_problem import told
from explorer.ui.model_source import own_source, title
from explorer.ui.session import Session

pytest.importorskip("transformers")

OWN = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 2)
    def forward(self, x):
        h = self.first(x).tanh()
        return {"mean": self.second(h), "spread": h.var(0)}

class Failing(Net):
    def forward(self, x):
        h = self.first(x).relu()
        return self.second(x @ h)

class Choosing(Net):
    def forward(self, x):
        h = self.first(x)
        if h.sum() > 100:
            h = h * 2
        return self.second(h)

def model(): return Net(), torch.randn(5, 3)
def failing(): return Failing(), torch.randn(5, 3)
def choosing(): return Choosing(), torch.randn(5, 3)
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "net.py"
    path.write_text(OWN)
    return str(path)


@pytest.mark.parametrize("name", ["gpt2", "bert", "t5", "vit", "whisper", "mamba"])
def test_an_architecture_is_traced_with_torchs_numbers(name: str) -> None:
    traced = trace(replace(fresh(name, "preset"), loss="sum"))
    model = hugging.from_config(name)
    output = model(**hugging.inputs_for(model))
    first = next(iter(output.values()))
    first.sum().backward()
    assert torch.equal(next(iter(traced.run.outputs.values())), first.detach())
    for parameter, tensor in model.named_parameters():
        found = traced.run.grad(parameter)
        assert (found is None) == (tensor.grad is None)
        assert found is None or torch.equal(found, tensor.grad)
    predicts = {"gpt2": "next", "t5": "next", "whisper": "next", "mamba": "next", "bert": "here"}
    assert traced.made.predicts == predicts.get(name, "")
    if traced.logits is not None:
        assert torch.equal(traced.run.value(traced.logits), output["logits"].detach())  # type: ignore[arg-type]


def test_tokens_and_losses_of_a_decoder() -> None:
    traced = trace(replace(fresh("llama", "preset"), prompt="5 9 3 9"))
    assert traced.tokens == ("5", "9", "3", "9") and traced.source.loss == "next token"
    logits = traced.run.outputs["logits"]
    expected = torch.nn.functional.cross_entropy(logits[0, :-1], torch.tensor([9, 3, 9]))
    torch.testing.assert_close(traced.run.value(traced.run.output), expected)
    one = trace(replace(traced.source, loss="logit", token="7", position=1)).run
    assert torch.equal(one.value(one.output), logits[0, 1, 7])  # type: ignore[arg-type]
    formula = trace(replace(traced.source, loss="expression", formula="sum(logits[0, -1])")).run
    torch.testing.assert_close(formula.value(formula.output), logits[0, -1].double().sum())


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"prompt": "1 x"}, "prompt", "not a token id"),
        ({"prompt": "1 64"}, "prompt", "not in the vocabulary of 64"),
        ({"prompt": "1 " * 65}, "prompt", "more than the 64"),
        ({"loss": "expression", "formula": "nothing"}, "loss", "no output 'nothing'"),
        ({"loss": "expression", "formula": "mean("}, "loss", "not one expression"),
        ({"loss": "expression"}, "loss", "no program"),
        ({"loss": "logit", "position": 70}, "loss", "no place 70"),
        ({"name": "lama"}, "name", "Try 'llama'"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(change: dict[str, object], field: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        trace(replace(fresh("llama", "preset"), **change))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_model_without_scores_has_no_next_token() -> None:
    for name, loss in (("bert", "next token"), ("vit", "logit")):
        with pytest.raises(ModelError) as caught:
            trace(replace(fresh(name, "preset"), loss=loss))  # type: ignore[arg-type]
        assert caught.value.field == "loss"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no model yet"),
        ("{", "not JSON"),
        ("[1]", "names with values"),
        ('{"model_type": "lama"}', "llama"),
        (
            '{"model_type": "llama", "hidden_size": 8192, "num_hidden_layers": 80, "intermediate_size": 28672}',
            "billion",
        ),
    ],
)
def test_a_config_that_makes_no_model_is_refused(text: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        trace(ModelSource("", origin="config", config=text))
    assert caught.value.field == "config"


def test_a_folder_with_weights_and_what_can_be_wrong_with_it(tmp_path: Path) -> None:
    model = hugging.from_config("gpt2", seed=5)
    model.save_pretrained(tmp_path)  # type: ignore[operator]
    source = ModelSource(str(tmp_path), origin="weights", prompt="1 2 3")
    traced = trace(source)
    assert torch.equal(traced.run.outputs["logits"], model(torch.tensor([[1, 2, 3]]), use_cache=False)["logits"])
    (tmp_path / "model.safetensors").write_bytes(b"\x00" * 90)
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        trace(replace(source, seed=9))
    assert caught.value.field == "name"


def test_text_is_read_by_the_models_own_tokenizer(tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    words = {"?": 0, "to": 1, "be": 2, "or": 3, "not": 4}
    plain = Tokenizer(WordLevel(words, "?"))
    plain.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="?").save_pretrained(tmp_path)
    hugging.from_config("gpt2").save_pretrained(tmp_path)  # type: ignore[operator]
    traced = trace(ModelSource(str(tmp_path), origin="weights", prompt="to be or not to", loss="logit", token="be"))
    assert traced.tokens == ("to", "be", "or", "not", "to") and traced.made.asks == "Text"
    assert torch.equal(traced.run.value(traced.run.output), traced.run.outputs["logits"][0, -1, 2])  # type: ignore[arg-type]


def test_own_code_is_traced(file: str) -> None:
    traced = trace(own_source(file, "model"))
    assert title(traced.source) == "model in net.py" and traced.run.loss == "the sum of output mean"
    formula = trace(replace(traced.source, loss="expression", formula="sum(spread)")).run
    torch.testing.assert_close(formula.value(formula.output), formula.outputs["spread"].double().sum())


def test_where_the_forward_fails_the_graph_up_to_there_is_shown(file: str) -> None:
    session = Session()
    session.set_model(own_source(file, "failing"))
    assert session.problem is None and session.view.model is not None
    problem, ended = session.view.model.problem, failure(session.view.run)
    line = next(n for n, text in enumerate(OWN.splitlines(), start=1) if "x @ h" in text)
    assert problem is not None and problem.line == line and ended is not None
    assert (
        session.view.run.graph.ops[ended[0]] == "matmul" and session.inspected == session.view.run.graph.ids[ended[0]]
    )
    blob = decode(session.view.blob)
    assert blob["nodes"]["id"][blob["failed"]] == "matmul" and "shapes cannot be multiplied" in blob["failure"]
    assert blob["moments"]["node"][-1] == blob["failed"] and len(blob["moments"]["node"]) == blob["moments"]["forward"]
    assert f"net.py, line {line}" in told(problem, "", True)


def test_a_closed_group_says_that_it_failed_inside(file: str) -> None:
    Path(file).write_text(OWN.replace("return self.second(x @ h)", "return self.second(x)"))
    session = Session()
    session.set_model(own_source(file, "failing"))
    seen = decode(session.view.blob)
    assert seen["nodes"]["id"][seen["failed"]] == "addmm_1"
    session.on_event({"name": "depth", "n": 0})
    closed = decode(session.view.blob)
    assert closed["nodes"]["id"][closed["failed"]] == "second"


def test_where_export_fails_the_eager_graph_is_shown_and_what_is_lost(file: str) -> None:
    session = Session()
    session.set_model(replace(own_source(file, "choosing"), mode="export"))
    assert session.problem is None and session.view.model is not None and failure(session.view.run) is None
    problem = session.view.model.problem
    line = next(n for n, text in enumerate(OWN.splitlines(), start=1) if "h.sum() > 100" in text)
    assert problem is not None and problem.line == line
    words = told(problem, "It cannot be exported", False)
    assert "cannot be cut into segments" in words and f"net.py, line {line}" in words
    assert session.view.run.grad("second.weight") is not None


def test_an_exported_graph_is_shown_with_the_same_numbers() -> None:
    eager, exported = (trace(replace(fresh("gpt-sort"), mode=mode)) for mode in ("eager", "export"))  # type: ignore[arg-type]
    assert exported.problem is None and exported.run.exported is not None
    assert torch.equal(eager.run.outputs, exported.run.outputs) and exported.logits is not None
    assert "linear" in exported.run.graph.ops


def test_the_sidebar_says_which_number_the_model_took(file: str) -> None:
    Path(file).write_text(OWN + "def frozen(): return Net().requires_grad_(False), torch.randn(5, 3)\n")
    app = AppTest.from_file(str(app_script()), default_timeout=60)
    app.session_state["session"] = session = Session()
    session.set_model(own_source(file, "frozen"))
    app.run()
    words = " ".join(part.proto.body for part in app.sidebar.get("html"))
    assert "This is the sum of output mean." in words and FROZEN_INPUTS in words


def test_an_edited_file_is_another_document(file: str) -> None:
    session = Session()
    session.set_model(own_source(file, "model"))
    Path(file).write_text(OWN.replace("4, 2", "4, 7"))
    session.set_model(own_source(file, "model"))
    assert session.view.run.graph.nodes["second.weight"].shape == (7, 4)
    session.undo()
    assert session.document.model is not None and session.document.model.origin == "own"


@pytest.mark.parametrize("source", [fresh("bert", "preset"), fresh(origin="config"), replace(fresh(), mode="export")])
def test_a_link_brings_it_back(source: ModelSource) -> None:
    session = Session()
    session.set_model(source)
    document = from_query(to_query(session.document))
    assert document is not None and document.model == source


def test_no_link_runs_code_or_reads_files(file: str) -> None:
    session = Session()
    session.set_model(own_source(file, "model"))
    assert to_query(session.document) == {}
    for query in ({"origin": "own"}, {"origin": "weights"}, {"origin": "x"}, {"graph": "x"}):
        with pytest.raises(ExplorerError, match="damaged"):
            from_query({"model": file, **query})


def test_a_hosted_app_has_smaller_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    large = json.dumps({"model_type": "gpt2", "n_layer": 4, "n_embd": 512, "n_head": 4, "vocab_size": 9})
    monkeypatch.setenv(HOSTED, "1")
    with pytest.raises(ModelError, match="million"):
        trace(ModelSource("", origin="config", config=large))
    with pytest.raises(ModelError, match="more than the 128"):
        trace(replace(fresh("gpt"), sizes={"context": 512}, prompt="1 " * 129))


def test_a_hosted_app_stops_what_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.capture.model import trace_module
    from explorer.errors import CaptureError

    slow = Made(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh()), lambda _: Reading())
    with pytest.raises(CaptureError, match="longer than it may"):
        trace_module(slow.model, torch.ones(1, 2), seconds=-1.0)
