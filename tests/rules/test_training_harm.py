"""What the mistakes in training loops cost, measured: each bad example is run as it stands and as its fix leaves it."""

from __future__ import annotations

from typing import Any

import pytest

from mlsense.analysis import Analyser
from mlsense.rules.registry import all_rules
from mlsense.syntax import script
from mlsense.text import apply_edits

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
