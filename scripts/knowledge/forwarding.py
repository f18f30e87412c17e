"""What a constructor takes by `**kwargs`, where the sources tell: popped, given on or refused."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import cache

from facts import Deprecation, Reader, Signature, Taken, constant_text, instead
from source import FUNCTIONS, dotted_name


@dataclass(frozen=True)
class Handled:
    """`names` are taken out of the keywords; then the rest is `refused`, or `given_on` without `passed` ones."""

    names: tuple[str, ...] = ()
    refused: bool = False
    given_on: bool = False
    passed: tuple[str, ...] = ()
    positional: int = 0


def expand(reader: Reader) -> None:
    """Puts in the place of `**kwargs` what it may hold, for every class of which this is certain."""

    @cache
    def order(name: str) -> tuple[str, ...]:
        """A class and its bases, as far as they can be read, the next constructor first."""
        found, waiting = [name], list(reader.things[name].bases)
        while waiting:
            base = waiting.pop(0)
            if base in reader.things and base not in found:
                found.append(base)
                waiting[:0] = reader.things[base].bases
        return tuple(found)

    def above(name: str) -> str | None:
        return next((base for base in order(name)[1:] if "__init__" in reader.things[base].members), None)

    @cache
    def taken(name: str) -> tuple[Taken, ...] | None:
        """All a class can be given by keyword; None where it may be anything."""
        thing = reader.things[name]
        made = thing.members.get("__init__")
        if made is None:
            return taken(inherited) if (inherited := above(name)) is not None else None
        node = reader.constructors.get(name)
        if made.signature is None or not made.signature.certain or node is None:
            return None
        own = [item for item in made.signature.parameters[1:] if item.kind not in ("**", "*args")]
        if node.args.kwarg is None:
            return tuple(own)
        handled = handling(node, node.args.kwarg.arg, reader.methods.get(name, {}))
        if handled is None or not (handled.refused or handled.given_on):
            return None
        more = [Taken(word, "*", "...", deprecation=warned_of(node, word)) for word in handled.names]
        if handled.given_on:
            base = above(name)
            further = taken(base) if base is not None else None
            if further is None:
                return None
            rest = further[handled.positional :]
            more += [replace(item, kind="*") for item in rest if item.name not in handled.passed]
        known = {item.name for item in own}
        found = {item.name: item for item in reversed(more) if item.name not in known}
        return (*own, *reversed(found.values()))

    whole = {name: taken(name) for name, thing in reader.things.items() if thing.kind == "class"}
    for name, parameters in whole.items():
        made = reader.things[name].members.get("__init__")
        if made is None or made.signature is None or parameters is None:
            continue
        before = [item for item in made.signature.parameters if item.kind != "**"]
        if len(before) < len(made.signature.parameters):
            known = {item.name for item in before}
            more = [item if item.default is not None else replace(item, default="...") for item in parameters]
            made.signature = Signature([*before, *(item for item in more if item.name not in known)])


def warned_of(node: ast.stmt, word: str) -> Deprecation | None:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and (dotted_name(call.func) or "").rpartition(".")[2] in ("warn", "warning"):
            text = " ".join(constant_text(call).split())
            if re.search(rf"`{word}`(?: argument)? is (?:deprecated|no longer supported)", text):
                return Deprecation("", instead(text))
    return None


def handling(node: ast.stmt, keywords: str, methods: dict[str, ast.stmt]) -> Handled | None:
    """What becomes of the dictionary called `keywords` in a function; None where that cannot be told."""
    names: list[str] = []
    passed: list[str] = []
    positional, refused, given_on = 0, False, False
    read: set[int] = set()

    def mark(part: ast.AST) -> None:
        read.update(id(item) for item in ast.walk(part) if isinstance(item, ast.Name))

    def is_it(part: ast.AST | None) -> bool:
        return isinstance(part, ast.Name) and part.id == keywords

    for part in ast.walk(node):
        if (
            isinstance(part, ast.If)
            and raises(part.body)
            and (is_it(part.test) or ast.unparse(part.test) in (f"len({keywords}) > 0", f"len({keywords})"))
        ):
            refused = True
            mark(part)
        elif isinstance(part, ast.For) and (is_it(part.iter) or ast.unparse(part.iter) == f"{keywords}.keys()"):
            allowed = unless_in(part, node)
            if allowed is None and not raises(part.body):
                return None
            names += allowed or []
            refused = True
            mark(part)
        elif isinstance(part, ast.Subscript) and is_it(part.value) and id(part.value) not in read:
            if not isinstance(part.slice, ast.Constant):
                return None
            names.append(str(part.slice.value))
            mark(part.value)
        elif isinstance(part, ast.Compare) and len(part.ops) == 1 and is_it(part.comparators[0]):
            if not isinstance(part.left, ast.Constant):
                return None
            mark(part.comparators[0])
        elif isinstance(part, ast.Call):
            called = dotted_name(part.func) or ast.unparse(part.func)
            if isinstance(part.func, ast.Attribute) and is_it(part.func.value):
                first = part.args[0] if part.args else None
                if part.func.attr not in ("pop", "get") or not isinstance(first, ast.Constant):
                    return None
                names.append(str(first.value))
                mark(part.func.value)
            elif called.endswith("validate_kwargs") and part.args and is_it(part.args[0]):
                listed = strings(part.args[1] if len(part.args) > 1 else None, node)
                if listed is None:
                    return None
                names, refused = [*names, *listed], True
                mark(part.args[0])
            elif called.startswith("self.") and len(part.args) == 1 and is_it(part.args[0]):
                inner = methods.get(called.removeprefix("self."))
                if not isinstance(inner, FUNCTIONS) or len(inner.args.args) != 2:
                    return None
                found = handling(inner, inner.args.args[1].arg, methods)
                if found is None:
                    return None
                names, refused = [*names, *found.names], refused or found.refused
                mark(part.args[0])
            elif any(word.arg is None and is_it(word.value) for word in part.keywords):
                if given_on or not re.match(r"super\(.*\)\.__init__$", ast.unparse(part.func)):
                    return None
                if any(isinstance(argument, ast.Starred) for argument in part.args):
                    return None
                given_on, positional = True, len(part.args)
                passed += [word.arg for word in part.keywords if word.arg is not None]
                for word in part.keywords:
                    if word.arg is None:
                        mark(word.value)
    left = [item for item in ast.walk(node) if is_it(item) and id(item) not in read]
    if left:
        return None
    return Handled(tuple(dict.fromkeys(names)), refused and not given_on, given_on, tuple(passed), positional)


def raises(body: list[ast.stmt]) -> bool:
    """Whether a body ends in an exception whatever happens."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return raises(last.body) and raises(last.orelse)
    return isinstance(last, ast.Raise)


def unless_in(loop: ast.For, node: ast.stmt) -> list[str] | None:
    """`for k in kwargs: if k not in allowed: raise ...`: what is allowed."""
    test = loop.body[0].test if isinstance(loop.body[0], ast.If) else None
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.NotIn):
        return None
    inner = loop.body[0]
    return strings(test.comparators[0], node) if isinstance(inner, ast.If) and raises(inner.body) else None


def strings(value: ast.expr | None, node: ast.stmt) -> list[str] | None:
    """A set or list of strings, given as it is or by a name that the function gives it."""
    if isinstance(value, ast.Name):
        given = [
            item.value
            for item in ast.walk(node)
            if isinstance(item, ast.Assign) and dotted_name(item.targets[0]) == value.id
        ]
        return strings(given[0], node) if len(given) == 1 and not isinstance(given[0], ast.Name) else None
    if isinstance(value, (ast.Set, ast.List, ast.Tuple)):
        found = [item.value for item in value.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        return found if len(found) == len(value.elts) else None
    return None
