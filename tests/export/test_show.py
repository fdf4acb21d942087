"""The app opened on a run from a script: its own process, which ends when it is told to."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import explorer


def test_the_app_is_there_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_HEADLESS", "true")
    server = explorer.show(explorer.trace("y = a * 2", a=1.0), block=False)
    try:
        assert server.url.startswith("http://127.0.0.1:")
        assert _answers(server.url)
        assert Path(server.folder.name, "run.pt").is_file()
    finally:
        server.close()
    assert server.process.returncode is not None and not Path(server.folder.name).exists()
    with pytest.raises(URLError):
        urlopen(server.url, timeout=1)


def _answers(url: str) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.1)
    return False
