"""The wheel carries what an installed app needs, and the lock pins what pyproject asks for."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel_files(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The paths inside a wheel built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True)
    (wheel,) = folder.glob("explorer-*.whl")
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_the_app(wheel_files: set[str]) -> None:
    assert {"explorer/app.py", "explorer/pyproject.toml", "explorer/.streamlit/config.toml"} <= wheel_files


@pytest.mark.parametrize(
    ("folder", "inside"), [("explorer", "explorer"), ("assets", "explorer/assets")], ids=["package", "assets"]
)
def test_the_wheel_carries_every_file_of_a_folder(folder: str, inside: str, wheel_files: set[str]) -> None:
    tracked = subprocess.run(["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True)
    expected = {inside + path.removeprefix(folder) for path in tracked.stdout.split() if (ROOT / path).is_file()}
    assert expected, f"git tracks nothing under {folder}"
    assert expected <= wheel_files


def test_the_wheel_leaves_the_workshop_at_home(wheel_files: set[str]) -> None:
    assert not [path for path in wheel_files if re.match(r"(explorer/)?(tests|benchmarks|node_modules)/", path)]


def test_the_lock_pins_what_pyproject_asks_for() -> None:
    pins = dict(_pins())
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    for wanted in map(Requirement, [*PROJECT["dependencies"], *extras]):
        version = pins.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is not in requirements.lock: run make lock"
        assert wanted.specifier.contains(version), f"requirements.lock pins {wanted.name} {version}"


def test_the_lock_names_versions_only() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


def test_the_lock_of_the_type_check_names_no_download_host() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def _pins() -> list[tuple[str, str]]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return [(canonicalize_name(name), version) for name, _, version in (line.partition("==") for line in lines)]
