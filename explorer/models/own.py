"""A model from a Python file of the user's: a function in it, the factory, gives the model and what it is called with.

    def model():
        return nn.Linear(3, 2), torch.randn(4, 3)

A factory returns the model and its arguments (a tensor, or a tuple of them), and a dictionary of keywords after them
where there are some; or the model alone, where the file has a function ``inputs`` that returns the arguments. A class
of modules that takes no arguments is a factory as well.

Such a file is code, and it can do whatever its user can. Looking for factories only reads it; ``load`` runs it, and
refuses in an app that is open to others.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

import torch
from torch import nn

from explorer.errors import ModelError
from explorer.models.bounds import is_hosted

MOST_BYTES = 1_000_000
LIKELY = ("model", "make_model", "build_model", "get_model", "create_model", "factory", "make", "build")
"""Names of factories that are taken first."""

_INPUTS = "inputs"
_RETURNS = "Let it return the model and its arguments: return model, (x,)"


class Called(NamedTuple):
    """A model and what it is called with."""

    model: nn.Module
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


def factories(path: str | Path) -> Sequence[str]:
    """The names of functions and classes in a file that can be called without arguments, likely ones first.

    The file is read, not run. Raises ModelError where it cannot be read or is no Python.
    """
    file = _file(path)
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise _problem(f"{file.name}, line {error.lineno}: {error.msg}. Mend the file.", "name") from None
    except (OSError, ValueError, RecursionError) as error:
        raise _problem(f"{file.name} cannot be read: {error}", "name") from None
    named = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    names = [node.name for node in named if _is_factory(node)]
    if not names:
        raise _problem(f"{file.name} has no function that takes no arguments. {_RETURNS}", "name")
    return sorted(names, key=lambda name: LIKELY.index(name) if name in LIKELY else len(LIKELY))


def stamp(path: str | Path) -> int:
    """Changes whenever the file is written."""
    return _file(path).stat().st_mtime_ns


def load(path: str | Path, factory: str, *, seed: int) -> Called:
    """Runs the file and calls its factory, with torch's random numbers from ``seed``.

    Raises ModelError, with the line of the file, for whatever is raised there, and in a hosted app.
    """
    if is_hosted():
        raise _problem("A hosted app runs no code of its users. Start the explorer on your own machine.", "name")
    file = _file(path)
    with torch.random.fork_rng([]), _told(file):
        torch.manual_seed(seed)
        module = _import(file)
        made = getattr(module, factory, None)
        if made is None:
            raise _problem(f"{file.name} has no {factory!r} any more. Choose another factory.", "factory")
        result = made()
        inputs = getattr(module, _INPUTS, None)
        if isinstance(result, nn.Module):
            if inputs is None:
                raise _problem(
                    f"{factory} returned the model alone. {_RETURNS}, or add a function inputs().", "factory"
                )
            result = (result, inputs())
    return _called(factory, result)


def _is_factory(node: ast.FunctionDef | ast.ClassDef) -> bool:
    if isinstance(node, ast.ClassDef):
        bases = [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases]
        start = next((part for part in node.body if getattr(part, "name", "") == "__init__"), None)
        return "Module" in bases and (not isinstance(start, ast.FunctionDef) or _open(start.args) <= 1)
    return node.name not in (_INPUTS, "main") and _open(node.args) == 0


def _open(arguments: ast.arguments) -> int:
    """How many arguments must be given."""
    by_place = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    return by_place + sum(default is None for default in arguments.kw_defaults)


def _called(factory: str, result: Any) -> Called:
    parts = result if isinstance(result, tuple) else (result,)
    if len(parts) not in (2, 3) or not isinstance(parts[0], nn.Module):
        given = ", ".join(type(part).__name__ for part in parts)
        raise _problem(f"{factory} returned {given}. {_RETURNS}", "factory")
    model, args = parts[:2]
    kwargs = parts[2] if len(parts) == 3 else {}
    if isinstance(args, Mapping) and len(parts) == 2:
        args, kwargs = (), args
    if not isinstance(kwargs, Mapping):
        raise _problem(f"{factory} returned keywords that are {type(kwargs).__name__}, not a dictionary.", "factory")
    return Called(model, tuple(args) if isinstance(args, list | tuple) else (args,), dict(kwargs))


def _file(path: str | Path) -> Path:
    text = str(path).strip()
    file = Path(text).expanduser()
    if not text:
        raise _problem("Give the path of a Python file.", "name")
    if file.suffix != ".py" or not file.is_file():
        raise _problem(f"{text!r} is no Python file on this machine. Give a path that ends in .py.", "name")
    if file.stat().st_size > MOST_BYTES:
        raise _problem(f"{file.name} is larger than {MOST_BYTES:,} bytes, which no program is.", "name")
    return file.resolve()


def _import(file: Path) -> ModuleType:
    """The file as a module of its own name, made anew each time; files beside it can be imported by it."""
    name = f"explorer_own_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, file, loader=_Fresh(name, str(file)))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(file.parent))
    return module


class _Fresh(SourceFileLoader):
    """Reads the file each time, and leaves no compiled file beside it: an edit within a second counts, too."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """What is raised inside, as a ModelError with the innermost line of the file."""
    try:
        yield
    except ModelError:
        raise
    except (Exception, SystemExit) as error:
        line = error.lineno if isinstance(error, SyntaxError) else _line(error, file)
        where = f"{file.name}, line {line}" if line else file.name
        reason = next(iter(str(error).strip().splitlines()), "")
        raise _problem(f"{where}: {type(error).__name__}: {reason}", "factory") from error


def _line(error: BaseException, file: Path) -> int:
    found, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _problem(message: str, field: str) -> ModelError:
    return ModelError(message, field=field)
