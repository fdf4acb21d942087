"""Where the files lie that the app shows: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

from explorer.errors import ExplorerError

_PACKAGE = Path(__file__).resolve().parent


def asset(*parts: str) -> Path:
    """The path of a file or folder under ``assets/``. Raises ExplorerError where it is missing."""
    for root in (_PACKAGE / "assets", _PACKAGE.parent / "assets"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    name = "/".join(("assets", *parts))
    raise ExplorerError(f"The file {name} is missing from this installation. Install the package again.")


def app_script() -> Path:
    """The path of ``app.py``, which Streamlit runs. Raises ExplorerError where it is missing."""
    for root in (_PACKAGE, _PACKAGE.parent):
        if (root / "app.py").is_file():
            return root / "app.py"
    raise ExplorerError("The file app.py is missing from this installation. Install the package again.")
