"""PyTorch: optimisers, loaders, gradients; and objects not followed that are used as such.

An object handed in from outside is known by what is done with it: what has both `zero_grad()` and `step()` called on
it is an optimiser, whatever its name.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.events import Backward, Split, Step, ZeroGrad
from mlsense.semantics.models import numpy, sklearn
from mlsense.semantics.models.effects import Call
from mlsense.semantics.regions import Choice
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Data,
    Function,
    HeapObject,
    Opaque,
    TupleValue,
    Value,
    merge_learned,
)

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model

OPTIMIZERS = """
    Adadelta Adagrad Adam AdamW SparseAdam Adamax ASGD LBFGS NAdam RAdam RMSprop Rprop SGD Adafactor Muon
    """.split()


def made(run: Run, call: Call) -> Value:
    symbol = f"torch.{call.name}"
    return run.alloc(call.node, Opaque(symbol=symbol, label=ast.unparse(call.node.func)))


def optimizer(run: Run, call: Call) -> Value:
    name = call.name
    return run.alloc(call.node, Opaque(symbol=f"torch.optim.{name}", label=name))


def loader(run: Run, call: Call) -> Value:
    dataset = call.get(0, "dataset")
    parts = (dataset,) if dataset is not None else ()
    return run.alloc(call.node, Opaque(symbol="torch.utils.data.DataLoader", label="DataLoader(...)", parts=parts))


def tensor(run: Run, call: Call) -> Value:
    data = run.object(call.get(0))
    if isinstance(data, Data):
        return run.alloc(call.node, replace(data, kind="tensor"))
    return run.alloc(call.node, Opaque(label="tensor"))


def dataset(run: Run, call: Call) -> Value:
    """`TensorDataset(X, y)`: the rows of its tensors, and what shaped them."""
    parts = [run.data(value) for value in call.args]
    first = parts[0] if parts else None
    if first is None:
        return made(run, call)
    learned = merge_learned(*(part.learned for part in parts if part is not None))
    return run.alloc(call.node, Data(kind="tensor", rows=first.rows, learned=learned))


def random_split(run: Run, call: Call) -> Value:
    """Parts of a data set, at random."""
    lengths = run.items_of(call.get(1, "lengths") or UNKNOWN)
    whole = run.data(call.get(0, "dataset"))
    origin = run.origin(call.node)
    node = call.node_of(0, "dataset")
    if node is not None:
        base = (origin, tuple(run.loops), run.assumed, run.statement_place())
        run.emit(Split(*base, "random_split", (whole,), (run.place(node),), run.place(call.node)))
    parts: list[Value] = []
    for index in range(len(lengths or ())):
        choice = Choice(origin, "split", index)
        rows = whole.rows.choose(choice) if whole is not None and whole.rows is not None else None
        learned = whole.learned if whole is not None else ()
        parts.append(run.alloc(call.node, Data(kind="tensor", rows=rows, learned=learned), index))
    return TupleValue(tuple(parts)) if parts else UNKNOWN


def backward(run: Run, call: Call) -> None:
    base = (run.origin(call.node), tuple(run.loops), run.assumed, run.statement_place())
    run.emit(Backward(*base, ast.unparse(call.node.func), run.place(call.node)))


def _step_or_clear(run: Run, receiver: Value, symbol: str, name: str, call: Call) -> Value | None:
    """`optimizer.step()`, `optimizer.step(closure)`, `scaler.step(optimizer)`, `optimizer.zero_grad()`."""
    given = run.object(call.args[0]) if call.args else None
    if name == "step" and isinstance(given, Opaque) and not given.symbol.startswith("builtins."):
        receiver, symbol = call.args[0], given.symbol
    base = (run.origin(call.node), tuple(run.loops), run.assumed, run.statement_place())
    kind = Step if name == "step" else ZeroGrad
    run.emit(kind(*base, receiver, symbol, ast.unparse(call.node), run.conditional, run.place(call.node)))
    if name == "zero_grad":
        return NONE
    if call.args and isinstance(call.args[0], Function):
        run.call(call.args[0], Call(call.node, [], {}))
    return None


def method(run: Run, receiver: Value, thing: HeapObject | None, name: str, call: Call) -> Value | None:
    """Methods of objects that are known by their maker only; None for what says nothing here."""
    symbol = thing.symbol if isinstance(thing, Opaque) else ""
    if name == "backward":
        backward(run, call)
        return NONE
    if name in ("step", "zero_grad") and receiver != UNKNOWN:
        return _step_or_clear(run, receiver, symbol, name, call)
    if name == "split" and symbol.startswith("sklearn.model_selection."):
        return sklearn.folds(run, call)
    if symbol == "numpy.random.Generator":
        return numpy.generator_method(run, name, call)
    if name in ("train", "eval", "to", "cuda", "cpu") and isinstance(thing, Opaque):
        return receiver
    return None


FUNCTIONS: dict[str, Model] = {
    **{f"optim.{name}": optimizer for name in OPTIMIZERS},
    "utils.data.DataLoader": loader,
    "DataLoader": loader,
    "random_split": random_split,
    "TensorDataset": dataset,
    **dict.fromkeys("tensor as_tensor from_numpy FloatTensor LongTensor Tensor".split(), tensor),
    **dict.fromkeys(
        """
            no_grad inference_mode enable_grad set_grad_enabled manual_seed device cuda.is_available save load
            set_num_threads cuda.manual_seed_all cuda.empty_cache compile
            """.split(),
        made,
    ),
    **{
        f"optim.lr_scheduler.{name}": made
        for name in """
            StepLR MultiStepLR ExponentialLR CosineAnnealingLR CosineAnnealingWarmRestarts OneCycleLR LambdaLR
            ReduceLROnPlateau CyclicLR LinearLR SequentialLR PolynomialLR ConstantLR MultiplicativeLR
            ChainedScheduler
            """.split()
    },
}
