"""Text is escaped wherever it enters; formulas on one line say the same as the tree."""

import pytest

from explorer.ops.op import Tree
from explorer.ui.html import inline, join, plain, tag


def test_only_what_tag_made_is_markup() -> None:
    assert tag("b", "<i>", tag("u", "&"), class_='"x"') == '<b class="&quot;x&quot;">&lt;i&gt;<u>&amp;</u></b>'
    assert join("<", tag("i", "a")) == "&lt;<i>a</i>"


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (["mi", "a"], "<i>a</i>"),
        (["mi", "loss"], "loss"),
        (["msub", ["mi", "w"], ["mn", "1"]], "<i>w</i><sub>1</sub>"),
        (["msup", ["mi", "u"], ["mn", "4"]], "<i>u</i><sup>4</sup>"),
        (["mfrac", ["mi", "a"], ["mrow", ["mi", "b"], ["mo", "+"], ["mn", "1"]]], "<i>a</i>/(<i>b</i> + 1)"),
        (["msqrt", ["mi", "x"]], "√(<i>x</i>)"),
        (["mtext", "<script>"], '<span class="x-words">&lt;script&gt;</span>'),
    ],
)
def test_a_formula_on_one_line(tree: Tree, expected: str) -> None:
    assert inline(tree) == expected


def test_markdown_shows_exactly_what_was_typed() -> None:
    assert plain("a_1 *b* $c$ `d` [e](f) :red[g] <h>") == (r"a\_1 \*b\* \$c\$ \`d\` \[e\]\(f\) \:red\[g\] \<h\>")
