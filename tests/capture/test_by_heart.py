"""What is known by heart against the same model with every operation seen: nothing may tell the two apart."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.nn import functional as F
from torch.nn.functional import linear
from torch.nn.utils import parametrizations, weight_norm
from torch.nn.utils.prune import l1_unstructured
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from explorer import models
from explorer.capture import calls
from explorer.capture.by_heart import OPERATIONS
from explorer.capture.eager import trace_eager
from explorer.capture.trace import ModuleRun
from explorer.errors import CaptureError
from tests.capture.oracle import assert_same, hold, seed


class Own(nn.Module):
    """A forward that is written where it is tested, with one module of each kind that is known."""

    def __init__(self, forward: Callable[[Any, Tensor], Tensor], bias: bool = True, width: int = 4) -> None:
        super().__init__()
        seed()
        self.linear = nn.Linear(width, 3, bias=bias)
        self.norm = nn.LayerNorm(width)
        self.embedding = nn.Embedding(5, width)
        self.own = forward

    def forward(self, x: Tensor) -> Tensor:
        return self.own(self, x)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Callable[[nn.Module, Tensor], ModuleRun]:
    """A trace in which nothing is known by heart."""

    def trace(model: nn.Module, x: Tensor) -> ModuleRun:
        with monkeypatch.context() as patch:
            patch.setattr(calls, "by_heart", lambda *_: None)
            run = trace_eager(model, (x,), {}, _total)
        assert run.graph and not _whole(run)
        return run

    return trace


def _total(out: Tensor) -> Tensor:
    return out.sum()


def _whole(run: ModuleRun) -> list[Any]:
    """The calls of a run that nobody has looked at yet that stand for their operations."""
    return [record[0] for record in run._trace.recorded.noted if record[0] in OPERATIONS]


def _same(model: nn.Module, x: Tensor, seen: Callable[[nn.Module, Tensor], ModuleRun], whole: int) -> ModuleRun:
    """A run in which so many calls are known by heart, after it was held against one in which none is."""
    other = copy.deepcopy(model)
    run = trace_eager(model, (x,), {}, _total)
    assert len(_whole(run)) == whole
    _compare(run, seen(other, x))
    return run


def _compare(run: ModuleRun, expected: ModuleRun) -> None:
    _compare_columns(run, expected)
    for node in range(len(run.graph)):
        assert _plain(run.graph.attrs[node]) == _plain(expected.graph.attrs[node]), run.graph.ids[node]
    _compare_numbers(run, expected)


def _compare_columns(run: ModuleRun, expected: ModuleRun) -> None:
    for column in ("ops", "inputs", "names", "lines", "scopes", "shapes", "dtypes", "requires_grad", "outputs"):
        assert list(getattr(run.graph, column)) == list(getattr(expected.graph, column)), column


def _compare_numbers(run: ModuleRun, expected: ModuleRun) -> None:
    for column in ("values", "grads", "contributions"):
        for mine, its in zip(getattr(run, column), getattr(expected, column), strict=True):
            assert_same(mine, its)
    assert list(run.backward.order) == list(expected.backward.order)


def _plain(attributes: Any) -> dict[str, Any]:
    """Without what is a new object each time; torch calls a reshape otherwise while something looks on."""
    found = {name: value for name, value in attributes.items() if name != "call"}
    return found | {"grad_fn": found.get("grad_fn", "").replace("ReshapeAlias", "View")}


SHAPES = [(2, 4), (2, 3, 4), (1, 1, 4), (2, 3, 1, 4), (0, 3, 4), (2, 0, 3, 4)]


class TestTheSame:
    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("wanted", [True, False])
    def test_linear_maps(self, shape: tuple[int, ...], bias: bool, wanted: bool, seen: Any) -> None:
        model = Own(lambda self, x: self.linear(x).exp(), bias)
        x = torch.randn(shape, requires_grad=wanted)
        _same(model, x, seen, whole=1)
        hold(model, (x,))

    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("frozen", ["weight", "bias"])
    def test_what_is_frozen(self, bias: bool, frozen: str, seen: Any) -> None:
        model = Own(lambda self, x: self.linear(self.norm(x)) * self.linear(x), bias)
        parameter = getattr(model.linear, frozen)
        if parameter is not None:
            parameter.requires_grad_(False)
        _same(model, torch.randn(2, 3, 4), seen, whole=3)
        _same(model.requires_grad_(False), torch.randn(2, 3, 4), seen, whole=3)

    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64, torch.complex64])
    def test_other_numbers(self, dtype: torch.dtype, seen: Any) -> None:
        model = Own(lambda self, x: self.linear(x).abs()).to(dtype)
        _same(model, torch.randn(2, 3, 4, dtype=dtype), seen, whole=1)

    @pytest.mark.parametrize("affine", [True, False])
    def test_norms_and_embeddings(self, affine: bool, seen: Any) -> None:
        model = Own(lambda self, x: self.linear(self.norm(self.embedding(x)).transpose(0, 1).contiguous()))
        model.norm = nn.LayerNorm((3, 4), elementwise_affine=affine)
        _same(model, torch.tensor([[0, 1, 1], [4, 4, 0]]), seen, whole=3)
        hold(model, (torch.tensor([[0, 1, 1], [4, 4, 0]]),))

    def test_a_module_and_a_tensor_that_are_used_twice(self, seen: Any) -> None:
        model = Own(lambda self, x: self.linear(x) @ self.linear(x).mT + self.linear(x).sum())
        _same(model, torch.randn(2, 3, 4), seen, whole=3)

    @pytest.mark.parametrize(
        "name", ["mlp", "attention-head", "encoder-post-norm", "encoder-pre-norm", "gpt", "llama-block"]
    )
    def test_models_of_ours(self, name: str, seen: Any) -> None:
        model = models.load(name)
        is_text = any(isinstance(module, nn.Embedding) for module in model.modules())
        width = next(module.in_features for module in model.modules() if isinstance(module, nn.Linear))
        x = torch.tensor([[1, 2, 3, 1]]) if is_text else torch.randn(2, 4, width)
        run = trace_eager(model, (x,), {}, _total)
        assert linear in _whole(run)
        _compare(run, seen(copy.deepcopy(model), x))


class TestWrites:
    """In-place operations find written out what came before them."""

    @pytest.mark.parametrize(
        "forward",
        [
            lambda self, x: self.linear(x).relu_() * 2,
            lambda self, x: self.linear(x).neg().add_(self.linear(x)),
            lambda self, x: self.linear(x)[0].mul_(3).sum() + self.linear(x).sum(),
            lambda self, x: self.linear(x * 2).add_(self.linear(self.norm(x).clone().add_(1))),
            lambda self, x: self.linear(self.norm(x.clone().mul_(2)).squeeze_()),
        ],
    )
    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("shape", [(2, 4), (2, 3, 4)])
    def test_of_results_and_of_what_was_read(self, forward: Any, bias: bool, shape: tuple[int, ...], seen: Any) -> None:
        model, x = Own(forward, bias), torch.randn(shape)
        _compare(trace_eager(model, (x,), {}, _total), seen(copy.deepcopy(model), x))
        hold(model, (x,))

    @pytest.mark.parametrize("shape", [(2, 4), (2, 3, 4)])
    def test_of_what_was_read(self, shape: tuple[int, ...], seen: Any) -> None:
        def forward(self: Own, x: Tensor) -> Tensor:
            hidden = x * 2
            before = self.linear(hidden)
            return before * self.linear(hidden.add_(1))

        model, x = Own(forward), torch.randn(shape, requires_grad=True)
        model.linear.weight.requires_grad_(False)  # else torch refuses the backward pass
        expected = seen(*copy.deepcopy((model, x)))
        run = trace_eager(model, (x,), {}, _total)
        _compare_columns(run, expected)  # of a view of what was written, torch makes up another grad_fn
        _compare_numbers(run, expected)
        hold(model, (x,))

    def test_of_weights(self, seen: Any) -> None:
        def forward(self: Own, x: Tensor) -> Tensor:
            before = self.linear(x.detach())
            with torch.no_grad():
                self.linear.weight.mul_(2)
            return before.detach() + self.linear(x)

        model, x = Own(forward), torch.randn(2, 3, 4)
        run, expected = trace_eager(model, (x,), {}, _total), seen(copy.deepcopy(model), x)
        _compare_columns(run, expected)
        _compare_numbers(run, expected)


class Counting(TorchFunctionMode):
    """A mode of the user's that counts what it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **kwargs or {})


