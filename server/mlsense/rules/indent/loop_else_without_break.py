"""An `else` that belongs to the loop, where the `if` above it was meant: without a `break` it always runs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Edit, Fix, Location, Severity
from mlsense.rules.reading import place_in, related, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Looped
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

AnyLoop = ast.For | ast.AsyncFor | ast.While
LEAVES = (ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)


def check(trace: Trace) -> Iterator[Draft]:
    seen: set[Place] = set()
    for event in trace.that(_always_runs, Looped):
        if event.loop.header in seen:
            continue
        seen.add(event.loop.header)
        node = loops.statement_of(trace, event.loop)
        word = _word(trace, event.loop, node) if node is not None else None
        if node is None or word is None or any(isinstance(part, LEAVES) for part in ast.walk(node)):
            continue
        asked = _open_if(node)
        wanted = _belongs_to(event.loop, node, asked) if asked is not None else None
        lost = _overwritten(node) if wanted is None else None
        if wanted is not None and asked is not None:
            yield Draft(
                f"This `else` belongs to `{event.loop.text}`, not to `if {short(ast.unparse(asked.test), 40)}`: "
                f"nothing breaks the loop, so it runs once, after the last pass, {wanted}. "
                "Move it to the level of that `if`.",
                word,
                related(
                    trace, (event.loop.header, "the loop it belongs to"), (_header(event.loop, asked), "this `if`")
                ),
                _to_the_if(trace, event.loop, node, asked, word),
            )
        elif lost is not None:
            name, found = lost
            yield Draft(
                f"This `else` belongs to `{event.loop.text}`, and nothing breaks the loop, so it always runs: what the "
                f"loop found for `{name}` is overwritten. Leave the loop with `break` where `{name}` is found.",
                word,
                related(
                    trace, (event.loop.header, "the loop it belongs to"), (place_in(event.loop.header, found), "lost")
                ),
            )


def _always_runs(event: Looped) -> bool:
    return event.otherwise and not event.breaks


def _open_if(node: AnyLoop) -> ast.If | None:
    """The last `if` of the body, its last `elif`, that has no `else` yet."""
    last = node.body[-1]
    while isinstance(last, ast.If):
        if not last.orelse:
            return last
        last = last.orelse[0] if len(last.orelse) == 1 else last.body[0]
    return None


def _belongs_to(loop: Loop, node: AnyLoop, asked: ast.If) -> str | None:
    """What shows that the `else` is of the `if`: it reads what each pass has, or grows what the `if` grows."""
    read = {name for part in node.orelse for name in loops.names_in(part)}
    of_pass = [name for name in loop.targets if name in read & loops.names_in(asked)]
    if of_pass:
        return f"with `{of_pass[0]}` as the last one left it"
    grown = [name for name in loop.accumulators if any(_grows(part, name) for part in asked.body)]
    both = [name for name in grown if any(_grows(part, name) for part in node.orelse)]
    return f"and adds to `{both[0]}` once" if both else None


def _grows(part: ast.stmt, name: str) -> bool:
    if loops.collects(part, name):
        return True
    return any(isinstance(each, ast.AugAssign) and ast.unparse(each.target) == name for each in ast.walk(part))


def _overwritten(node: AnyLoop) -> tuple[str, ast.stmt] | None:
    """A name that the `else` binds to a constant, and the loop under an `if` to another one, without reading it."""
    for part in node.orelse:
        target = _constant_name(part)
        if target is None or any(_reads(each, target) for each in node.body):
            continue
        for asked in node.body:
            for inner in asked.body if isinstance(asked, ast.If) else ():
                if _bound(inner) == target and ast.dump(inner.value) != ast.dump(part.value):  # type: ignore[attr-defined]
                    return target, inner
    return None


def _bound(part: ast.stmt) -> str | None:
    if isinstance(part, ast.Assign) and len(part.targets) == 1 and isinstance(part.targets[0], ast.Name):
        return part.targets[0].id
    return None


def _constant_name(part: ast.stmt) -> str | None:
    return _bound(part) if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant) else None


def _reads(part: ast.stmt, name: str) -> bool:
    return name in loops.names_in(part)


# --- places and the fix --------------------------------------------------------------------------------------


def _word(trace: Trace, loop: Loop, node: AnyLoop) -> Location | None:
    """Where `else` is written."""
    first, last = (
        trace.locate(place_in(loop.header, node.orelse[0])),
        trace.locate(place_in(loop.header, node.body[-1])),
    )
    if first is None or last is None:
        return None
    source = trace.source(first[0])
    for number in range(source.lines.position(last[1].end).line + 1, source.lines.position(first[1].start).line + 1):
        span = source.lines.line_span(number)
        text = source.text[slice(*span)]
        if text.lstrip().startswith("else"):
            start = span.start + len(text) - len(text.lstrip())
            return Location(first[0], Span(start, start + len("else")))
    return None


def _header(loop: Loop, asked: ast.If) -> Place:
    return place_in(loop.header, asked.test)


def _to_the_if(trace: Trace, loop: Loop, node: AnyLoop, asked: ast.If, word: Location) -> Fix | None:
    """Takes `else` and its block as many columns to the right as the `if` stands."""
    source = trace.source(word.cell)
    line = source.lines.position(word.span.start).line
    span = source.lines.line_span(line)
    old = source.text[span.start : word.span.start]
    indent = editing.indentation(trace, place_in(loop.header, asked))
    last = trace.locate(place_in(loop.header, node.orelse[-1]))
    if indent is None or last is None or old.strip() or not indent.startswith(old) or indent == old:
        return None
    for part in node.orelse:
        if editing.shifted(trace, place_in(loop.header, part), part, indent) is None:
            return None
    more = indent[len(old) :]
    numbers = range(line, source.lines.position(last[1].end).line + 1)
    spans = [source.lines.line_span(number) for number in numbers]
    edits = [
        Edit(word.cell, TextEdit(Span(each.start, each.start), more))
        for each in spans
        if source.text[slice(*each)].strip()
    ]
    return Fix("Move `else` to the level of the `if`", "safe", tuple(edits))


RULE = Rule(
    name="loop-else-without-break",
    family="indent",
    severity=Severity.WARNING,
    summary="An else one level too far left belongs to the loop: without a break it always runs, and only once.",
    finds="""
        The `else` of a loop in which there is no `break`, where the loop ends with an `if` without an `else`, and this
        `else` reads the loop's variable as that `if` does, or adds to what that `if` adds to. And one that sets a name
        which the loop sets under an `if`: the loop's finding is always overwritten.
        """,
    matters="""
        The `else` of a loop runs after the last pass unless a `break` left the loop. One level too far left, and of all
        rows that the `if` did not take only the last one is dealt with.
        """,
    silent="""
        Loops with a `break`, or left by `return` or `raise`; an `else` that has nothing to do with what the `if` does,
        such as a message at the end.
        """,
    repair="""
        Moves the `else` and its block to the level of the `if`. Safe: nothing else moves. Where a `break` is missing no
        fix is offered.
        """,
    bad=(
        example(
            """
            low, high = [], []
            for value in [3, 8, 1, 9]:
                if value < 5:
                    low.append(value)
            else:  # <- loop-else-without-break
                high.append(value)
            print(low, high)
            """
        ),
        example(
            """
            def count(labels, predictions):
                right = wrong = 0
                for label, prediction in zip(labels, predictions):
                    if label == prediction:
                        right += 1
                else:  # <- loop-else-without-break
                    wrong += 1 if label is not None else 0
                return right, wrong


            print(count([0, 1, 1], [1, 1, 0]))
            """
        ),
        example(
            """
            import pandas as pd

            frame = pd.DataFrame({"age": [20, 30], "city": ["a", "b"]})
            numbers, texts = [], []
            for column in frame.columns:
                kind = frame[column].dtype
                if kind == "int64":
                    numbers.append(column)
                elif kind == "float64":
                    numbers.append(column)
            else:  # <- loop-else-without-break
                texts.append(column)
            print(numbers, texts)
            """
        ),
        example(
            """
            def has_gaps(rows):
                for row in rows:
                    if None in row:
                        answer = True
                else:  # <- loop-else-without-break
                    answer = False
                return answer


            print(has_gaps([[1, None], [2, 3]]))
            """
        ),
    ),
    good=(
        example(
            """
            low, high = [], []
            for value in [3, 8, 1, 9]:
                if value < 5:
                    low.append(value)
                else:
                    high.append(value)
            print(low, high)
            """
        ),
        example(
            """
            for number in range(2, 10):
                for divisor in range(2, number):
                    if number % divisor == 0:
                        print(number, "is", divisor, "times", number // divisor)
                        break
                else:
                    print(number, "is prime")
            """
        ),
        example(
            """
            def position(values, wanted):
                for index, value in enumerate(values):
                    if value == wanted:
                        return index
                else:
                    return len(values), value


            print(position("abc", "c"), position("abc", "d"))
            """
        ),
        example(
            """
            total = 0
            for value in [1, 2, 3]:
                if value > 1:
                    total += value
            else:
                print("done", total)
            """
        ),
        example(
            """
            def wait(tries):
                for attempt in tries:
                    if attempt:
                        ready = True
                        break
                else:
                    ready = False
                return ready


            print(wait([0, 1]), wait([0, 0]))
            """
        ),
        example(
            """
            last = None
            for value in [4, 6]:
                if value > 4:
                    print("large", value)
            else:
                last = "the end"
            print(last)
            """
        ),
    ),
    check=check,
    references=(
        "Python tutorial, [`else` clauses on "
        "loops](https://docs.python.org/3/tutorial/controlflow.html#else-clauses-on-loops)",
    ),
)
