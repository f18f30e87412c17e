"""Writes a comparison down: as a script, or as one function for a cell, so that no variable is touched."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from textwrap import indent
from typing import TYPE_CHECKING

from mlsense.measuring.plan import names_of
from mlsense.measuring.statements import free_names

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mlsense.measuring.plan import Plan, Step
    from mlsense.measuring.statements import Statement

_WIDTH = 88
"""What formatters take by default."""
_INDENT = "    "
_NAMES = (
    *"transformer resampler model splits seen seen_target leaking right score test_rows answers".split(),
    *"difference train test mean share error width low high".split(),
)
_OWN = ("plt", "np", "stats", "cross_val_score", "make_pipeline", "check_scoring")


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together; `gap` is how many empty lines stand around them at the top level."""

    lines: tuple[str, ...]
    gap: int = 1


def script(plan: Plan, before: Sequence[Statement], plot: bool = True) -> str | None:
    """A program of its own: the statements that make the rows, then the comparison. None where names would clash."""
    if _clashes(plan, before):
        return None
    blocks = [
        _Block(_heading(plan)),
        *_repeated(before, _imports(plan, plot)),
        *_comparison(plan, before, plot, _WIDTH),
    ]
    return _joined(blocks)


def cell(plan: Plan, before: Sequence[Statement], plot: bool = True) -> str | None:
    """The comparison in a function, and its call. None where names would clash."""
    if _clashes(plan, before):
        return None
    room = _WIDTH - len(_INDENT)
    name = _free("worth_of_the_leak", _used(plan, before))
    blocks = [*_repeated(before, _imports(plan, plot)), *_comparison(plan, before, plot, room)]
    body = _joined([_Block(block.lines, min(block.gap, 1)) for block in blocks])
    inside = indent(body, _INDENT, lambda line: bool(line.strip()))
    return "\n".join([*_heading(plan), f"def {name}():", inside.rstrip("\n"), "", "", f"{name}()"])


def _heading(plan: Plan) -> tuple[str, ...]:
    steps = " and ".join(dict.fromkeys(names_of(plan.steps)))
    if plan.indexed is not None:
        return (
            f"# What is this leak worth? Once {steps} learns anew from the test rows,",
            "# once it transforms them as it learned to from the training rows.",
        )
    verb = "see" if len(set(names_of(plan.steps))) > 1 else "sees"
    return (
        f"# What is this leak worth? Once {steps} {verb} all rows before they are split,",
        "# once the training rows of each split alone; everything else is the same.",
    )


def _imports(plan: Plan, plot: bool) -> tuple[str, ...]:
    package = "imblearn" if _resamples(plan) else "sklearn"
    names = sorted((plan.splitter, "cross_val_score"), key=lambda name: (name[0].islower(), name))
    lines = [
        "import matplotlib.pyplot as plt",
        "from scipy import stats",
        f"from sklearn.model_selection import {', '.join(names)}",
        f"from {package}.pipeline import make_pipeline",
    ]
    if plan.indexed is not None:
        lines[2:4] = [
            "import numpy as np",
            "from sklearn.metrics import check_scoring",
            f"from sklearn.model_selection import {plan.splitter}",
        ]
    return tuple(lines[0 if plot else 1 :])


