"""Models on Hugging Face's hub: their files are fetched into its library's own cache, in sight, and read from there.

A model whose files lie in the cache is not asked for again, so that it is there without a network as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from threading import Thread
from typing import Any

from explorer.errors import ModelError
from explorer.progress import tell

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
BESIDES = ("tokenizer*", "vocab*", "merges.txt", "*.model", "spiece*", "special_tokens_map.json", "added_tokens.json")
"""What a tokenizer is read from, and settings of generation."""
REACH_SECONDS = 5.0
LOOK_SECONDS = 0.1
SHARE = (0.05, 0.3)
"""Where in the whole of a trace fetching lies."""
_MB = 1e6


def configuration(name: str) -> Path:
    """The folder with the model's config.json, for a look at its size. Raises ModelError."""
    found = _cached(name, CONFIG)
    if found is not None:
        return found.parent
    _reach(name)
    with _said(name):
        return _fetched(name, None, [CONFIG], {})


def folder(name: str) -> Path:
    """The folder with everything that is read of a model. Raises ModelError."""
    if not _is_whole(name):
        _reach(name)
        with _said(name):
            return _fetch_all(name)
    return configuration(name)


def _cached(name: str, file: str) -> Path | None:
    from huggingface_hub import constants, try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, file, cache_dir=constants.HF_HUB_CACHE)
    except HFValidationError:
        raise ModelError(
            f"{name!r} is no folder here, and no name of a model on the hub, such as 'gpt2' or 'somebody/something'."
        ) from None
    return Path(found) if isinstance(found, str) else None


def _is_whole(name: str) -> bool:
    """Whether configuration and weights were fetched before, all parts of them."""
    index = _cached(name, INDEX)
    files = [WEIGHTS] if index is None else _parts(index)
    return all(_cached(name, file) is not None for file in (CONFIG, *files))


def _parts(index: Path) -> Sequence[str]:
    try:
        return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{index} does not say where the weights are: {error}. Delete it, and try again.") from error


def _reach(name: str) -> None:
    """Asks once whether the hub is there: its library asks six times, which takes half a minute without a network."""
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=REACH_SECONDS)
    except Exception as error:  # of the library below, which differs from version to version
        raise ModelError(
            f"{name!r} is no folder here, and the hub ({constants.ENDPOINT}) cannot be reached: there seems to be no "
            "network. Give a local folder with config.json and safetensors weights, or choose a preset or a config."
        ) from error


def _fetch_all(name: str) -> Path:
    from huggingface_hub import HfApi, constants

    found = HfApi(endpoint=constants.ENDPOINT).model_info(name, files_metadata=True)
    sizes = {file.rfilename: file.size or 0 for file in found.siblings or ()}
    if not {WEIGHTS, INDEX} & sizes.keys():
        raise ModelError(
            f"{name!r} has no weights as safetensors on the hub, and no other file of weights is read: it could hold "
            "code. Look for another copy of the model."
        )
    besides = [file for file in sizes if "/" not in file and any(fnmatch(file, like) for like in BESIDES)]
    wanted = [CONFIG, *besides, WEIGHTS] if WEIGHTS in sizes else [CONFIG, *besides, INDEX]
    folder = _fetched(name, found.sha, wanted, sizes)
    if WEIGHTS not in sizes:
        _fetched(name, found.sha, _parts(folder / INDEX), sizes)
    return folder


def _fetched(name: str, revision: str | None, files: Sequence[str], sizes: dict[str, int]) -> Path:
    """Fetches what is not there yet, and tells how far it is. Raises what the library raises."""
    counted = _Counted(sum(sizes.get(file, 0) for file in files))
    paths: list[Path] = []

    def work() -> None:
        for file in files:
            # Asked for without a revision, the cache learns which one is the latest: what else there is belongs to it.
            paths.append(_fetch(name, file, None if file == CONFIG else revision, counted.bar()))
            counted.done = sum(sizes.get(file, 0) for file in files[: len(paths)])

    _beside(work, counted.tell)
    return paths[0].parent


def _fetch(name: str, file: str, revision: str | None, bar: type[Any]) -> Path:
    from huggingface_hub import constants, hf_hub_download

    return Path(
        hf_hub_download(
            name, file, revision=revision, cache_dir=constants.HF_HUB_CACHE, endpoint=constants.ENDPOINT, tqdm_class=bar
        )
    )


class _Counted:
    """Bytes that came in, of so many; 0 where nobody knows."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def bar(self) -> type[Any]:
        """A bar for the library, which adds to ``done`` and shows nothing."""
        from tqdm import tqdm  # type: ignore[import-untyped,unused-ignore]

        counted = self

        class Silent(tqdm):  # type: ignore[misc,unused-ignore]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                kwargs.pop("name", None)
                super().__init__(*args, **{**kwargs, "disable": True})

            def update(self, n: float | None = 1) -> None:
                counted.done += int(n or 0)

        return Silent

    def tell(self) -> None:
        if not self.total:
            tell(SHARE[0], "Asking the hub")
            return
        share = min(self.done / self.total, 1.0)
        words = f"Fetching {self.done / _MB:,.1f} of {self.total / _MB:,.1f} MB"
        tell(SHARE[0] + share * (SHARE[1] - SHARE[0]), words)


def _beside(work: Callable[[], None], look: Callable[[], None]) -> None:
    """Does the work in a thread, and looks at it now and then: whoever listens there can end the wait at any time."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = Thread(target=run, name="explorer hub", daemon=True)
    thread.start()
    while thread.is_alive():
        look()
        thread.join(LOOK_SECONDS)
    if raised:
        raise raised[0]


@contextmanager
def _said(name: str) -> Iterator[None]:
    """What the library raises, in words. Its errors have long ones, with identifiers of requests."""
    from huggingface_hub import constants, errors

    try:
        yield
    except ModelError:
        raise
    except errors.GatedRepoError as error:
        raise ModelError(
            f"{name!r} is gated: its owner gives access to those who ask. Ask for it at {constants.ENDPOINT}/{name}, "
            "log in with `hf auth login`, and try again."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(
            f"The hub has no model {name!r} that is open to everybody. Look for its name at "
            f"{constants.ENDPOINT}/models; log in with `hf auth login` if it is private."
        ) from error
    except errors.RemoteEntryNotFoundError as error:
        raise ModelError(f"{name!r} has no {CONFIG} on the hub, so it is no model of transformers.") from error
    except Exception as error:  # the network's, of the library below, which differs from version to version
        status = getattr(getattr(error, "response", None), "status_code", None)
        reason = f"It answered with status {status}." if status else f"The connection broke ({type(error).__name__})."
        raise ModelError(
            f"{name!r} could not be fetched from the hub ({constants.ENDPOINT}). {reason} Try again: files that came "
            "in whole are not fetched anew."
        ) from error
