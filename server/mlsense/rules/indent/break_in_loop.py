"""A `break` that every pass reaches ends the loop in its first pass; a `continue` cuts off what stands below it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import contains, location, place_in, related, short, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place


# Of such words comments are made that say that one pass is enough.
_MEANT = re.compile(
    r"\b(one|only|first|single|just|once|debug|test|overfit|sanity|quick|dry|demo|enough|remove|todo)\b"
)


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.of(Ended):
        loop, here = event.loop, event.statement
        node, found = loops.statement_of(trace, loop), location(trace, here)
        if node is None or found is None or loop.kind != "for" or loop.length in (0, 1) or _commented(trace, here):
            continue
        block = next((each for each in _blocks(node) if any(_is_at(part, here) for part in each)), None)
        if block is None:
            continue
        number = next(n for n, part in enumerate(block) if _is_at(part, here))
        condition = _condition_above(block, number)
        if event.how == "continue":
            message = _cut_off(block, number)
        else:
            message = None if node.orelse or _skips(node, here) else _left(trace, loop, node)
        if message is None:
            continue
        fix = _into(trace, here, condition) if condition is not None else None
        if fix is None and event.how == "break" and len(block) > 1:
            edit = editing.deleted(trace, here)
            fix = Fix("Take `break` out", "unsafe", (edit,)) if edit is not None else None
        remedy = (
            f"Move it into `if {short(code_of(condition.test), 40)}` {where(trace, place_in(here, condition), here)}."
            if condition is not None
            else "Take it out."
            if event.how == "break"
            else "Put it under a condition, or take it out."
        )
        header = f"`{loop.text}` {where(trace, loop.header, here)}"
        yield Draft(
            f"`{event.how}` stands in {header} where every pass reaches it: {message} {remedy}",
            found,
            related(
                trace, (loop.header, "the loop it ends" if event.how == "break" else "the loop whose passes it ends")
            ),
            fix,
        )


def _blocks(node: ast.For | ast.AsyncFor | ast.While) -> Iterator[list[ast.stmt]]:
    """The loop's body, and the blocks of `with` in it: what stands there runs in every pass."""
    left: list[list[ast.stmt]] = [node.body]
    while left:
        block = left.pop()
        yield block
        left += [part.body for part in block if isinstance(part, (ast.With, ast.AsyncWith))]


def _is_at(part: ast.stmt, place: Place) -> bool:
    return (part.lineno, part.col_offset) == (place.line, place.column)


def _commented(trace: Trace, place: Place) -> bool:
    """Whether a comment says that it is meant, on its line or right above it."""
    found = trace.line_of(place)
    if found is None:
        return True
    lines = trace.source(found[0]).lines
    above = lines.line_text(found[1] - 1).strip() if found[1] else ""
    return above.startswith("#") or _MEANT.search(lines.line_text(found[1]).partition("#")[2].lower()) is not None


def _condition_above(block: list[ast.stmt], number: int) -> ast.If | None:
    """The `if` right above that has it in no branch: it may belong there."""
    above = block[number - 1] if number else None
    if not isinstance(above, ast.If) or above.orelse:
        return None
    if any(isinstance(part, ast.Mod) for part in ast.walk(above.test)):
        # Now and then, and mostly in the first pass: that is where something is printed.
        return None
    return None if isinstance(above.body[-1], (ast.Break, ast.Continue, ast.Return, ast.Raise)) else above


def _skips(node: ast.For | ast.AsyncFor | ast.While, here: Place) -> bool:
    """Whether some passes are over before: then it is the first of some kind that is looked for."""
    return any(isinstance(part, ast.Continue) for part in ast.walk(node))


def _cut_off(block: list[ast.stmt], number: int) -> str | None:
    """What stands below a `continue`."""
    below = [part for part in block[number + 1 :] if not isinstance(part, ast.Pass)]
    if not below:
        return None
    first = short(code_of(below[0]).splitlines()[0], 40)
    rest = len(below) - 1
    more = "" if not rest else " and the line below it" if rest == 1 else f" and the {rest} statements below it"
    return f"`{first}`{more} never {'run' if rest else 'runs'}."


def _left(trace: Trace, loop: Loop, node: ast.For | ast.AsyncFor | ast.While) -> str | None:
    """What one pass alone costs, where something was to be done in all of them."""
    if loops.trains_each_pass(trace, loop):
        if loop.iterates == "range":
            return (
                f"training ends after 1 of {loop.length:,} epochs." if loop.length else "training ends after 1 epoch."
            )
        return (
            f"1 of {loop.length:,} batches is trained on." if loop.length else "one batch of each epoch is trained on."
        )
    for name in loop.accumulators:
        reader = loops.read_after(trace, loop, name) if _adds_up(node, name) else None
        if reader is not None and _shared_out(trace, reader, name, loop, node):
            passes = f"1 of {loop.length:,} passes" if loop.length else "one pass"
            return f"`{name}` holds what {passes} gave, and is divided by the number of all of them."
    return None


def _adds_up(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.AugAssign) and code_of(part.target) == name for part in ast.walk(node))


