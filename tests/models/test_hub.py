"""A hub id: fetched, in sight, from a hub on this machine, refused in words, and the last graph stays."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch

from explorer.capture.model import trace_module
from explorer.errors import ModelError
from explorer.progress import told_to
from explorer.ui.model_source import ModelSource
from explorer.ui.session import Session
from tests.models.fake_hub import COMMITS, Hub, serving

pytest.importorskip("transformers")

import huggingface_hub
from huggingface_hub import constants
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

from explorer.models import hub as hubs
from explorer.models import hugging

NAME = "somebody/tiny"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny GPT-2 with its weights and a tokenizer."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    hugging.from_config("gpt2").save_pretrained(folder)  # type: ignore[operator]
    plain = Tokenizer(WordLevel({word: i for i, word in enumerate(["?", "hello", "world", "again"])}, unk_token="?"))
    plain.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="?").save_pretrained(folder)
    return folder


@pytest.fixture
def hub(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with that model, and a cache with nothing in it."""
    with serving() as hub:
        hub.models[NAME] = folder
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        at = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, hub.address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", at)
        monkeypatch.setattr(constants, "ENDPOINT", hub.address)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr("time.sleep", lambda _seconds: None)  # the library's, between its attempts
        huggingface_hub.close_session()  # it keeps what it was told of proxies
        yield hub
        huggingface_hub.close_session()


def test_a_model_of_the_hub_is_the_local_one(hub: Hub, folder: Path) -> None:
    session = Session()
    session.set_model(ModelSource(NAME, origin="weights", prompt="hello world", loss="next token"))
    assert session.problem is None and session.is_current
    traced = session.view.model
    assert traced is not None and traced.tokens == ("hello", "world")
    local = trace_module(hugging.from_pretrained(folder), (), traced.reading.kwargs, loss=traced.loss)
    assert torch.equal(traced.run.outputs.logits, local.outputs.logits)
    for name, _ in traced.model.named_parameters():
        ours, theirs = traced.run.grad(name), local.grad(name)
        assert (ours is None and theirs is None) or torch.equal(ours, theirs)


def test_what_was_fetched_is_not_asked_for_again(hub: Hub) -> None:
    told: list[str] = []
    with told_to(lambda _share, words: told.append(words)):
        hugging.from_pretrained(NAME)
    assert any(words.startswith("Fetching ") and words.endswith("MB") for words in told)
    hub.asked.clear()
    assert hugging.from_pretrained(NAME).config.model_type == "gpt2"
    assert hugging.tokenizer(NAME)("again")["input_ids"] == [3]
    assert not hub.asked


def test_a_model_that_changed_meanwhile_is_fetched_whole(hub: Hub) -> None:
    first = hubs.configuration(NAME)
    hub.commit = COMMITS[1]
    whole = hubs.folder(NAME)
    assert whole != first and {"config.json", "model.safetensors"} <= {file.name for file in whole.iterdir()}
    hub.asked.clear()
    assert hubs.folder(NAME) == whole and not hub.asked


def test_only_what_is_read_is_fetched(hub: Hub, folder: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    for file in folder.iterdir():
        (more / file.name).write_bytes(file.read_bytes())
    for name in ("pytorch_model.bin", "modeling.py", "README.md", "model.fp16.safetensors"):
        (more / name).write_text("not to be read")
    hub.models[NAME] = more
    fetched = hubs.folder(NAME)
    names = {file.name for file in fetched.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert not names & {"pytorch_model.bin", "modeling.py", "README.md", "model.fp16.safetensors"}


def test_weights_in_several_files_are_fetched_by_their_index(hub: Hub, folder: Path, tmp_path: Path) -> None:
    model = hugging.from_config("gpt2")
    model.save_pretrained(tmp_path / "parts", max_shard_size="40KB")  # type: ignore[operator]
    assert (tmp_path / "parts" / hubs.INDEX).is_file()
    hub.models[NAME] = tmp_path / "parts"
    loaded = hugging.from_pretrained(NAME)
    assert all(map(torch.equal, model.state_dict().values(), loaded.state_dict().values()))
    hub.asked.clear()
    hugging.from_pretrained(NAME)
    assert not hub.asked


def test_too_large_a_model_is_refused_before_its_weights_are_fetched(hub: Hub) -> None:
    with pytest.raises(ModelError, match="more than the"):
        hugging.from_pretrained(NAME, most=1000)
    assert not any("safetensors" in asked for asked in hub.asked)


def _refused(name: str) -> str:
    """What is said of a model that the hub does not give; the graph before it stays."""
    session = Session()
    before = session.view.blob
    session.set_model(ModelSource(name, origin="weights"))
    assert isinstance(session.problem, ModelError) and session.problem.field == "name"
    assert not session.is_current and session.view.blob == before
    words = str(session.problem)
    assert "Traceback" not in words and "Request ID" not in words and name in words
    return words


def test_a_model_that_is_not_there_is_said_to_be_missing(hub: Hub) -> None:
    assert "no model" in _refused("somebody/missing")
    assert "no name of a model" in _refused("not a name!")
    assert "no name of a model" in _refused("/no/such/folder/here")


def test_a_gated_model_says_how_to_get_it(hub: Hub) -> None:
    hub.gated.add("somebody/gated")
    words = _refused("somebody/gated")
    assert "is gated" in words and f"{hub.address}/somebody/gated" in words and "hf auth login" in words


def test_a_model_without_safetensors_or_without_a_configuration_is_refused(hub: Hub, tmp_path: Path) -> None:
    for name, files in (("somebody/old", ["config.json", "pytorch_model.bin"]), ("somebody/none", ["README.md"])):
        (hub.models.setdefault(name, tmp_path / name)).mkdir(parents=True)
        for file in files:
            (tmp_path / name / file).write_text(
                json.dumps({"model_type": "gpt2", "n_layer": 1, "n_embd": 8, "n_head": 2})
            )
    assert "safetensors" in _refused("somebody/old")
    assert "no config.json" in _refused("somebody/none")


def test_a_hub_that_goes_away_half_way_is_said_and_asked_again(hub: Hub, folder: Path) -> None:
    hub.models["somebody/broken"] = folder
    hub.breaking.add("model.safetensors")
    assert "connection broke" in _refused("somebody/broken")
    session = Session()
    source = ModelSource("somebody/broken", origin="weights")
    session.set_model(source)
    assert "Try again" in str(session.problem)
    hub.breaking.clear()
    session.set_model(source)
    assert session.problem is None and session.is_current


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is connected to, and no name is found."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
def test_a_hub_id_without_a_network_is_refused_in_words() -> None:
    with pytest.raises(ModelError, match="somebody/something") as caught:
        hugging.from_pretrained("somebody/something")
    words = str(caught.value)
    assert "network" in words and "folder" in words and "Traceback" not in words


@pytest.mark.usefixtures("no_network")
def test_the_last_graph_stays() -> None:
    session = Session()
    before = session.view.blob
    session.set_model(ModelSource("somebody/something", origin="weights"))
    assert isinstance(session.problem, ModelError) and session.problem.field == "name"
    assert "somebody/something" in str(session.problem)
    assert not session.is_current and session.view.blob == before
