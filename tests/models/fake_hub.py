"""A hub of our own on this machine: the few answers that Hugging Face's library asks for, from a folder per model.

A model is gated, has answers that break off in the middle, or fails, by its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

COMMITS = ("0123456789abcdef0123456789abcdef01234567", "76543210fedcba9876543210fedcba9876543210")


class Hub(ThreadingHTTPServer):
    """``models`` by name; ``asked`` keeps every request; what is in ``breaking`` is sent half, then nothing more is."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.models: dict[str, Path] = {}
        self.gated: set[str] = set()
        self.breaking: set[str] = set()
        self.asked: list[str] = []
        self.commit = COMMITS[0]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving() -> Iterator[Hub]:
    hub = Hub()
    thread = Thread(target=hub.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()


class _Answers(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.partition("?")[0].strip("/")
        self.server.asked.append(f"{self.command} {path}")
        if not path:
            return self._send(b"a hub")
        name, _, rest = path.removeprefix("api/models/").partition("/resolve/")
        folder = self.server.models.get(name)
        if name in self.server.gated and rest.partition("/")[2] != "README.md":
            return self._refuse(401, "GatedRepo")
        if folder is None:
            return self._refuse(401, "RepoNotFound")
        if path.startswith("api/models/"):
            return self._send(json.dumps(self._listed(name, folder)).encode(), "application/json")
        file = folder / rest.partition("/")[2]
        return self._send_file(file) if file.is_file() else self._refuse(404, "EntryNotFound")

    def _listed(self, name: str, folder: Path) -> dict[str, object]:
        files = [{"rfilename": f.name, "size": f.stat().st_size} for f in sorted(folder.iterdir())]
        return {"id": name, "modelId": name, "sha": self.server.commit, "private": False, "tags": [], "siblings": files}

    def _send_file(self, file: Path) -> None:
        content = file.read_bytes()
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": self.server.commit}
        if file.name in self.server.breaking and self.command == "GET":
            self._head(200, len(content), headers)
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
            return
        self._send(content, headers=headers)

    def _refuse(self, status: int, code: str) -> None:
        self._head(status, 0, {"X-Error-Code": code, "X-Error-Message": "refused by a test"})

    def _send(self, content: bytes, kind: str = "text/plain", headers: dict[str, str] | None = None) -> None:
        self._head(200, len(content), {"Content-Type": kind, **(headers or {})})
        if self.command == "GET":
            self.wfile.write(content)

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()
