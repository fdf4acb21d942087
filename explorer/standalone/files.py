"""The files that the command line writes of a run: the canvas as a page, pictures."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from typing import Any, get_args

from explorer.errors import ExportError
from explorer.export import to_pdf, to_png, to_svg
from explorer.overlays import KINDS
from explorer.run import Run
from explorer.standalone.page import Beside, to_html

LONGEST_TITLE = 80


def _page(run: Run, options: Namespace) -> str:
    title = options.program if len(options.program) <= LONGEST_TITLE else ""
    return to_html(run, title=title, autograd=options.autograd, **_looks(options)).text


def _looks(options: Namespace) -> dict[str, Any]:
    """What is open, and what nodes are coloured by."""
    return {"opened": options.open, "overlay": options.color}


FILES: Mapping[str, tuple[Callable[[Run, Namespace], str | bytes], str]] = {
    "html": (_page, "the canvas to step through, as one page that needs no network"),
    "svg": (lambda run, asked: to_svg(run, theme=asked.theme, **_looks(asked)), "a picture"),
    "png": (
        lambda run, asked: to_png(run, width=asked.width, theme=asked.theme, **_looks(asked)),
        "the same in pixels",
    ),
    "pdf": (lambda run, asked: to_pdf(run, **_looks(asked)), "a picture by Graphviz"),
}


def add_files(parser: ArgumentParser) -> None:
    """The options that ask for files, and how they shall look."""
    files = parser.add_argument_group("files to write; several may be asked for")
    for name, (_, words) in FILES.items():
        files.add_argument(f"--{name}", metavar="FILE", help=words)
    files.add_argument("--open", type=int, metavar="DEPTH", help="depth down to which groups are open")
    colors = tuple(kind for kind in KINDS if kind not in ("segment", "file"))
    files.add_argument("--color", choices=colors, help="what nodes are coloured by")
    files.add_argument("--autograd", choices=get_args(Beside), help="of the page: where torch's autograd graph stands")
    files.add_argument("--theme", choices=("light", "dark"), default="light", help="of pictures")
    files.add_argument("--width", type=int, metavar="PIXELS", help="of the PNG")


def write_files(run: Run, options: Namespace) -> bool:
    """Write what was asked for, and say whether anything was. Raises ExportError for a file that cannot be written."""
    asked = [name for name in FILES if getattr(options, name)]
    for name in asked:
        _write(getattr(options, name), FILES[name][0](run, options))
    return bool(asked)


def _write(path: str, content: str | bytes) -> None:
    try:
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise ExportError(f"The file {path!r} cannot be written: {error.strerror}. Give another path.") from None