def _shared_out(trace: Trace, reader: Place, name: str, loop: Loop, node: ast.AST) -> bool:
    """Whether a sum is divided by the length of what the loop goes through."""
    tree = trace.node(reader)
    gone_through = {code_of(part) for part in ast.walk(node.iter)} if isinstance(node, ast.For) else set()
    for part in ast.walk(tree) if tree is not None else ():
        if not isinstance(part, (ast.BinOp, ast.AugAssign)) or not isinstance(part.op, ast.Div):
            continue
        whole, by = (part.left, part.right) if isinstance(part, ast.BinOp) else (part.target, part.value)
        counted = isinstance(by, ast.Call) and code_of(by.func) == "len" and by.args
        if counted and code_of(whole) == name and code_of(by.args[0]) in gone_through and not contains(node, reader):  # type: ignore[attr-defined]
            return True
    return False


def _into(trace: Trace, here: Place, condition: ast.If) -> Fix | None:
    indent = editing.indentation(trace, place_in(here, condition.body[-1]))
    edit = editing.reindented(trace, here, indent) if indent is not None else None
    title = f"Move it into `if {short(code_of(condition.test), 40)}`"
    return None if edit is None else Fix(title, "safe", (edit,))


RULE = Rule(
    name="break-in-loop",
    family="indent",
    severity=Severity.WARNING,
    summary="A break or continue that every pass reaches ends the loop, or each pass, too early.",
    finds="""
        A `break` that every pass of a `for` loop reaches, where the loop trains a model, or adds up what is divided by
        the number of all passes afterwards; a `continue` that every pass reaches with lines below it, which never run.
        """,
    matters="""
        A `break` one level too far left, or one that was left behind after a first try, ends the loop in its first
        pass: each epoch trains on one batch, training stops after one epoch. Nothing crashes and the loss even falls, a
        little. Below such a `continue` nothing runs at all.
        """,
    silent="""
        A `break` or `continue` under an `if`, or in a `try`; one with a comment above it, or beside it that says that
        one pass is meant ("only the first"); loops that look at one batch (`for batch in loader: print(batch); break`),
        that search, that have an `else`; loops of one pass; `while` loops.
        """,
    repair="""
        Where an `if` ends right above, moves the `break` or `continue` into it (safe: nothing else moves). Else offers
        to take the `break` out; unsafe, since the loop then does all its work.
        """,
    bad=(
        example(
            training(
                """
                for epoch in range(3):
                    total = 0.0
                    for inputs, labels in loader:
                        optimizer.zero_grad()
                        loss = nn.functional.cross_entropy(model(inputs), labels)
                        loss.backward()
                        optimizer.step()
                        total += loss.item()
                        break  # <- break-in-loop
                    print(total)
                """
            )
        ),
        example(
            training(
                """
                best, waited = float("inf"), 0
                for epoch in range(20):
                    total = 0.0
                    for inputs, labels in loader:
                        optimizer.zero_grad()
                        loss = nn.functional.cross_entropy(model(inputs), labels)
                        loss.backward()
                        optimizer.step()
                        total += loss.item()
                    waited = 0 if total < best else waited + 1
                    best = min(best, total)
                    if waited == 3:
                        print("no better for three epochs")
                    break  # <- break-in-loop
                """
            )
        ),
        example(
            """
            def mean_length(lines):
                total = 0
                for line in lines:
                    total += len(line)
                    break  # <- break-in-loop
                return total / len(lines)


            print(mean_length(["a", "bcd", "ef"]))
            """
        ),
        example(
            """
            def totals(rows):
                kept = []
                for row in rows:
                    if row is None:
                        print("no row")
                    continue  # <- break-in-loop
                    kept.append(sum(row))
                return kept


            print(totals([(1, 2), None, (3, 4)]))
            """
        ),
    ),
    good=(
        example(
            training(
                """
                for epoch in range(3):
                    total = 0.0
                    for number, (inputs, labels) in enumerate(loader):
                        optimizer.zero_grad()
                        loss = nn.functional.cross_entropy(model(inputs), labels)
                        loss.backward()
                        optimizer.step()
                        total += loss.item()
                        if number == 2:
                            break
                    print(total)
                """
            )
        ),
        example(
            training(
                """
                for inputs, labels in loader:
                    print(inputs.shape, labels.shape)
                    break
                """
            )
        ),
        example(
            training(
                """
                # One batch must be learned by heart: if it is not, something is wrong.
                for step in range(20):
                    for inputs, labels in loader:
                        optimizer.zero_grad()
                        loss = nn.functional.cross_entropy(model(inputs), labels)
                        loss.backward()
                        optimizer.step()
                        break  # always the first batch
                print(loss.item())
                """
            )
        ),
        example(
            """
            def first_word(lines):
                skipped = 0
                for line in lines:
                    if not line.strip():
                        skipped += 1
                        continue
                    word = line.split()[0]
                    break
                return word, skipped / len(lines)


            print(first_word(["", "a b"]))
            """
        ),
        example(
            """
            def read(path, attempts=3):
                text, failures = "", 0
                for _ in range(attempts):
                    try:
                        text = open(path).read()
                        break
                    except OSError:
                        failures += 1
                        continue
                return text, failures / attempts


            print(read("missing.txt"))
            """
        ),
        example(
            """
            def largest(rows):
                best = 0
                for row in rows:
                    for value in row:
                        best = max(best, value)
                        continue
                return best


            print(largest([[1, 5], [9, 2]]))
            """
        ),
    ),
    check=check,
)
