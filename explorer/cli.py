"""The command ``explorer``: starts the app, or traces a program or a model and prints what came of it.

    explorer                                          the app, in a browser
    explorer trace "y = (a-b)*(a+b)" a=3 b=2          the graph with values and gradients
    explorer trace @program.txt v="[1, 2, 3]" --json  a program from a file; "-" reads it from standard input
    explorer trace gpt-sort --prompt CABBAC           a model by its name
    explorer trace gpt layers=3 --loss logit          another one, with sizes of one's own
    explorer trace gpt-sort --html run.html           the canvas as a file; also --svg, --png, --pdf
    explorer segment gpt layers=6 --parts 3           a model divided: what each part holds and costs
    explorer segment llama-7b --parts 4 --without-weights
    explorer trace llama --from preset                a Hugging Face architecture; also config, weights
    explorer trace model.py:make --from own           a model of one's own: a function in a Python file

A problem is told on standard error with the line it is in, and the exit code is 2; where a model's forward pass
fails, what ran before is printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, get_args

import explorer
from explorer.errors import ExplorerError, ModelError, ProgramError, RunError, SegmentError
from explorer.export import to_dot, to_json_text, to_steps, to_table
from explorer.models import own
from explorer.models.bounds import HOSTED
from explorer.models.presets import LARGE
from explorer.passes.failure import failure
from explorer.resources import app_script
from explorer.segment.api import named, segment
from explorer.segment.devices import read_profiles
from explorer.segment.measured import read_profile
from explorer.segment.partition.plan import Objective
from explorer.segment.profiles import Profiles, shipped
from explorer.segment.table import data, parity_data
from explorer.segment.table import text as division
from explorer.standalone.files import add_files, write_files
from explorer.ui import planned
from explorer.ui.model import trace
from explorer.ui.model_source import LOSSES, MODES, ORIGINS, ModelSource, Origin, fresh, own_source

_FORMATS: dict[str, tuple[Callable[[explorer.Run], str], str]] = {
    "json": (to_json_text, "print everything as JSON"),
    "dot": (to_dot, "print DOT text for Graphviz"),
    "steps": (to_steps, "print every step: upstream × local = contribution"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; ``arguments`` are those of the process when not given."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
        return code
    except ExplorerError as error:
        print(_report(error, getattr(options, "text", "")), file=sys.stderr)
        return 2
    except BrokenPipeError:  # The reader, such as head, has read enough.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("explorer", description="See a computational graph and step through it.")
    parser.add_argument("--version", action="version", version=f"explorer {explorer.__version__}")
    parser.add_argument("--port", type=_port, default=8501, help="port of the app (default: 8501)")
    parser.add_argument("--headless", action="store_true", help="do not open a browser")
    hosted = "open the app to others: shipped models and configs alone, within bounds, and no code of its users"
    parser.add_argument("--hosted", action="store_true", help=hosted)
    parser.set_defaults(command=_start)
    commands = parser.add_subparsers(title="commands", metavar="command")
    _add_trace(commands)
    _add_segment(commands)
    return parser


def _add_trace(commands: Any) -> None:
    parser = commands.add_parser("trace", help="print the graph of a program or a model with values and gradients")
    known = f"or a model: {', '.join(explorer.models.names())}"
    parser.add_argument("program", help=f'its text, "@file", or "-" for standard input (-- before a minus); {known}')
    parser.add_argument("values", nargs="*", metavar="name=value", help="inputs: a=3 v=[1,2,3]; of a model its sizes")
    parser.add_argument("--output", metavar="NAME", help="the variable or node to differentiate (default: the last)")
    model = parser.add_argument_group("for models")
    model.add_argument("--prompt", help="what it reads: letters for gpt-sort, token ids for gpt")
    model.add_argument("--from", dest="origin", choices=ORIGINS, help="what the name is of (default: shipped)")
    model.add_argument("--loss", choices=LOSSES, help="what is differentiated")
    model.add_argument("--expression", metavar="TEXT", help="a loss over the outputs, such as 'mean(output ^ 2)'")
    model.add_argument("--graph", choices=MODES, help="as it runs, or as torch.export captures it (default: eager)")
    model.add_argument("--train", action="store_true", help="dropout is at work")
    model.add_argument("--seed", type=int, help="of random weights and inputs")
    formats = parser.add_mutually_exclusive_group()
    for name, (form, words) in _FORMATS.items():
        formats.add_argument(f"--{name}", dest="form", action="store_const", const=form, help=words)
    add_files(parser)
    parser.set_defaults(command=_trace, form=to_table)


def _add_segment(commands: Any) -> None:
    parser = commands.add_parser(
        "segment", help="divide a model among devices and print what each part holds and costs"
    )
    known = f"{', '.join(explorer.models.names())}, a preset ({', '.join(LARGE)}, gpt2, ...) or a config.json"
    parser.add_argument("model", help=f"its name: {known}")
    parser.add_argument("values", nargs="*", metavar="name=value", help="sizes: layers=6 width=64")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--parts", type=int, metavar="N", help="find the best cuts for so many parts")
    where.add_argument("--after", nargs="+", metavar="KEY", help="cut after these nodes or modules, such as h.0")
    parser.add_argument("--objective", choices=get_args(Objective), default="bottleneck", help="what shall be small")
    parser.add_argument("--devices", nargs="+", metavar="NAME", help="one for all, or one for each part")
    parser.add_argument("--links", nargs="+", metavar="NAME", help="one for all, or one for each cut")
    parser.add_argument("--profiles", metavar="FILE", help="further devices and links, as TOML or JSON")
    parser.add_argument("--measured", metavar="FILE", help="measured times of operations, as JSON or CSV")
    parser.add_argument("--batch", type=int, metavar="N", help="sequences at a time")
    parser.add_argument("--length", type=int, metavar="N", help="tokens in each")
    parser.add_argument("--training", action="store_true", help="times and memory of training steps")
    parser.add_argument("--without-weights", action="store_true", help="plan by shapes alone, a model of any size")
    parser.add_argument("--verify", action="store_true", help="run the parts and compare them with the whole")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.set_defaults(command=_segment)


def _segment(options: argparse.Namespace) -> int:
    """Exits with 1 where the parts were run and are not the whole."""
    if options.verify and options.without_weights:
        raise SegmentError("Without weights there are no numbers to compare. Leave out one of the two.")
    run = _run_to_divide(options)
    profiles = _profiles(options)
    seg = segment(
        run,
        after=options.after,
        parts=options.parts,
        objective=options.objective,
        devices=_named(options.devices, profiles.devices, "device"),
        links=_named(options.links, profiles.links, "link"),
        training=options.training,
        measured=read_profile(run.graph, _file(options.measured)) if options.measured else None,
    )
    proof = seg.verify() if options.verify else None
    if options.json:
        found = data(seg) | ({} if proof is None else {"parity": parity_data(proof)})
        print(json.dumps(found, indent=2))
    else:
        sys.stdout.write(division(seg) + ("" if proof is None else f"{proof.said}\n"))
    return 0 if proof is None or proof.outputs_equal else 1


def _run_to_divide(options: argparse.Namespace) -> Any:
    sizes = dict(map(_size, options.values))
    if not planned.is_model(options.model):
        near = get_close_matches(options.model, [*explorer.models.names(), *LARGE], n=2)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ModelError(f"There is no model called {options.model!r}, and no file.{hint}")
    if options.without_weights:
        if options.model in explorer.models.names():
            raise ModelError(f"{options.model!r} is small and comes with numbers. Leave out --without-weights.")
        return planned.without_weights(options.model, options.batch or planned.BATCH, options.length or planned.LENGTH)
    return planned.with_numbers(options.model, sizes, options.batch, options.length)


def _profiles(options: argparse.Namespace) -> Profiles:
    known = shipped()
    return known.with_all(*read_profiles(_file(options.profiles), options.profiles)) if options.profiles else known


def _named(names: Sequence[str] | None, known: Any, kind: str) -> list[Any] | None:
    return None if names is None else [named(name, known, kind) for name in names]


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a whole number from 1 to 65535")
    return int(text)


def _start(options: argparse.Namespace) -> int:
    """The app, on this machine only unless it is hosted, until it is stopped."""
    address = "0.0.0.0" if options.hosted else "127.0.0.1"
    command = [sys.executable, "-m", "streamlit", "run", str(app_script())]
    command += ["--server.address", address, "--server.port", str(options.port)]
    command += ["--server.headless", str(options.headless or options.hosted).lower()]
    return subprocess.call(command, env={**os.environ, HOSTED: "1"} if options.hosted else None)


def _trace(options: argparse.Namespace) -> int:
    is_model = options.origin is not None or options.program in explorer.models.names()
    run = _run_of_model(options) if is_model else _run_of_program(options)
    if not write_files(run, options) or options.form is not to_table:
        sys.stdout.write(options.form(run))
        sys.stdout.flush()
    return 0 if failure(run) is None else 1


def _run_of_model(options: argparse.Namespace) -> explorer.Run:
    """A model with what is given in place of what it has by itself."""
    source = _source(options.origin or "shipped", options.program)
    loss = "expression" if options.expression is not None else options.loss
    given = {"prompt": options.prompt, "loss": loss, "seed": options.seed, "formula": options.expression}
    given |= {"mode": options.graph, "train": options.train or None, "sizes": dict(map(_size, options.values)) or None}
    traced = trace(replace(source, **{key: value for key, value in given.items() if value is not None}))
    if traced.problem is not None:
        print(f"explorer: {traced.problem.reason or traced.problem}", file=sys.stderr)
    return traced.run


def _source(origin: Origin, name: str) -> ModelSource:
    """The model that a name stands for. Raises ExplorerError where there is none."""
    if origin == "own":
        path, sign, factory = name.rpartition(":")
        path = path if sign and path.endswith(".py") else name
        return own_source(path, factory if path != name else own.factories(path)[0])
    if origin == "config":
        return replace(fresh(origin=origin), config=_text(f"@{name}"), loss="sum")
    return fresh(name, origin)


def _size(argument: str) -> tuple[str, int | float | str]:
    """``layers=3``: a whole number, else a fraction, else a list of widths as text."""
    name, sign, text = argument.partition("=")
    if not sign or not name.strip() or not text.strip():
        raise RunError(f"{argument!r} is not name=size. For example layers=3.")
    for kind in (int, float):
        with suppress(ValueError):
            return name.strip(), kind(text)
    return name.strip(), text.strip("[] ")


def _run_of_program(options: argparse.Namespace) -> explorer.Run:
    values = dict(map(_value, options.values))
    options.text = _text(options.program)
    return explorer.trace(options.text, output=options.output, inputs=values)


def _text(program: str) -> str:
    """The program given in place, by ``@file`` or by ``-``. Raises RunError for a file that cannot be read."""
    # One more than is allowed is enough to be refused, and endless input cannot hang.
    most = explorer.Limits().characters + 1
    if program == "-":
        return sys.stdin.read(most)
    if not program.startswith("@"):
        return program
    return _file(program[1:], most)


def _file(path: str, most: int = -1) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(most)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise RunError(f"The file {path!r} cannot be read: {reason}. Give the path of a text file.") from None


def _value(argument: str) -> tuple[str, Any]:
    """``name=value`` with a number or nested lists of numbers, read by the language itself."""
    name, sign, text = argument.partition("=")
    if not sign or not name.strip() or not text.strip():
        raise RunError(f"{argument!r} is not name=value. For example a=3 or v=[1,2,3].")
    try:
        return name.strip(), float(text)
    except ValueError:
        pass
    try:
        default = explorer.Program(f"value = {text.strip()}").inputs["value"].default
    except (ProgramError, KeyError):
        default = None
    if default is None:
        raise RunError(f"The value of {name.strip()!r} is no number, vector or matrix: {text!r}. Try 3 or [1, 2, 3].")
    return name.strip(), default


def _report(error: ExplorerError, text: str) -> str:
    """What is wrong, the line of the program with the place marked, and what to try."""
    if not isinstance(error, ProgramError) or error.line is None:
        return f"explorer: {error}"
    lines = [f"explorer: line {error.line}, column {error.column}: {error.message}"]
    source = text.split("\n")[error.line - 1 : error.line]
    if source:
        column = error.column or 1
        start = max(0, column - 61)
        margin = f"{error.line:>5} | "
        lines += [margin + source[0][start : start + 100], " " * (len(margin) + column - 1 - start) + "^"]
    return "\n".join([*lines, error.hint] if error.hint else lines)
