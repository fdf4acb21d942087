"""The graph: ports, ids, the checker that names what is broken, walks that do not recurse."""

import dataclasses

import networkx as nx
import pytest

import explorer
from explorer.errors import GraphError, RunError
from explorer.graph import Edge, Graph

SQUARE_OF_SUM = Graph(
    ops=["input", "input", "add", "mul"],
    inputs=[(), (), (0, 1), (2, 2)],
    names=["a", "b", "", "y"],
    lines=[1, 2, 3, 3],
    scopes=[()] * 4,
    shapes=[()] * 4,
    dtypes=["float64"] * 4,
    requires_grad=[True] * 4,
    outputs=(3,),
)
"""a ─┐
      add ═ mul (y): both ports of y are fed by the same sum
   b ─┘
"""


def test_a_repeated_input_is_a_repeated_edge() -> None:
    assert list(SQUARE_OF_SUM.edges) == [
        Edge("a", "add", 0), Edge("b", "add", 1), Edge("add", "y", 0), Edge("add", "y", 1),
    ]  # fmt: skip
    assert [SQUARE_OF_SUM.edges[i] for i in range(4)] == list(SQUARE_OF_SUM.edges)
    assert SQUARE_OF_SUM.edges[1:3] == list(SQUARE_OF_SUM.edges)[1:3]
    assert SQUARE_OF_SUM.consumers[2] == [(3, 0), (3, 1)]


def test_nodes_are_records_by_id_in_execution_order() -> None:
    assert list(SQUARE_OF_SUM.nodes) == ["a", "b", "add", "y"]
    y = SQUARE_OF_SUM.nodes["y"]
    assert (y.op, y.kind, y.name, y.inputs, y.line, y.shape) == ("mul", "op", "y", ("add", "add"), 3, ())
    assert SQUARE_OF_SUM.nodes["a"].kind == "input"


def test_edges_are_numbered_by_target_and_port() -> None:
    for number, edge in enumerate(SQUARE_OF_SUM.edges):
        assert SQUARE_OF_SUM.edge_number(edge) == number
    with pytest.raises(RunError, match="not fed by 'a'"):
        SQUARE_OF_SUM.edge_number(Edge("a", "y", 0))
    with pytest.raises(RunError, match="no edge into port 2"):
        SQUARE_OF_SUM.edge_number(Edge("add", "y", 2))


def test_ids_are_unique_even_where_variables_look_like_made_up_ones() -> None:
    graph = explorer.trace("add_1 = a + b\nx = (a + b) * (a + b)\nx = x + add_1", a=1, b=2).graph
    assert len(set(graph.ids)) == len(graph)
    assert graph.nodes["add_1"].name == "add_1"
    assert graph.find("x") == len(graph) - 1


@pytest.mark.parametrize(
    "text",
    [
        "x = 2\ny = x\nfor i in range(3):\n    y = y*x",
        "a = 3\na = a*2\ny = a + 1",
        "s = 0\nfor i in range(3):\n    s = s + i",
        "y = a * 2\ny = a",
        "x_0 = a + 1\nx = x_0 * 2\nx = x + x_0",
        "v1 = a\nw = a * 2 + v1",
    ],
)
def test_an_id_means_its_own_node_and_a_variable_what_it_ends_on(text: str) -> None:
    run = explorer.trace(text, inputs=dict.fromkeys(explorer.Program(text).open_inputs, 1.5))
    graph = run.graph
    assert [graph.find(id_) for id_ in graph.ids] == list(range(len(graph)))
    assert all(graph.find(name) == index for name, index in graph.variables.items())


def test_a_variable_that_is_set_again_is_numbered_until_its_last_value() -> None:
    graph = explorer.trace("s = 5\nfor i in range(2):\n    s = s * s").graph
    assert list(graph.nodes) == ["s_0", "s_1", "s"]
    assert [graph.symbol(index) for index in range(3)] == ["s_0", "s_1", "s"]


@pytest.mark.parametrize("key", [None, 1.5, [1], ("a", "y", 0), True])
def test_what_is_no_key_is_refused(key: object) -> None:
    run = explorer.trace("y = 2*a", a=1)
    for ask in (run.value, run.grad, run.contribution, run.local, run.tangents, run.differentiate):
        with pytest.raises(RunError, match="is asked for by"):
            ask(key)


def test_operations_without_a_name_are_numbered() -> None:
    graph = explorer.trace("v1 = a * 2\ny = (a + 1) * (v1 - 3)\n(y + 1) * y", a=1).graph
    computed = [node.id for node in graph.nodes.values() if node.kind == "op"]
    assert computed == ["v1", "v2", "v3", "y", "v4", "v5"], "v1 is the program's own and stays so"
    assert [graph.symbol(graph.index[id_]) for id_ in computed] == computed
    assert SQUARE_OF_SUM.symbol(2) == "", "where they are called after their op they have no symbol"


def test_networkx_has_one_edge_per_port() -> None:
    graph = SQUARE_OF_SUM.to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert sorted(graph.edges(keys=True)) == [
        ("a", "add", 0),
        ("add", "y", 0),
        ("add", "y", 1),
        ("b", "add", 1),
    ]
    assert graph.nodes["y"]["op"] == "mul"


def test_the_text_form() -> None:
    assert str(SQUARE_OF_SUM) == (
        "a: float64[] = input()  # line 1\n"
        "b: float64[] = input()  # line 2\n"
        "add: float64[] = add(a, b)  # line 3\n"
        "y: float64[] = mul(add, add)  # line 3\n"
        "return y"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"inputs": [(), (), (0, 3), (2, 2)]}, "fed by earlier nodes only"),
        ({"inputs": [(), (), (0, -1), (2, 2)]}, "fed by earlier nodes only"),
        ({"inputs": [(), (0,), (0, 1), (2, 2)]}, "is a input and yet has inputs"),
        ({"names": ["a"]}, "Column 'names' has 1 rows for 4 nodes"),
        ({"outputs": (7,)}, "Output 7 is not a node"),
    ],
)
def test_the_checker_names_what_is_broken(change: dict[str, object], says: str) -> None:
    assert SQUARE_OF_SUM.check() is SQUARE_OF_SUM
    with pytest.raises(GraphError, match=says):
        dataclasses.replace(SQUARE_OF_SUM, **change).check()


def test_an_unknown_node_is_named_with_its_neighbours() -> None:
    with pytest.raises(RunError, match="no node called 'ad'.*'add'"):
        SQUARE_OF_SUM.find("ad")
    with pytest.raises(RunError, match="no node 9"):
        SQUARE_OF_SUM.find(9)


def test_a_chain_of_100_000_additions() -> None:
    run = explorer.trace("y = x\nfor i in range(100000):\n    y = y + x", x=0.5)
    graph = run.graph.check()
    assert len(graph) == 100_001
    assert run.value("y").item() == 50_000.5
    assert run.grad("x").item() == 100_001
    assert len(list(graph.edges)) == 200_000
    assert str(graph).count("\n") == 100_001
    assert graph.to_networkx().number_of_edges() == 200_000
    assert len(run.steps) == 100_001 + 100_000
    assert run.steps[-1].arrivals[0].after == 100_001 or run.steps[-1].arrivals[1].after == 100_001
    assert run.tangents("x").value("y").item() == 100_001
