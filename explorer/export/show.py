"""The app opened on a run, from a script or a notebook: in a process of its own, on this machine only."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from explorer.export.saved import save
from explorer.resources import app_script
from explorer.run import Run

RUN = "EXPLORER_RUN"
"""The variable of the environment by which the app gets the path of the run that it is opened on."""


@dataclass(frozen=True)
class Server:
    """A running app. Its run is in a folder that goes away with it."""

    url: str
    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]

    def close(self) -> None:
        """Stop the app."""
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def wait(self) -> None:
        """Until the app ends, or Ctrl+C."""
        with suppress(KeyboardInterrupt):
            self.process.wait()


def show(run: Run, *, port: int | None = None, block: bool | None = None) -> Server:
    """See ``explorer.show``."""
    folder = tempfile.TemporaryDirectory(prefix="explorer-")
    path = Path(folder.name) / "run.pt"
    save(run, path)
    port = port or _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(app_script())]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port), "--server.fileWatcherType", "none"]
    process = subprocess.Popen(command, env={**os.environ, RUN: str(path)})
    server = Server(f"http://127.0.0.1:{port}", process, folder)
    atexit.register(server.close)
    if block if block is not None else not _is_interactive():
        server.wait()
    return server


def _is_interactive() -> bool:
    return hasattr(sys, "ps1") or "ipykernel" in sys.modules


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