def _in_a_mode(self: Own, x: Tensor) -> Tensor:
    with FlopCounterMode(display=False):
        return self.linear(x)


def _in_a_function_mode(self: Own, x: Tensor) -> Tensor:
    with Counting():
        return self.linear(x)


def _in_autocast(self: Own, x: Tensor) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return self.linear(x)


def _without_gradients(self: Own, x: Tensor) -> Tensor:
    with torch.no_grad():
        return self.linear(x) + x[..., :3]


def _in_forward_mode(self: Own, x: Tensor) -> Tensor:
    with forward_ad.dual_level():
        return forward_ad.unpack_dual(self.linear(forward_ad.make_dual(x, x))).primal


class Sub(Tensor):
    """Somebody's tensor."""


UNUSUAL = {
    "a keyword": lambda self, x: self.linear(input=x),
    "a vector": lambda self, x: self.linear(x[0, 0]),
    "not contiguous": lambda self, x: self.linear(x.transpose(0, 1)),
    "another mode": _in_a_mode,
    "a function mode": _in_a_function_mode,
    "autocast": _in_autocast,
    "no gradients": _without_gradients,
    "forward mode": _in_forward_mode,
    "vmap": lambda self, x: torch.vmap(self.linear)(x),
    "a subclass": lambda self, x: self.linear(x.as_subclass(Sub)).as_subclass(Tensor),
}


