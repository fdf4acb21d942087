"""Documents, their history, and the links that hold them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import ExplorerError
from explorer.ui.document import LENGTH, Document, History
from explorer.ui.link import LONGEST, from_query, to_query

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = NUMBERS | st.lists(NUMBERS, min_size=1, max_size=3)
DOCUMENTS = st.builds(
    Document,
    text=st.text(min_size=1, max_size=60),
    values=st.dictionaries(st.text(max_size=5), VALUES, max_size=3),
    held=st.frozensets(st.sampled_from("abc")),
    output=st.none() | st.just("y"),
    upstream=st.none() | VALUES,
    mode=st.sampled_from(["reverse", "forward"]),
    wrt=st.none() | st.just("a"),
)


@given(DOCUMENTS)
def test_a_link_brings_back_the_document(document: Document) -> None:
    assert from_query(to_query(document)) == document


def test_a_link_never_grows_without_bound() -> None:
    assert to_query(Document("a" * (LONGEST + 1))) == {}
    assert to_query(Document("α" * (LONGEST // 6 + 1))) == {}


def test_an_address_without_a_program_holds_no_document() -> None:
    assert from_query({"embed": "true"}) is None


@pytest.mark.parametrize(
    ("key", "damage"),
    [
        ("inputs", "{"),
        ("inputs", "[1]"),
        ("inputs", '{"a": "b"}'),
        ("inputs", '{"a": []}'),
        ("inputs", '{"a": NaN}'),
        ("inputs", '{"a": true}'),
        ("inputs", '{"a": ' + "[" * 5000 + "]" * 5000 + "}"),
        ("upstream", '"x"'),
    ],
)
def test_a_damaged_link_is_refused_by_name(key: str, damage: str) -> None:
    with pytest.raises(ExplorerError, match=key):
        from_query({"program": "y = a", key: damage})


def test_undo_and_redo_walk_the_same_documents() -> None:
    one, two, three = Document("1"), Document("2"), Document("3")
    history = History().record(one).record(two)
    present, history = history.back(three)
    assert present == two
    present, history = history.back(present)
    assert present == one
    present, history = history.forth(present)
    assert present == two
    present, history = history.forth(present)
    assert (present, history.future) == (three, ())


def test_an_edit_after_undo_drops_the_future_and_the_past_is_bounded() -> None:
    _, history = History().record(Document("1")).back(Document("2"))
    assert history.record(Document("3")).future == ()
    for number in range(LENGTH + 5):
        history = history.record(Document(str(number)))
    assert len(history.past) == LENGTH


def test_open_names_get_different_values_that_are_kept() -> None:
    document = Document("y = a * b").with_default("a").with_default("b")
    assert document.values["a"] != document.values["b"]
    assert document.with_value("b", 7.0).values == {"a": document.values["a"], "b": 7.0}