def _repeated(before: Sequence[Statement], own: tuple[str, ...]) -> list[_Block]:
    """The user's own statements, imports and our `own` together, definitions apart."""
    blocks: list[_Block] = []
    imports = tuple(each.text for each in before if isinstance(each.tree, (ast.Import, ast.ImportFrom)))
    plain: list[str] = []
    for each in before:
        if isinstance(each.tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            blocks += [_Block(tuple(plain)), _Block((each.text,), 2)]
            plain = []
        elif not isinstance(each.tree, (ast.Import, ast.ImportFrom)):
            plain.append(each.text)
    imports = tuple(sorted({*own, *imports}, key=_order))
    return [block for block in (_Block(imports), *blocks, _Block(tuple(plain))) if block.lines]


def _order(line: str) -> tuple[bool, bool, str]:
    """As people sort imports; what brings an experiment in goes before what it brings."""
    return line.startswith("from"), "sklearn.experimental" not in line, line


def _comparison(plan: Plan, before: Sequence[Statement], plot: bool, room: int) -> list[_Block]:
    used = _used(plan, before)
    own = {name: _free(name, used) for name in _NAMES}
    lines: list[str] = []
    features, target = plan.features.text, plan.target.text
    if not features.isidentifier():
        name = _free("features", used)
        lines.append(f"{name} = {features}")
        features = name
    if not target.isidentifier():
        name = _free("target", used)
        lines.append(f"{name} = {target}")
        target = name
    step = own["resampler" if _resamples(plan) else "transformer"]
    lines += [
        *_assigned(room, step, _pipeline(plan.steps)),
        *_assigned(room, own["model"], _pipeline((*plan.after, plan.model))),
        f"{own['splits']} = {plan.splits}",
    ]
    if plan.indexed is not None:
        return [
            _Block(tuple(lines)),
            *_refits(plan, own, step, features, target),
            *_outcome(plan, own, features, target, plot, room),
        ]
    if _resamples(plan):
        seen, seen_target = own["seen"], own["seen_target"]
        leak = f"{seen}, {seen_target} = {step}.fit_resample({features}, {target})"
    else:
        seen, seen_target = own["seen"], target
        also = f", {target}" if any(each.takes_target for each in plan.steps) else ""
        leak = f"{seen} = {step}.fit_transform({features}{also})"
    rest = [f"cv={own['splits']}", *([f"scoring={plan.scoring}"] if plan.scoring else [])]
    leaking, right = own["leaking"], own["right"]
    evaluation = [
        f"# mlsense: ignore[{', '.join(plan.rules)}] this is the leak, here to be measured",
        leak,
        *_call(room, f"{leaking} = cross_val_score", own["model"], seen, seen_target, *rest),
        *_call(room, f"{right} = cross_val_score", f"make_pipeline({step}, {own['model']})", features, target, *rest),
    ]
    return [_Block(tuple(lines)), _Block(tuple(evaluation)), *_outcome(plan, own, features, target, plot, room)]


def _outcome(plan: Plan, own: dict[str, str], features: str, target: str, plot: bool, room: int) -> list[_Block]:
    """The difference of both forms: printed and drawn."""
    leaking, right, difference = own["leaking"], own["right"], own["difference"]
    train, test, mean, share, error, width, low, high = (own[name] for name in _NAMES[-8:])
    interval = [
        f"{difference} = {leaking} - {right}",
        f"{mean} = {difference}.mean()",
        "# The splits share rows: the interval is wider by Nadeau and Bengio's correction.",
        f"{train}, {test} = next({own['splits']}.split({features}, {target}))",
        f"{share} = 1 / len({difference}) + len({test}) / len({train})",
        f"{error} = ({share} * {difference}.var(ddof=1)) ** 0.5",
        f"{width} = stats.t.ppf(0.975, len({difference}) - 1) * {error}",
        f"{low}, {high} = {mean} - {width}, {mean} + {width}",
        *_call(
            room,
            "print",
            f'f"{plan.metric}: {{{leaking}.mean():.3f}} with the leak, {{{right}.mean():.3f}} without it"',
        ),
        *_call(room, "print", f'f"The leak is worth {{{mean}:.3f}} (95 % interval {{{low}:.3f}} to {{{high}:.3f}})"'),
    ]
    picture = [
        f'plt.hist({difference}, bins=15, color="silver")',
        *_call(room, "plt.axvspan", low, high, 'color="tab:orange"', "alpha=0.3", 'label="95 % interval"'),
        f'plt.axvline({mean}, color="tab:orange", label="mean")',
        'plt.axvline(0, color="black", linewidth=1)',
        *_call(room, "plt.xlabel", f'"{plan.metric}, with the leak minus without it"'),
        'plt.ylabel("splits")',
        "plt.legend()",
        "plt.show()",
    ]
    return [_Block(tuple(block)) for block in (interval, picture if plot else ()) if block]


def _refits(plan: Plan, own: dict[str, str], step: str, features: str, target: str) -> list[_Block]:
    """Both forms in one loop: the model is the same, the test rows are transformed in two ways."""
    leaking, right, model, score = own["leaking"], own["right"], own["model"], own["score"]
    train, test, rows, answers = own["train"], own["test"], own["test_rows"], own["answers"]
    of_x, of_y = plan.indexed or ("", "")
    scorer = f"check_scoring({model}, {plan.scoring})" if plan.scoring else f"check_scoring({model})"
    loop = [
        f"{leaking}, {right} = [], []",
        f"{score} = {scorer}",
        f"for {train}, {test} in {own['splits']}.split({features}, {target}):",
        f"    {rows}, {answers} = {features}{of_x}[{test}], {target}{of_y}[{test}]",
        f"    {own['seen']} = {step}.fit_transform({features}{of_x}[{train}], {target}{of_y}[{train}])",
        f"    {model}.fit({own['seen']}, {target}{of_y}[{train}])",
        f"    {right}.append({score}({model}, {step}.transform({rows}), {answers}))",
        f"    # mlsense: ignore[{', '.join(plan.rules)}] this is the leak, here to be measured",
        f"    {leaking}.append({score}({model}, {step}.fit_transform({rows}), {answers}))",
        f"{leaking}, {right} = np.array({leaking}), np.array({right})",
    ]
    return [_Block(tuple(loop))]


def _call(room: int, function: str, *arguments: str) -> list[str]:
    """A call, or an assignment of one, over several lines where it is long."""
    whole = f"{function}({', '.join(arguments)})"
    if len(whole) <= room:
        return [whole]
    inside = f"{_INDENT}{', '.join(arguments)}"
    if len(inside) <= room or len(arguments) == 1:
        return [f"{function}(", inside, ")"]
    return [f"{function}(", *(f"{_INDENT}{argument}," for argument in arguments), ")"]


def _assigned(room: int, name: str, code: str) -> list[str]:
    """An assignment, over several lines where it is a long call."""
    whole = f"{name} = {code}"
    if len(whole) <= room or "\n" in code:
        return [whole]
    node = ast.parse(code, mode="eval").body
    if not isinstance(node, ast.Call):
        return [whole]
    parts = (ast.get_source_segment(code, part) or "" for part in (*node.args, *node.keywords))
    return _call(room, f"{name} = {ast.get_source_segment(code, node.func)}", *parts)


def _pipeline(steps: tuple[Step, ...]) -> str:
    return steps[0].code.text if len(steps) == 1 else f"make_pipeline({', '.join(step.code.text for step in steps)})"


def _resamples(plan: Plan) -> bool:
    return any(step.resamples for step in plan.steps)


def _used(plan: Plan, before: Collection[Statement]) -> set[str]:
    names = {each.name for each in plan.wanted}
    for statement in before:
        names |= {node.id for node in ast.walk(statement.tree) if isinstance(node, ast.Name)}
        names |= free_names(statement.tree)
        names |= set(_bound(statement.tree))
    return names


def _bound(tree: ast.AST) -> list[str]:
    found = [
        alias.asname or alias.name
        for node in ast.walk(tree)
        for alias in getattr(node, "names", ())
        if isinstance(alias, ast.alias)
    ]
    found += [node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return found


def _clashes(plan: Plan, before: Collection[Statement]) -> bool:
    """Whether a name that is imported here is another thing in the program."""
    own = {*_OWN, plan.splitter}
    made = {
        node.id
        for statement in before
        for node in ast.walk(statement.tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    wanted = {each.name for each in plan.wanted}
    # A pipeline of scikit-learn holds no resampler.
    return bool(made & own) or (_resamples(plan) and "make_pipeline" in wanted)


def _free(name: str, used: Collection[str]) -> str:
    return name if name not in used else next(f"{name}_{n}" for n in range(2, 1000) if f"{name}_{n}" not in used)


def _joined(blocks: Sequence[_Block]) -> str:
    text = "\n".join(blocks[0].lines)
    for previous, block in pairwise(blocks):
        heading = previous is blocks[0] and text.startswith("#")
        gap = 0 if heading else max(previous.gap, block.gap)
        text += "\n" * (gap + 1) + "\n".join(block.lines)
    return text + "\n"
