"""Paths typeset: as many factors as edges, and the numbers are those of the path."""

from __future__ import annotations

import explorer
from explorer.export.ways import path_latex, path_text
from explorer.passes.paths import paths


def test_the_two_paths_of_the_golden_example() -> None:
    run = explorer.trace("c = a + b\nd = b + 1\ne = c * d", a=2.0, b=1.0)
    one, two = paths(run, "b").listed
    assert [path_text(run, path) for path in (one, two)] == ["b → c → e", "b → d → e"]
    assert path_latex(run, two).count(r"\frac") == 2
    assert path_latex(run, one).endswith("= 2 \\cdot 1 = 2") and path_latex(run, two).endswith("= 3 \\cdot 1 = 3")


def test_a_negative_factor_is_bracketed_and_a_port_numbered() -> None:
    run = explorer.trace("y = -x * x", x=3.0)
    texts = [path_latex(run, path) for path in paths(run, "x").listed]
    assert sorted(text.count("=") for text in texts) == [1, 2]
    assert any(text.endswith(r"= 3 \cdot ( - 1 ) = - 3") for text in texts)
    run = explorer.trace("y = x * x", x=3.0)
    assert [path_latex(run, path).count("_{") for path in paths(run, "x").listed] == [1, 1]


def test_a_tensor_is_written_by_symbols_and_a_long_path_shortened() -> None:
    run = explorer.trace("y = sum(tanh(v))", v=[1.0, 2.0])
    (path,) = paths(run, "v").listed
    assert path_latex(run, path).count(r"\frac") == 2
    run = explorer.trace("y = x\nfor i in range(40):\n  y = sin(y)", x=1.0)
    (path,) = paths(run, "x").listed
    assert path_latex(run, path).count(r"\frac") == 8 and "35 more" in path_text(run, path)


def test_a_given_upstream_gradient_is_a_factor() -> None:
    run = explorer.trace("y = 2 * x", x=1.0).differentiate("y", 5.0)
    assert path_latex(run, paths(run, "x").listed[0]).endswith(r"= 5 \cdot 2 = 10")
