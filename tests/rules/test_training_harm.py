"""What the mistakes in training loops cost, measured: each bad example is run as it stands and as its fix leaves it."""

from __future__ import annotations

import textwrap
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from mlsense.analysis import Analyser
from mlsense.rules.registry import all_rules
from mlsense.syntax import script
from mlsense.text import apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

torch = pytest.importorskip("torch", reason="torch is not installed")


def first_bad(name: str, having: str = "") -> str:
    """The first bad example of a rule that has this text in it."""
    rule = next(rule for rule in all_rules() if rule.name == name)
    return next(text for text in rule.bad if having in text)


def repaired(name: str, text: str) -> str:
    for finding in Analyser().analyse(script("example.py", text)).findings:
        if finding.rule == name and finding.fix is not None:
            return apply_edits(text, [edit.edit for edit in finding.fix.edits])
    raise AssertionError(f"no fix for {name}")


def ran(text: str) -> dict[str, Any]:
    torch.manual_seed(0)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "example.py", "exec"), names)
    return names


def both(name: str, having: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """What the first bad example binds as it stands, and repaired."""
    text = first_bad(name, having)
    return ran(text), ran(repaired(name, text))


@contextmanager
def counted_steps() -> Iterator[list[int]]:
    """Counts the steps of all optimisers while it lasts."""
    steps = [0]

    def stepped(*_: object) -> None:
        steps[0] += 1

    handle = import_module("torch.optim.optimizer").register_optimizer_step_post_hook(stepped)
    try:
        yield steps
    finally:
        handle.remove()


def steps_of(name: str, text: str) -> tuple[int, int]:
    """How many steps a program makes as it stands, and repaired."""
    counts = []
    for each in (text, repaired(name, text)):
        with counted_steps() as steps:
            ran(each)
        counts.append(steps[0])
    return counts[0], counts[1]


@contextmanager
def kept_numbers() -> Iterator[list[int]]:
    """Counts the numbers that are kept for gradients while it lasts."""
    kept = [0]

    def packed(tensor: Any) -> Any:
        kept[0] += tensor.numel()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(packed, lambda tensor: tensor):
        yield kept


def losses(name: str, program: str) -> tuple[float, float]:
    """The `loss` that a program ends with, as it stands and repaired."""
    text = textwrap.dedent(program).lstrip("\n")
    return ran(text)["loss"].item(), ran(repaired(name, text))["loss"].item()


def moved(names: dict[str, Any]) -> float:
    """How far the weights are from where they began, with the same seed."""
    torch.manual_seed(0)
    began = torch.nn.Linear(4, 2)
    return float((names["model"].weight - began.weight).detach().norm())


def test_gradients_cleared_before_the_step_teach_nothing() -> None:
    bad, good = both("zero-grad-between")
    assert moved(bad) == 0
    assert moved(good) > 0.01


def test_gradients_clipped_while_scaled_hardly_move_the_weights() -> None:
    bad, good = both("unscale-before-clip")
    assert 0 < moved(bad) < moved(good) / 1_000


def test_gradients_never_cleared_make_steps_grow() -> None:
    bad, good = both("missing-zero-grad")
    assert moved(bad) > 1.5 * moved(good)


def test_a_schedule_of_epochs_stepped_per_batch_runs_ahead() -> None:
    text = first_bad("scheduler-granularity", "step_size=10").replace("step_size=10", "step_size=2")
    rates = [
        names["optimizer"].param_groups[0]["lr"] for names in (ran(text), ran(repaired("scheduler-granularity", text)))
    ]
    assert rates[0] == pytest.approx(0.1 * 0.1**4)
    assert rates[1] == pytest.approx(0.1 * 0.1**1)


def test_a_sum_of_losses_keeps_the_graph_of_each() -> None:
    bad, good = both("loss-accumulates-graph")
    depth, node = 0, bad["total"].grad_fn
    while node is not None and "Add" in node.name():
        depth, node = depth + 1, node.next_functions[0][0]
    assert depth == len(bad["loader"])
    assert isinstance(good["total"], float)


def test_a_sum_set_back_in_every_pass_holds_the_last_one() -> None:
    bad, good = both("accumulator-reset-in-loop", "running = 0.0")
    assert bad["running"] < good["running"] / 2


THREE_CLASSES = """
import torch
from torch import nn

centres = torch.tensor([[4.0, 0.0], [-4.0, 4.0], [-4.0, -4.0]])
labels = torch.arange(30) % 3
inputs = centres[labels] + 0.1 * torch.randn(30, 2)
net = nn.Sequential({layers})
criterion = nn.{loss}()
optimizer = torch.optim.Adam(net.parameters(), lr=0.3)
for _ in range(40):
    optimizer.zero_grad()
    loss = criterion(net(inputs), labels)
    loss.backward()
    optimizer.step()
"""


def test_cross_entropy_of_probabilities_stays_above_its_floor() -> None:
    program = THREE_CLASSES.format(layers="nn.Linear(2, 3), nn.Softmax(dim=1)", loss="CrossEntropyLoss")
    bad, good = losses("softmax-crossentropy", program)
    assert bad > 0.55
    assert good < 0.05


def test_nll_of_logits_falls_without_end() -> None:
    bad, good = losses("nll-without-logsoftmax", THREE_CLASSES.format(layers="nn.Linear(2, 3)", loss="NLLLoss"))
    assert bad < -10
    assert 0 <= good < 0.05


def test_logits_behind_relu_cannot_rule_a_class_out() -> None:
    program = THREE_CLASSES.format(layers="nn.Linear(2, 3), nn.ReLU()", loss="CrossEntropyLoss")
    names = ran(program)
    dead = (names["net"](names["inputs"]) == 0).all(dim=0)
    # A unit that is zero for every row gets no gradient any more.
    gradients = names["net"][0].weight.grad.abs().sum(dim=1)
    assert all(gradients[unit] == 0 for unit in range(3) if dead[unit])
    assert bool((names["net"](names["inputs"]) >= 0).all())


def test_targets_in_a_row_teach_the_mean() -> None:
    text = first_bad("bce-target-shape", "nn.functional.mse_loss(model(inputs), targets)")
    left = []
    for each in (text, repaired("bce-target-shape", text)):
        names = ran(each)
        predictions = names["model"](names["X"]).squeeze(1)
        left.append(float(((predictions - names["y"]) ** 2).mean() / names["y"].var()))
    assert left[0] > 0.9
    assert left[1] < 0.1


def test_a_step_behind_the_loop_makes_one_of_each_epoch() -> None:
    assert steps_of("step-outside-batch-loop", first_bad("step-outside-batch-loop")) == (2, 8)


def test_a_return_in_the_loop_trains_on_one_batch() -> None:
    assert steps_of("return-in-loop", first_bad("return-in-loop", "optimizer.step()")) == (1, 4)


def test_a_break_in_the_loop_trains_on_one_batch_of_each_epoch() -> None:
    assert steps_of("break-in-loop", first_bad("break-in-loop", "total += loss.item()\n        break")) == (3, 12)


def test_layers_in_a_list_are_not_trained() -> None:
    bad, good = both("modules-in-list")
    count = [sum(each.numel() for each in names["net"].parameters()) for names in (bad, good)]
    assert count == [8 * 2 + 2, 3 * (8 * 8 + 8) + 8 * 2 + 2]


def test_dropout_that_stays_on_gives_the_same_rows_other_numbers() -> None:
    bad, good = both("train-eval-mode-missing")
    rows = torch.ones(64, 4)
    assert not torch.equal(bad["model"](rows), bad["model"](rows))
    assert torch.equal(good["model"](rows), good["model"](rows))


def test_a_mode_that_is_not_restored_leaves_dropout_off_from_the_second_epoch_on() -> None:
    text = first_bad("train-mode-not-restored")
    modes = []
    for each in (text, repaired("train-mode-not-restored", text)):
        noted = each.replace(
            "        optimizer.zero_grad()", "        seen.append(model.training)\n        optimizer.zero_grad()"
        )
        modes.append(ran("seen = []\n" + noted)["seen"])
    assert modes[0] == [True] * 4 + [False] * 8
    assert modes[1] == [True] * 12


def test_an_evaluation_with_gradients_keeps_what_they_need() -> None:
    text = first_bad("no-grad-missing", "def evaluate")
    call = (
        "\nfrom torch import nn\ndata = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.zeros(32).long())"
        "\nloader = torch.utils.data.DataLoader(data, batch_size=8)"
        "\nevaluate(nn.Linear(4, 2), loader, nn.CrossEntropyLoss())\n"
    )
    counts = []
    for each in (text, repaired("no-grad-missing", text)):
        with kept_numbers() as kept:
            ran(each + call)
        counts.append(kept[0])
    assert counts[0] > 0
    assert counts[1] == 0


def test_clipping_after_the_step_clips_nothing_that_counts() -> None:
    text = (
        first_bad("clip-after-step").replace("1.0)", "1e-6)").replace("torch.randn(32, 4)", "10 * torch.randn(32, 4)")
    )
    bad, good = ran(text), ran(repaired("clip-after-step", text))
    assert moved(good) < 1e-5 < 0.1 < moved(bad)


def test_a_schedule_that_steps_first_never_uses_its_first_rate() -> None:
    text = first_bad("scheduler-before-optimizer")
    first = []
    for each in (text, repaired("scheduler-before-optimizer", text)):
        noted = each.replace("optimizer.step()", "rates.append(optimizer.param_groups[0]['lr']); optimizer.step()")
        first.append(ran("rates = []\n" + noted)["rates"][0])
    assert first[0] < 0.1
    assert first[1] == 0.1
