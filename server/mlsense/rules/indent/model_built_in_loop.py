"""A model or its optimiser is made anew in each pass of the loop that should train it on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.loop.optimizer_before_to_device import makes_optimizer
from mlsense.rules.programs import training
from mlsense.rules.reading import innermost, location, node_at, place_in, related, written
from mlsense.rules.rule import Draft, Rule
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called, Step
from mlsense.semantics.values import Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.finding import Fix
    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace


def makes_optimizer_in_a_loop(event: Called) -> bool:
    return bool(event.loops) and makes_optimizer(event)


def check(trace: Trace) -> Iterator[Draft]:
    for made in trace.that(makes_optimizer_in_a_loop, Called):
        loop, node = made.loops[-1], node_at(trace, made.call)
        if made.optional or loop.length in (0, 1) or node is None or loops.freezes(trace):
            continue
        steps = [step for step in trace.of(Step) if isinstance(step.receiver, Ref) and _is_of(step, made)]
        said = _what(trace, made, loop, node, steps)
        found = location(trace, made.call)
        if said is None or found is None:
            continue
        yield Draft(
            f"`{written(trace, made.call, 'the optimiser')}` stands inside `{loop.text}`: {said} Make it before the "
            f"loop.",
            found,
            related(trace, (loop.header, "made anew in every pass of this loop"), (steps[0].call, "steps here")),
            _fix(trace, made, loop),
        )


def _is_of(step: Step, made: Called) -> bool:
    return isinstance(step.receiver, Ref) and step.receiver.origin == made.origin


def _what(trace: Trace, made: Called, loop: Loop, node: ast.expr, steps: list[Step]) -> str | None:
    """What goes wrong, where something certainly does: the model outlives the pass and the optimiser does not."""
    models = [module for step in steps for module in loops.modules_of(step)]
    if not models and (made.origin.path != loop.origin.path or loops.names_in(node) & loops.bound_in(trace, loop)):
        # Of a model from outside, all that is known is that its name is bound before the loop.
        return None
    if not steps or loops.names_in(node) & _changing(trace, loop):
        return None
    own = bool(models) and all(loops.made_in(module, loop) for module in models)
    if any(loops.made_in(module, loop) for module in models) and not own:
        return None
    once = all(loops.together(step, made) for step in steps)
    if own:
        if once and loop.kind == "for" and loop.iterates == "loader":
            return "with its model it begins anew for every batch, and nothing of what was learned is kept."
        if _counts_epochs(loop, steps):
            return "with its model it begins anew in every epoch, and nothing of the epochs before is kept."
        return None
    if _remembers_nothing(made) or not _is_the_epoch_or_batch_loop(loop, steps):
        return None
    kept = "its averages of past gradients are empty at every step" if once else "its averages begin anew in every pass"
    return f"{kept}, so it works like plain gradient descent at first, each time."


def _changing(trace: Trace, loop: Loop) -> set[str]:
    """The names the loop binds, but for those of the optimiser and the model themselves."""
    node = loops.statement_of(trace, loop)
    inner = ast.walk(node) if node is not None else ()
    return set(loop.targets) | {
        target.id
        for part in inner
        if isinstance(part, (ast.Assign, ast.AugAssign)) and not isinstance(getattr(part, "value", None), ast.Call)
        for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
        if isinstance(target, ast.Name)
    }


def _counts_epochs(loop: Loop, steps: list[Step]) -> bool:
    """Whether each pass goes through the batches of a loader once, and is called an epoch by the program."""
    counted = loop.iterates == "range" and len(loop.targets) == 1 and "epoch" in loop.targets[0].lower()
    return counted and all(
        loops.ids(step.loops[-2:-1]) == (loop.origin,) and step.loops[-1].iterates in ("loader", "data", "unknown")
        for step in steps
    )


def _remembers_nothing(made: Called) -> bool:
    """Plain SGD: nothing is lost when it begins anew."""
    name = getattr(made.callee, "name", "").rpartition(".")[2]
    momentum = made.argument(2, "momentum")
    return (name == "SGD" and (momentum is None or constant(momentum) in (0, 0.0, ...))) or name == "LBFGS"


def _is_the_epoch_or_batch_loop(loop: Loop, steps: list[Step]) -> bool:
    """Whether the optimiser steps in the loop itself, or in one loop inside it."""
    depths = {len(step.loops) - index for step in steps for index, each in enumerate(step.loops) if each == loop}
    return bool(depths) and depths <= {1, 2}


def _fix(trace: Trace, made: Called, loop: Loop) -> Fix | None:
    statement, node = innermost(trace, made.call), loops.statement_of(trace, loop)
    if node is None or statement not in node.body or loops.alone(trace, made.statement):
        return None
    if made.origin.path != loop.origin.path or loops.names_in(statement) & loops.bound_in(trace, loop):
        return None
    return loops.moved_before(trace, made.statement, place_in(loop.header, node), "Make the optimiser before the loop")


RULE = Rule(
    name="model-built-in-loop",
    family="indent",
    severity=Severity.WARNING,
    summary="The optimiser, or the model with it, is made anew in each pass of the training loop.",
    finds="""
        An optimiser that keeps averages (Adam, momentum) made in the loop over epochs or batches for a model that was
        made before it; a model and its optimiser made in the loop over the batches of a loader, or over epochs that
        each go through the batches once.
        """,
    matters="""
        A new model forgets all it learned. A new Adam forgets its averages: its first step moves every weight by the
        learning rate, whatever the gradient, and with a new one per batch every step is a first step.
        """,
    silent="""
        Folds, seeds and settings, where the model is made in the loop too; optimisers that use what the loop binds;
        plain SGD, which remembers nothing; programs that freeze and free weights; optimisers made under a condition.
        """,
    repair="Moves the line before the loop where nothing in it depends on the loop. Safe.",
    bad=(
        training(
            """
            for epoch in range(2):
                steps = torch.optim.Adam(model.parameters(), lr=1e-3)  # <- model-built-in-loop
                for inputs, labels in loader:
                    steps.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    steps.step()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                steps = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)  # <- model-built-in-loop
                steps.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                steps.step()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                net = nn.Linear(4, 2)
                steps = torch.optim.Adam(net.parameters())  # <- model-built-in-loop
                steps.zero_grad()
                nn.functional.cross_entropy(net(inputs), labels).backward()
                steps.step()
            """
        ),
        training(
            """
            def train(batches, epochs):
                for epoch in range(epochs):
                    net = nn.Linear(4, 2)
                    steps = torch.optim.Adam(net.parameters())  # <- model-built-in-loop
                    for inputs, labels in batches:
                        steps.zero_grad()
                        nn.functional.cross_entropy(net(inputs), labels).backward()
                        steps.step()
                return net


            train(loader, 2)
            """
        ),
        training(
            """
            def train_one_epoch(net):
                steps = torch.optim.AdamW(net.parameters(), lr=1e-3)  # <- model-built-in-loop
                for inputs, labels in loader:
                    steps.zero_grad()
                    nn.functional.cross_entropy(net(inputs), labels).backward()
                    steps.step()


            for epoch in range(2):
                train_one_epoch(model)
            """
        ),
    ),
    good=(
        training(
            """
            for start in range(3):
                net = nn.Linear(4, 2)
                steps = torch.optim.Adam(net.parameters())
                for epoch in range(2):
                    for inputs, labels in loader:
                        steps.zero_grad()
                        nn.functional.cross_entropy(net(inputs), labels).backward()
                        steps.step()
            """
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        training(
            """
            for seed in range(2):
                torch.manual_seed(seed)
                net = nn.Linear(4, 2)
                steps = torch.optim.Adam(net.parameters())
                for inputs, labels in loader:
                    steps.zero_grad()
                    nn.functional.cross_entropy(net(inputs), labels).backward()
                    steps.step()
            """
        ),
        training(
            """
            for rate in (0.1, 0.01):
                steps = torch.optim.Adam(model.parameters(), lr=rate)
                for inputs, labels in loader:
                    steps.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    steps.step()
            """
        ),
        training(
            """
            rate = 0.1
            for epoch in range(2):
                steps = torch.optim.Adam(model.parameters(), lr=rate)
                rate *= 0.9
                for inputs, labels in loader:
                    steps.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    steps.step()
            """
        ),
        training(
            """
            for epoch in range(2):
                steps = torch.optim.SGD(model.parameters(), lr=0.1)
                for inputs, labels in loader:
                    steps.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    steps.step()
            """
        ),
        training(
            """
            import copy

            for inputs, labels in loader:
                learner = copy.deepcopy(model)
                steps = torch.optim.Adam(learner.parameters())
                for _ in range(3):
                    steps.zero_grad()
                    nn.functional.cross_entropy(learner(inputs), labels).backward()
                    steps.step()
            """
        ),
    ),
    check=check,
)