class TestTheLongWay:
    @pytest.mark.parametrize("case", UNUSUAL)
    def test_is_taken_by_what_is_unusual(self, case: str, seen: Any) -> None:
        _same(Own(UNUSUAL[case]), torch.randn(2, 3, 4), seen, whole=0)

    def test_is_taken_by_modules_that_are_not_quite_as_torch_made_them(self, seen: Any) -> None:
        class Mine(nn.Linear):
            def forward(self, input: Tensor) -> Tensor:
                return F.linear(input, self.weight * 2, self.bias)

        patched = nn.Linear(4, 3)
        patched.forward = lambda x: F.linear(x, patched.weight) - 1  # type: ignore[method-assign]
        x = torch.randn(2, 3, 4)
        for its in (
            Mine(4, 3),
            weight_norm(nn.Linear(4, 3)),
            weight_norm(nn.Linear(4, 3), name="bias"),
            parametrizations.weight_norm(nn.Linear(4, 3)),
            l1_unstructured(nn.Linear(4, 3), "weight", 0.5),
            l1_unstructured(nn.Linear(4, 3), "bias", 0.5),
        ):
            model = Own(lambda self, x: self.linear(x))
            model.linear = its
            run = trace_eager(model, (x,), {}, _total)
            assert not _whole(run)
            assert_same(run.outputs.detach(), model(x).detach())
        model = nn.Sequential(patched)
        run = trace_eager(model, (x,), {}, _total)
        assert not _whole(run)
        assert_same(run.outputs.detach(), model(x).detach())

    @pytest.mark.parametrize("options", [{"padding_idx": 1}, {"max_norm": 1.0}, {"scale_grad_by_freq": True}])
    def test_is_taken_by_embeddings_with_options(self, options: dict[str, Any], seen: Any) -> None:
        model = Own(lambda self, x: self.embedding(x))
        model.embedding = nn.Embedding(5, 4, **options)
        _same(model, torch.tensor([[0, 1, 1]]), seen, whole=0)

    def test_and_the_operation_that_raises_is_marked(self) -> None:
        wide = Own(lambda self, x: self.linear(self.norm(x)), width=4)
        wide.linear = nn.Linear(5, 3)
        for model, x, op in (
            (wide, torch.randn(2, 3, 4), "addmm"),
            (Own(lambda self, x: self.embedding(x)), torch.tensor([[7]]), "embedding"),
        ):
            with pytest.raises(CaptureError) as raised:
                trace_eager(model, (x,), {}, None)
            run = raised.value.run
            assert run is not None
            assert [run.graph.ops[i] for i in range(len(run.graph)) if "failed" in run.graph.attrs[i]] == [op]


class TestLater:
    """Between a trace and the first look at it the model may go on living."""

    @pytest.fixture
    def model(self) -> Iterator[Own]:
        yield Own(lambda self, x: self.linear(self.norm(self.embedding(x))))

    @pytest.mark.parametrize(
        "change",
        [
            lambda model: model.requires_grad_(False),
            lambda model: model.eval(),
            lambda model: setattr(model, "linear", nn.Linear(4, 3)),
            lambda model: model.linear.register_forward_hook(lambda *_: None),
        ],
    )
    def test_what_it_did_is_still_known(self, model: Own, change: Callable[[Own], object], seen: Any) -> None:
        x = torch.tensor([[0, 1, 1], [4, 4, 0]])
        expected = seen(copy.deepcopy(model), x)
        run = trace_eager(model, (x,), {}, _total)
        change(model)
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            assert list(run.graph.ops) == list(expected.graph.ops)
        _compare_numbers(run, expected)

    def test_a_step_of_an_optimizer_changes_no_result(self, model: Own, seen: Any) -> None:
        x = torch.tensor([[0, 1, 1], [4, 4, 0]])
        expected = seen(copy.deepcopy(model), x)
        run = trace_eager(model, (x,), {}, _total)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.sub_(1.0)
        named = zip(run.graph.ops, run.values, expected.values, strict=True)
        for op, mine, its in named:
            if op not in ("parameter", "transpose"):  # these live in the model
                assert_same(mine, its)
        for column in ("grads", "contributions"):
            for mine, its in zip(getattr(run, column), getattr(expected, column), strict=True):
                assert_same(mine, its)
