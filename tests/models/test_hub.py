"""A hub id where there is no network: said in words, and the last graph stays."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest

from explorer.errors import ModelError
from explorer.ui.model_source import ModelSource
from explorer.ui.session import Session

pytest.importorskip("transformers")

from explorer.models import hugging


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
