"""What trains PyTorch's modules: optimisers, schedulers, gradient scalers, gradients on and off, Lightning's trainer.

An object handed in from outside is known by what is done with it: what has both `zero_grad()` and `step()` called on
it is an optimiser, whatever its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.semantics.core import GRADIENTS, code_of, constant
from mlsense.semantics.events import Backward, Clip, Scaler, Step, ZeroGrad
from mlsense.semantics.models.effects import Call
from mlsense.semantics.models.torch_modules import modules_of
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Const,
    DictObject,
    Function,
    Instance,
    ListObject,
    Opaque,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model

OPTIMIZERS = """
    Adadelta Adagrad Adam AdamW SparseAdam Adamax ASGD LBFGS NAdam RAdam RMSprop Rprop SGD Adafactor Muon
    """.split()
SCHEDULERS = """
    StepLR MultiStepLR ExponentialLR CosineAnnealingLR CosineAnnealingWarmRestarts OneCycleLR LambdaLR
    ReduceLROnPlateau CyclicLR LinearLR SequentialLR PolynomialLR ConstantLR MultiplicativeLR ChainedScheduler
    """.split()
# What they take by position, after the optimiser.
FIRST = {
    "StepLR": ("step_size", "gamma"),
    "MultiStepLR": ("milestones", "gamma"),
    "ExponentialLR": ("gamma",),
    "CosineAnnealingLR": ("T_max", "eta_min"),
    "OneCycleLR": ("max_lr", "total_steps", "epochs", "steps_per_epoch"),
    "ReduceLROnPlateau": ("mode", "factor", "patience"),
}
# Contexts and decorators that switch the recording of gradients; the last by its argument.
SWITCHES = {"no_grad": False, "inference_mode": False, "enable_grad": True, "set_grad_enabled": None}
# Hooks that a trainer calls with a batch, and the one that makes the optimisers.
STEPS = ("training_step", "validation_step", "test_step", "predict_step")


def made(run: Run, call: Call) -> Value:
    symbol = call.symbol if call.symbol.startswith("torch.") else f"torch.{call.name}"
    params = tuple(call.keywords.items())
    return run.alloc(call.node, Opaque(symbol, code_of(call.node.func), parts=tuple(call.args), params=params))


def optimizer(run: Run, call: Call) -> Value:
    """Its parts are the modules whose weights it changes, as far as they are known."""
    name = call.name
    modules = modules_of(run, call.get(0, "params"))
    params = tuple((key, value) for key, value in call.keywords.items() if key != "params")
    return run.alloc(call.node, Opaque(f"torch.optim.{name}", name, parts=modules, params=params))


def scheduler(run: Run, call: Call) -> Value:
    """Its part is the optimiser whose learning rate it sets."""
    inner = call.get(0, "optimizer")
    parts = (inner,) if inner is not None else ()
    named = dict(zip(FIRST.get(call.name, ()), call.args[1:], strict=False))
    named |= {key: value for key, value in call.keywords.items() if key != "optimizer"}
    stops = run.object(named.get("milestones"))
    if isinstance(stops, ListObject) and stops.items is not None:
        named["milestones"] = TupleValue(stops.items)
    params = tuple(named.items())
    return run.alloc(call.node, Opaque(f"torch.optim.lr_scheduler.{call.name}", call.name, parts=parts, params=params))


def scaler(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Opaque("torch.amp.GradScaler", "GradScaler"))


def switch(run: Run, call: Call) -> Value:
    """`with torch.no_grad():`, `@torch.no_grad()`, `torch.set_grad_enabled(False)`."""
    recorded = SWITCHES[call.name]
    told = constant(call.get(0, "mode"))
    if isinstance(told, bool):
        recorded = told if call.name == "set_grad_enabled" else told is not True
    params = (("gradients", UNKNOWN if recorded is None else Const.of(recorded)),)
    if call.name == "set_grad_enabled":
        run.state.set(GRADIENTS, params[0][1])
    if call.args and isinstance(call.args[0], Function):
        return call.args[0]
    return run.alloc(call.node, Opaque(f"torch.{call.name}", call.name, params=params))


def switched(run: Run, value: Value) -> Value | None:
    """What a context or decorator makes of the recording of gradients; None where it is no switch."""
    thing = run.object(value)
    if isinstance(thing, Opaque) and thing.symbol.startswith("torch."):
        return thing.param("gradients")
    return None


def clip(run: Run, call: Call) -> Value:
    base = run.circumstances(call.node)
    modules = modules_of(run, call.get(0, "parameters"))
    run.emit(Clip(*base, modules, code_of(call.node), run.place(call.node)))
    return run.alloc(call.node, Opaque(call.symbol, code_of(call.node.func)))


def backward(run: Run, receiver: Value, call: Call) -> None:
    base = run.circumstances(call.node)
    plain = not call.args and not call.keywords
    text, place = code_of(call.node.func), run.place(call.node)
    run.emit(Backward(*base, receiver, text, plain, run.conditional, place))


def step_or_clear(run: Run, receiver: Value, symbol: str, name: str, call: Call) -> Value | None:
    """`optimizer.step()`, `optimizer.step(closure)`, `scaler.step(optimizer)`, `optimizer.zero_grad()`."""
    given = run.object(call.args[0]) if call.args else None
    if name == "step" and (symbol.endswith("GradScaler") or run.state.get((receiver, SCALES)) is not None):
        _scaled(run, receiver, name, call)
    if name == "step" and isinstance(given, Opaque) and not given.symbol.startswith("builtins."):
        receiver, symbol = call.args[0], given.symbol
    base = run.circumstances(call.node)
    kind = Step if name == "step" else ZeroGrad
    told = [value for value in (*call.args, *call.keywords.values()) if value != receiver]
    place, thing = run.place(call.node), run.object(receiver)
    run.emit(kind(*base, receiver, symbol, code_of(call.node), run.conditional, place, thing, not told))
    if name == "zero_grad":
        return NONE
    if call.args and isinstance(call.args[0], Function):
        return run.call(call.args[0], Call(call.node, [], {}))
    return None


def _scaled(run: Run, receiver: Value, name: str, call: Call) -> None:
    base = run.circumstances(call.node)
    run.emit(Scaler(*base, receiver, name, run.place(call.node)))


# Kept of what scales a loss, so that it is a gradient scaler, whatever its name.
SCALES = "scales"


def from_outside(run: Run, receiver: Value, name: str, call: Call) -> Value | None:
    """`scaler.scale(loss)`, `scaler.unscale_(optimizer)` of something that was handed in."""
    if name not in ("scale", "unscale_") or len(call.args) != 1 or call.keywords:
        return None
    run.state.set((receiver, SCALES), Const.of(True))
    return of_scaler(run, receiver, name, call)


def of_scaler(run: Run, receiver: Value, name: str, call: Call) -> Value | None:
    """`scaler.scale(loss)` is the loss, as far as gradients go."""
    if name not in ("scale", "unscale_", "update"):
        return None
    _scaled(run, receiver, name, call)
    return call.get(0, "outputs") or UNKNOWN if name == "scale" else NONE


def of_optimizer(run: Run, receiver: Value, thing: Opaque, name: str, call: Call) -> Value | None:
    """Methods and tables of optimisers and schedulers, other than those that step."""
    if name == "state_dict":
        return run.alloc(call.node, DictObject((), open=True))
    if name in ("load_state_dict", "add_param_group", "train", "eval"):
        return NONE
    if name in ("get_last_lr", "get_lr"):
        return run.alloc(call.node, ListObject(None))
    return None


# --- Lightning -----------------------------------------------------------------------------------------


def trainer(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Opaque("lightning.Trainer", "Trainer", params=tuple(call.keywords.items())))


def of_trainer(run: Run, name: str, call: Call) -> Value | None:
    """`trainer.fit(model, loader, ...)` calls the model's hooks: each is entered once with a batch."""
    model = call.get(0, "model")
    thing = run.object(model)
    if model is None or not isinstance(thing, Instance):
        return None
    called = {"fit": STEPS[:2], "validate": STEPS[1:2], "test": STEPS[2:3], "predict": STEPS[3:4]}.get(name)
    if called is None:
        return None
    loaders = [*call.args[1:], *(value for key, value in call.keywords.items() if "loader" in key)]
    if name == "fit":
        _hook(run, model, "configure_optimizers", [], call)
    for index, hook in enumerate(called):
        loader = loaders[index] if index < len(loaders) else UNKNOWN
        batch = run.element_of(loader, call.node)
        _hook(run, model, hook, [batch, UNKNOWN], call)
    return run.alloc(call.node, Opaque(f"lightning.Trainer.{name}", name))


def _hook(run: Run, model: Value, name: str, args: list[Value], call: Call) -> None:
    thing = run.object(model)
    member = thing.cls.member(name) if isinstance(thing, Instance) else None
    if isinstance(member, Function):
        run.enter(member, call.node, [model, *args], {}, False)


FUNCTIONS: dict[str, Model] = {
    **{f"optim.{name}": optimizer for name in OPTIMIZERS},
    **{f"optim.lr_scheduler.{name}": scheduler for name in SCHEDULERS},
    "optim.swa_utils.SWALR": scheduler,
    **dict.fromkeys(("amp.GradScaler", "cuda.amp.GradScaler"), scaler),
    **dict.fromkeys(SWITCHES, switch),
    **{f"nn.utils.{name}": clip for name in ("clip_grad_norm_", "clip_grad_value_")},
}
LIGHTNING: dict[str, Model] = {"Trainer": trainer, "pytorch.Trainer": trainer}
