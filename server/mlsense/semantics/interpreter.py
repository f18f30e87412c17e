"""Runs statements: bindings, branches, loops, functions, classes, imports."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

from mlsense.semantics.core import GRADIENTS, Frame, code_of, constant, text_of
from mlsense.semantics.events import Chained, Defined, Ended, Loop, Looped, Return
from mlsense.semantics.expressions import ANSWER, MAX_ELEMENTS, Expressions
from mlsense.semantics.models import frames, is_library, labels, picking, scores, torch_training
from mlsense.semantics.models.effects import Call
from mlsense.semantics.models.estimators import set_params
from mlsense.semantics.models.exports import ANYTHING, star_name, stars_of
from mlsense.semantics.modules import Request
from mlsense.semantics.state import Delta, join_values
from mlsense.semantics.values import (
    MAIN,
    MOMENTS,
    NONE,
    UNKNOWN,
    ClassValue,
    Const,
    Data,
    DictObject,
    Either,
    Estimator,
    Function,
    Instance,
    Iterates,
    ListObject,
    Method,
    ModuleValue,
    Opaque,
    Ordered,
    Partial,
    Ref,
    Scope,
    Symbol,
    Value,
    merge_scores,
)
from mlsense.syntax import names_of_magic, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_PASSES = 3
GROWING = frozenset(("append", "extend", "update", "add"))


@dataclass(slots=True)
class _Pass:
    """One run of a loop's body: the states at which it ended early."""

    depth: int
    ended: list[Delta]
    left: bool = False


class Interpreter(Expressions):
    """One method per kind of statement, named after its class."""

    passes: list[_Pass]

    def execute(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            if not self.alive:
                return
            self.run_statement(statement)

    def run_statement(self, statement: ast.stmt) -> None:
        self.spend()
        outer, self.statement = self.statement, statement
        handler = _HANDLERS.get(statement.__class__)
        if handler is not None:
            handler(self, statement)
        self.statement = outer

    # --- bindings -------------------------------------------------------------------------------

    def _run_Expr(self, node: ast.Expr) -> None:
        path = names_of_magic(node)
        if path is not None:
            self._run_names_of_file(path)
            return
        self.evaluate(node.value)

    def _run_Assign(self, node: ast.Assign) -> None:
        value = self.answered(node.value, self.evaluate(node.value))
        if self.loops and len(node.targets) == 1 and isinstance(node.value, ast.BinOp):
            own = code_of(node.targets[0])
            parts = list(_added(node.value))
            if any(code_of(part) == own for part in parts):
                self.gathered(node, own, [part for part in parts if code_of(part) != own], "sum")
        for target in node.targets:
            self.assign(target, value)

    def _run_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value))
        elif isinstance(node.target, ast.Name) and self._in_class():
            self.bind(node.target.id, UNKNOWN)

    def _run_AugAssign(self, node: ast.AugAssign) -> None:
        old = self.evaluate(_as_load(node.target))
        value = self.evaluate(node.value)
        if self.loops and isinstance(node.op, (ast.Add, ast.Sub)):
            self.gathered(node, code_of(node.target), list(_added(node.value)), "sum")
        if isinstance(constant(value), (int, float)) and self._is_outside(node.target, old):
            self.traced(node, "counter", code_of(node.target), old)
        result = self.combine(node, old, node.op, value)
        thing = self.object(result)
        before = self.object(old)
        if isinstance(node.target, ast.Subscript) and isinstance(self.object(self.value_at(node.target.value)), Data):
            # Rows of an array that are picked and changed are changed in the array.
            self.assign(node.target, result)
            return
        if isinstance(before, (Data, DictObject)) and thing is not None and type(thing) is type(before):
            # Arrays, frames and dicts change in place, so every alias sees it.
            self.update(old, thing)
            return
        self.assign(node.target, result)

    def _is_outside(self, target: ast.expr, old: Value) -> bool:
        """Whether it is a plain number that outlives the call: an attribute, or a name of the module."""
        options = old.options if isinstance(old, Either) else (old,)
        # What it was made in earlier passes is not known, but it began as a number.
        numbers = any(isinstance(constant(each), (int, float)) for each in options)
        numbers = numbers and all(self.object(each) is None for each in options)
        named = isinstance(target, ast.Name) and target.id in self.frame.module_names | self.frame.outer_names
        return numbers and (named or isinstance(target, ast.Attribute))

    def assign(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
            self.see(target, target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._assign_each(target.elts, value, target)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value)
        elif isinstance(target, ast.Attribute):
            self._assign_attribute(target, value)
        elif isinstance(target, ast.Subscript):
            self._assign_item(target, value)

    def _assign_each(self, targets: list[ast.expr], value: Value, node: ast.AST) -> None:
        if self.is_answer(value):
            # `major, minor = pandas.__version__.split(".")[:2]`
            for part in targets:
                self.assign(part, value)
            return
        star = next((index for index, part in enumerate(targets) if isinstance(part, ast.Starred)), None)
        if star is None:
            for part, item in zip(targets, self.unpack(value, len(targets), node), strict=True):
                self.assign(part, item)
            return
        items = self.items_of(value)
        after = len(targets) - star - 1
        if items is None or len(items) < len(targets) - 1:
            element = self.element_of(value, node)
            for part in targets:
                rest = isinstance(part, ast.Starred)
                self.assign(part, self.alloc(part, ListObject(None, element)) if rest else element)
            return
        middle = self.alloc(targets[star], ListObject(items[star : len(items) - after]))
        values = [*items[:star], middle, *items[len(items) - after :]]
        for part, item in zip(targets, values, strict=True):
            self.assign(part, item)

    def _assign_attribute(self, target: ast.Attribute, value: Value) -> None:
        base = self.evaluate(target.value)
        if self.set_attribute(base, target.attr, value, target):
            self.see(target, code_of(target), value)

    def set_attribute(self, base: Value, name: str, value: Value, node: ast.AST) -> bool:
        """`base.name = value`; whether it is a plain attribute that can be read again."""
        thing = self.object(base)
        if isinstance(thing, Data) and thing.kind == "frame":
            if name == "columns":
                names = frames.names_in(self, value)
                self.update(base, frames.with_names(thing, names))
            elif name == "index":
                given = self.data(value)
                known = given is not None and MOMENTS in given.sources
                order = Ordered(self.origin(node), code_of(node)[:60], True) if known else None
                self.update(base, replace(thing, order=order or thing.order))
            else:
                self.update(base, frames.assign_columns(thing, (name,), self.data(value), self.origin(node)))
            return False
        member = thing.cls.member(name) if isinstance(thing, Instance) else None
        if isinstance(member, Function) and member.setter is not None:
            self.enter(member.setter, node, [base, value], {}, True)
            return False
        if isinstance(base, ClassValue):
            self.state.set((base.origin, name), value)
        if isinstance(base, Ref):
            if isinstance(thing, Estimator) and name.endswith("_"):
                # What it would have learned is put into it by hand.
                self.update(base, replace(thing, handed_over=True))
            elif isinstance(thing, Estimator):
                set_params(self, base, Call(ast.Call(ast.Constant(name), [], []), [], {name: value}))
            self.state.set((base, name), value)
        return isinstance(base, Ref)

    def _chained(self, target: ast.Subscript) -> None:
        """Tells of a value that is set in what was taken out of a table, which is a table or column of its own."""
        taken = target.value
        if isinstance(taken, ast.Attribute) and taken.attr in frames.ROW_PICKERS:
            taken = taken.value
        if not isinstance(taken, (ast.Subscript, ast.Attribute)):
            return
        whole = taken.value
        picks = (
            isinstance(whole, ast.Attribute) and whole.attr in frames.ROW_PICKERS and isinstance(taken, ast.Subscript)
        )
        table = whole.value if picks and isinstance(whole, ast.Attribute) else whole
        thing = self.object(self.value_at(table)) if isinstance(table, ast.Name) else None
        if not isinstance(thing, Data) or thing.kind != "frame":
            return
        if isinstance(taken, ast.Attribute):
            if thing.columns is None or thing.columns.get(taken.attr) is None:
                return
            rows = False
        else:
            part = taken.slice.elts[0] if picks and isinstance(taken.slice, ast.Tuple) else taken.slice
            known = self.value_at(part) if isinstance(part, ast.Name) else None
            rows = isinstance(part, (ast.Compare, ast.UnaryOp, ast.BinOp)) or isinstance(self.object(known), Data)
            named = isinstance(part, ast.Constant) and isinstance(part.value, str)
            if not rows and not named and (known is None or self._names(known) is None):
                return
        places = (self.place(table), self.place(taken), self.place(target))
        self.emit(Chained(*self.circumstances(target), *places, rows))

    def _assign_item(self, target: ast.Subscript, value: Value) -> None:
        base = self.evaluate(target.value)
        self._chained(target)
        data = self.data(value)
        if isinstance(base, Method) and base.name in frames.ROW_PICKERS:
            thing = self.object(base.receiver)
            if isinstance(thing, Data):
                thing = replace(thing, scores=merge_scores(thing.scores, scores.scores_of(self, [value])))
                parts = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
                keys = [self.evaluate(part) for part in parts]
                names = self._names(keys[1]) if len(keys) > 1 else None
                self.update(base.receiver, frames.assign_rows(thing, data, names, picking.picker(self, keys[0])))
            return
        thing = self.object(base)
        key = UNKNOWN if isinstance(target.slice, ast.Slice) else self.evaluate(target.slice)
        found = constant(key)
        if isinstance(thing, Instance):
            member = thing.cls.member("__setitem__")
            if isinstance(member, Function):
                self.enter(member, target, [base, key, value], {}, True)
        elif isinstance(thing, Data):
            found_scores = scores.scores_of(self, [value])
            if found_scores:
                thing = replace(thing, scores=merge_scores(thing.scores, found_scores))
            names = self._names(key)
            mask = None
            if thing.mask is not None:
                place = target.slice
                if isinstance(place, ast.Slice):
                    rows: Data | None = frames.sliced(self, picking.POSITIONS, place, target)
                else:
                    rows = picking.picker(self, key)
                mask = picking.marked(thing.mask, rows, constant(value))
            if mask is not None:
                self.update(base, replace(thing, mask=mask))
                return
            if names is not None or thing.kind == "frame":
                self.update(base, frames.assign_columns(thing, names, data, self.origin(target)))
            else:
                self.update(base, frames.assign_rows(thing, data, None, picking.picker(self, key)))
        elif isinstance(thing, DictObject):
            # Under a key that is not known: one value stands for all of these.
            element = join_values(thing.element, value) if thing.open else value
            self.update(base, replace(thing, open=True, element=element) if found is ... else thing.put(found, value))
        elif isinstance(thing, ListObject):
            items = thing.items
            if items is not None and isinstance(found, int) and -len(items) <= found < len(items):
                changed = list(items)
                changed[found] = value
                self.update(base, replace(thing, items=tuple(changed)))
            else:
                self.update(base, ListObject(None, join_values(self.any_of(list(items)), value) if items else UNKNOWN))

    def _names(self, key: Value) -> tuple[str, ...] | None:
        name = text_of(key)
        return (name,) if name is not None else frames.names_in(self, key)

    def _run_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.state.set((self.frame.id, target.id), None)
            elif isinstance(target, ast.Subscript):
                base = self.evaluate(target.value)
                thing = self.object(base)
                key = self.evaluate(target.slice)
                names = self._names(key)
                labels.forget(self, base)
                if isinstance(thing, Data) and names is not None:
                    self.update(base, frames.without_columns(thing, names))
                elif isinstance(thing, DictObject):
                    self.update(base, thing.without(constant(key)))
                elif isinstance(thing, ListObject):
                    items = thing.items
                    self.update(base, ListObject(None, self.any_of(list(items)) if items else thing.element))

    # --- definitions ----------------------------------------------------------------------------

    def _in_class(self) -> bool:
        return isinstance(self.frame.id, Scope) and self.frame.id.kind == "class"

    def _run_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = tuple(self.evaluate(decorator) for decorator in node.decorator_list)
        home = self.frame.outer if self._in_class() else self.frame.id
        self.captured.add(home)
        function = Function(self.origin(node), node.name, home, self.defaults_of(node.args), decorators, node=node)
        self.bind(node.name, self._decorated(function, node))

    def _decorated(self, function: Function, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
        """What the program's own decorators make of a function; those of libraries give it back, as far as we know."""
        result: Value = function
        for decorator, expression in zip(reversed(function.decorators), reversed(node.decorator_list), strict=True):
            if isinstance(decorator, Method) and isinstance(decorator.receiver, Function):
                # Of a property: how it is written to, or removed.
                getter = decorator.receiver
                return replace(getter, setter=function) if decorator.name == "setter" else getter
            if isinstance(decorator, (Function, ClassValue)) or isinstance(self.object(decorator), Instance):
                applied = ast.copy_location(ast.Call(expression, [], []), expression)
                made = self.call(decorator, Call(applied, [result], {}))
                known = isinstance(made, (Function, Partial)) or isinstance(self.object(made), Instance)
                result = made if known else result
        return result

    _run_AsyncFunctionDef = _run_FunctionDef

    def _run_ClassDef(self, node: ast.ClassDef) -> None:
        bases = tuple(self.evaluate(base) for base in node.bases)
        decorators = [self.evaluate(decorator) for decorator in node.decorator_list]
        origin = self.origin(node)
        home = self.frame.outer if self._in_class() else self.frame.id
        frame = Frame(Scope("class", origin), self.frame.unit, self.frame.function, home, self.frame.path)
        self.state.push()
        self.frames.append(frame)
        self.captured.add(home)
        try:
            self.execute(node.body)
        finally:
            self.frames.pop()
            delta = self.state.pop()
        own = {key: entry for key, entry in delta.items() if isinstance(key, tuple) and key[0] is frame.id}
        members: Any = tuple((key[1], entry) for key, entry in own.items() if entry is not None)
        self.state.apply({key: entry for key, entry in delta.items() if key not in own})
        made = ClassValue(origin, node.name, bases, members)
        self._announce(made, node)
        if made.library_bases():
            base = (origin, tuple(self.loops), self.assumed, self.statement_place())
            self.emit(Defined(*base, made, origin.place))
        result: Value = made
        for decorator, expression in zip(reversed(decorators), reversed(node.decorator_list), strict=True):
            if isinstance(decorator, Function):
                applied = ast.copy_location(ast.Call(expression, [], []), expression)
                found = self.call(decorator, Call(applied, [result], {}))
                result = found if isinstance(found, ClassValue) else result
        self.bind(node.name, result)

    def _announce(self, made: ClassValue, node: ast.ClassDef) -> None:
        """Tells the class above, where it wants to know of those that derive from it."""
        given = {keyword.arg: self.evaluate(keyword.value) for keyword in node.keywords if keyword.arg is not None}
        for base in made.bases:
            member = base.member("__init_subclass__") if isinstance(base, ClassValue) else None
            if isinstance(member, Function):
                self.enter(member, node, [made], given, True)

    def _run_Global(self, node: ast.Global) -> None:
        self.frame.module_names.update(node.names)

    def _run_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.frame.outer_names.update(node.names)

    def _run_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            if not isinstance(self.imported(alias.name, 0), ModuleValue):
                self.name_library(alias, alias.name, imported=True)
            if alias.asname is not None:
                self.bind(alias.asname, self.imported(alias.name, 0))
            else:
                found = self.imported(alias.name, 0)
                outer = self.imported(root, 0)
                folder = isinstance(found, ModuleValue) and not isinstance(outer, ModuleValue)
                self.bind(root, ModuleValue(root, None) if folder else outer)

    def _run_ImportFrom(self, node: ast.ImportFrom) -> None:
        name = node.module or ""
        source = self.imported(name, node.level)
        for alias in node.names:
            if alias.name == "*":
                self._import_all(source, Request(self._file(), name, node.level))
            elif isinstance(source, ModuleValue):
                self.bind(alias.asname or alias.name, self.member(source, alias.name))
            else:
                # A folder without `__init__.py` holds modules, too.
                inner = self.imported(f"{name}.{alias.name}" if name else alias.name, node.level)
                named = Symbol(f"{'.' * node.level}{name}.{alias.name}")
                if not isinstance(inner, ModuleValue) and node.level == 0:
                    self.name_library(alias, named.name, imported=True)
                self.bind(alias.asname or alias.name, inner if isinstance(inner, ModuleValue) else named)

    def _import_all(self, source: Value, request: Request) -> None:
        if not isinstance(source, ModuleValue):
            self._open_to(("." * request.level + request.name,))
            return
        module = self.imports.find(request) if source.path is not None else None
        if module is None:
            self._open_to((ANYTHING,))
            return
        listed = self.items_of(self.member(source, "__all__")) if (source.path, "__all__") in module.state else None
        wanted = None if listed is None else {text_of(item) for item in listed}
        keys: list[Any] = list(module.state)
        for key in keys:
            if _is_name_of(key, source.path) and (wanted is None or key[1] in wanted):
                self.bind(key[1], self.member(source, key[1]))
        self._open_to(stars_of(module.state.get((module.path, "*"))))

    def _open_to(self, modules: tuple[str, ...]) -> None:
        """Names that nothing binds may come from these modules from here on."""
        if modules:
            known = stars_of(self.state.get((self.module, "*")))
            self.state.set((self.module, "*"), Const.of((*known, *modules)))

    def _run_names_of_file(self, path: str) -> None:
        """IPython's `%run`: the names of a file come here, as far as it is in the workspace, and maybe others."""
        parts = path.removesuffix(".py").split("/")
        above = parts.count("..")
        inner = [part for part in parts if part not in (".", "..")]
        if path.endswith(".py") and all(part.isidentifier() for part in inner):
            name, level = ".".join(inner), 1 + above
            self._import_all(self.imported(name, level), Request(self._file(), name, level))
        self._open_to((ANYTHING,))

    def _file(self) -> str:
        return self.imports.path if self.module == MAIN else self.module

    def imported(self, name: str, level: int) -> Value:
        """A module by its name: of the workspace if it is there, else of a library."""
        if level == 0 and is_library(name):
            return Symbol(name)
        found = self.imports.find(Request(self._file(), name, level))
        if found is None:
            return Symbol("." * level + name)
        return ModuleValue(name, found.path)

    # --- flow -----------------------------------------------------------------------------------

    def _run_If(self, node: ast.If) -> None:
        test = constant(self.evaluate(node.test))
        if test is not ...:
            self._take(node, node.body if test else node.orelse)
            return
        self.markers.append("guard")
        cautious = self.asks_what_there_is(node.test)
        self.guards += cautious
        deltas = [
            self.branch(lambda: self.execute(node.body)),
            self.branch(lambda: self.execute(node.orelse)),
        ]
        self.guards -= cautious
        self.markers.pop()
        self.join(deltas)
        if None in deltas:
            # What follows runs only when the branch that leaves was not taken.
            self.markers.append("guard")
            self.guards += cautious

    def _take(self, node: ast.If, body: list[ast.stmt]) -> None:
        """The branch that is known to be taken, in this pass: in the next it may be the other."""
        path = self.frame.path
        if not path or not isinstance(path[-1], int):
            self.execute(body)
            return
        self.markers.append("guard")
        self.execute(body)
        self.markers.pop()
        if any(isinstance(part, (ast.Continue, ast.Break, ast.Return, ast.Raise)) for part in walk(node)):
            self.markers.append("guard")

    def _run_Return(self, node: ast.Return) -> None:
        value = self.evaluate(node.value) if node.value is not None else NONE
        inside = self.loops_of_function()
        if inside:
            names = tuple(_returned(node.value)) if node.value is not None else ()
            self.emit(
                Return(
                    *self.circumstances(node),
                    inside, not self.conditional, names, self.frame.generator,
                )
            )  # fmt: skip
        self.frame.results.append(value)
        self.frame.exits.append(self.state.since(self.frame.depth))
        self.alive = False

    def _run_Raise(self, node: ast.Raise) -> None:
        if node.exc is not None:
            self.evaluate(node.exc)
        self.alive = False

    def _run_Assert(self, node: ast.Assert) -> None:
        self.evaluate(node.test)
        self.guards += self.asks_what_there_is(node.test)

    def _run_Break(self, node: ast.Break) -> None:
        self._tell_of_end(node, "break")
        self._end_pass(left=True)

    def _run_Continue(self, node: ast.Continue) -> None:
        self._tell_of_end(node, "continue")
        self._end_pass(left=False)

    def _tell_of_end(self, node: ast.stmt, how: Literal["break", "continue"]) -> None:
        inside = self.loops_of_function()
        if inside and not self.conditional:
            self.emit(Ended(*self.circumstances(node), how, inside[-1]))

    def _end_pass(self, left: bool) -> None:
        if self.passes:
            current = self.passes[-1]
            current.ended.append(self.state.since(current.depth))
            current.left = current.left or (left and not self.conditional)
        self.alive = False

    def _run_With(self, node: ast.With | ast.AsyncWith) -> None:
        switched: Value | None = None
        for item in node.items:
            value = self._entered(self.evaluate(item.context_expr), item.context_expr)
            switched = torch_training.switched(self, value) or switched
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value)
        cautious = any(_expects_failure(item.context_expr) for item in node.items)
        self.guards += cautious
        before = self.state.get(GRADIENTS) or Const.of(True) if switched is not None else None
        if switched is not None:
            self.state.set(GRADIENTS, switched)
        self.execute(node.body)
        if before is not None:
            self.state.set(GRADIENTS, before)
        self.guards -= cautious

    _run_AsyncWith = _run_With

    def _entered(self, value: Value, node: ast.expr) -> Value:
        """What `with ... as` binds: what an object's own `__enter__` gives, else the object."""
        thing = self.object(value)
        if isinstance(thing, Instance):
            for name in ("__enter__", "__aenter__"):
                member = thing.cls.member(name)
                if isinstance(member, Function):
                    return self.enter(member, node, [value], {}, True)
        return value

    def _run_Try(self, node: ast.Try) -> None:
        """The body is taken to succeed; handlers add what it leaves open."""
        cautious = bool(node.handlers)
        self.guards += cautious
        if node.handlers:
            self.markers.append("guard")
        body = self.branch(lambda: self.execute([*node.body, *node.orelse]), certain=True)
        if node.handlers:
            self.markers.pop()
        handled: list[Delta] = []
        for handler in node.handlers:
            self.markers.append("guard")
            delta = self.branch(partial(self._handle, handler))
            self.markers.pop()
            if delta is not None:
                handled.append(delta)
        self.guards -= cautious
        if body is not None:
            self.state.apply(body)
            for delta in handled:
                for key, entry in delta.items():
                    if key not in body and self.state.get(key) is None:
                        self.state.set(key, entry)
        else:
            self.join(list(handled))
        self._bind_answers(node)
        if self.alive and len(handled) < len(node.handlers):
            # What follows is skipped whenever a handler leaves.
            self.markers.append("guard")
        if self.alive:
            self.execute(node.finalbody)

    _run_TryStar = _run_Try

    def _bind_answers(self, node: ast.Try) -> None:
        """A flag that says whether the body went well is as good as a test for a version: `HAS_IX = False`."""
        failed = {name for handler in node.handlers for name in _flags(handler.body, False)}
        for name in failed.intersection(_flags([*node.body, *node.orelse], True)):
            self.bind(name, self.alloc(node, Opaque(ANSWER), name))

    def _handle(self, handler: ast.ExceptHandler) -> None:
        if handler.name:
            self.bind(handler.name, UNKNOWN)
        self.execute(handler.body)

    def _run_Match(self, node: ast.Match) -> None:
        subject = self.evaluate(node.subject)
        deltas: list[Delta | None] = []
        certain = False
        for case in node.cases:
            self.state.push()
            fits = self._fits(case.pattern, subject)
            if fits and case.guard is not None:
                answer = constant(self.evaluate(case.guard))
                fits = None if answer is ... else bool(answer)
            bound = self.state.pop()
            if fits is False:
                continue
            certain = fits is True
            if certain and not deltas:
                self.state.apply(bound)
                self.execute(case.body)
                return
            self.markers.append("guard")
            deltas.append(self.branch(partial(self._case, case, bound)))
            self.markers.pop()
            if certain:
                break
        self.join(deltas if certain else [{}, *deltas])

    def _case(self, case: ast.match_case, bound: Delta) -> None:
        self.state.apply(bound)
        self.execute(case.body)

    def _fits(self, pattern: ast.pattern, value: Value) -> bool | None:
        """Whether a value fits a pattern, None where that is not known; binds the names in it."""
        if isinstance(pattern, ast.MatchAs):
            fits = True if pattern.pattern is None else self._fits(pattern.pattern, value)
            self._capture(pattern.name, value)
            return fits
        if isinstance(pattern, ast.MatchOr):
            return _any_fits([self._fits(part, value) for part in pattern.patterns])
        if isinstance(pattern, (ast.MatchValue, ast.MatchSingleton)):
            wanted = constant(self.evaluate(pattern.value)) if isinstance(pattern, ast.MatchValue) else pattern.value
            found = constant(value)
            return None if ... in (wanted, found) else wanted == found
        if isinstance(pattern, ast.MatchSequence):
            return self._fits_sequence(pattern, value)
        if isinstance(pattern, ast.MatchMapping):
            thing = self.object(value)
            known = thing if isinstance(thing, DictObject) else DictObject((), open=True)
            found = [known.get(constant(self.evaluate(key))) for key in pattern.keys]
            self._capture(pattern.rest, UNKNOWN)
            return self._all_fit([(part, item) for part, item in zip(pattern.patterns, found, strict=True)], known.open)
        if isinstance(pattern, ast.MatchClass):
            return self._fits_class(pattern, value)
        return None

    def _capture(self, name: str | None, value: Value) -> None:
        if name is not None:
            self.bind(name, value)

    def _all_fit(self, pairs: Sequence[tuple[ast.pattern, Value | None]], open_: bool) -> bool | None:
        """Whether all parts fit; one that is missing does not, unless there may be others than those known."""
        answers = [self._fits(part, UNKNOWN if item is None else item) for part, item in pairs]
        missing = any(item is None for _, item in pairs)
        if missing:
            return None if open_ else False
        return False if False in answers else None if None in answers else True

    def _fits_sequence(self, pattern: ast.MatchSequence, value: Value) -> bool | None:
        items = self.items_of(value)
        star = next((n for n, part in enumerate(pattern.patterns) if isinstance(part, ast.MatchStar)), None)
        parts = [part for part in pattern.patterns if not isinstance(part, ast.MatchStar)]
        rest = pattern.patterns[star] if star is not None else None
        name = rest.name if isinstance(rest, ast.MatchStar) else None
        if items is None or (len(items) != len(parts) if star is None else len(items) < len(parts)):
            self._all_fit([(part, None) for part in parts], open_=True)
            self._capture(name, UNKNOWN)
            return None if items is None else False
        after = len(parts) - star if star is not None else 0
        middle = items[star : len(items) - after] if star is not None else ()
        if rest is not None and name is not None:
            self._capture(name, self.alloc(rest, ListObject(middle)))
        outer = (*items[:star], *items[len(items) - after :]) if star is not None else items
        return self._all_fit(list(zip(parts, outer, strict=True)), open_=False)

    def _fits_class(self, pattern: ast.MatchClass, value: Value) -> bool | None:
        cls, thing = self.evaluate(pattern.cls), self.object(value)
        same = isinstance(cls, ClassValue) and isinstance(thing, Instance) and thing.cls.descends_from(cls)
        names = list(pattern.kwd_attrs)
        if isinstance(cls, ClassValue) and pattern.patterns:
            fields = [name for name, member in cls.members if not isinstance(member, Function)]
            names = [*fields[: len(pattern.patterns)], *names]
        if not same or len(names) != len(pattern.patterns) + len(pattern.kwd_patterns):
            self._all_fit([(part, None) for part in (*pattern.patterns, *pattern.kwd_patterns)], open_=True)
            return None
        values = [self.attribute(value, name, pattern) for name in names]
        return self._all_fit(list(zip((*pattern.patterns, *pattern.kwd_patterns), values, strict=True)), open_=False)

    # --- loops ----------------------------------------------------------------------------------

    def _run_For(self, node: ast.For | ast.AsyncFor) -> None:
        iterable = self.iterated(self.evaluate(node.iter), node.iter)
        items = self.each_of(iterable, node.target, node.body)
        text = f"for {_bare(node.target)} in {code_of(node.iter)}"
        loop = self._loop(node, iterable, text, node.target)
        if items is not None and len(items) <= MAX_ELEMENTS:
            self._follow_each(node, loop, items)
        else:
            self._follow(node, loop, lambda: self.assign(node.target, self.element_of(iterable, node.iter)))
        self._looped(node, loop)
        self.execute(node.orelse)

    _run_AsyncFor = _run_For

    def _run_While(self, node: ast.While) -> None:
        loop = self._loop(node, None, f"while {code_of(node.test)}", None)
        self._follow(node, loop, lambda: self.evaluate(node.test))
        self._looped(node, loop)
        self.execute(node.orelse)

    def _looped(self, node: ast.For | ast.AsyncFor | ast.While, loop: Loop) -> None:
        grown = _grown_in(node)
        if self.alive and (grown.bound or node.orelse):
            base = self.circumstances(node)
            self.emit(Looped(*base, loop, grown.bound, grown.breaks, bool(node.orelse)))

    def _loop(
        self,
        node: ast.For | ast.AsyncFor | ast.While,
        iterable: Value | None,
        text: str,
        target: ast.expr | None,
    ) -> Loop:
        thing = self.object(iterable)
        iterates: Iterates = "unknown"
        length = None
        if isinstance(thing, ListObject):
            iterates = thing.iterates
            known = thing.items if thing.items is not None else thing.numbers
            length = len(known) if known is not None else None
        elif isinstance(thing, Opaque) and thing.symbol.endswith("DataLoader"):
            iterates = "loader"
        elif isinstance(thing, Data):
            iterates = "data"
        names = tuple(part.id for part in walk(target) if isinstance(part, ast.Name)) if target is not None else ()
        first, last = self.place(node.body[0]), self.place(node.body[-1])
        header = self.place(node)
        return Loop(
            self.origin(node),
            "while" if isinstance(node, ast.While) else "for",
            header._replace(end_line=first.line, end_column=0),
            first._replace(end_line=last.end_line, end_column=last.end_column),
            iterates,
            text if len(text) <= 60 else text[:57] + "...",
            names,
            tuple(name for name in _grown_in(node).anywhere if "." in name or self.lookup(name) is not None),
            length,
            _grown_in(node).at_the_end,
            thing.source if isinstance(thing, ListObject) and thing.source is not None else iterable,
            _grown_in(node).reset,
            self.conditional,
        )

    def _one_pass(self, body: list[ast.stmt], start: Callable[[], object]) -> tuple[list[Delta], bool]:
        """Runs the body once, in a layer that was pushed for it.

        Gives the states it may end in, and whether it certainly left the loop.
        """
        level = len(self.markers)
        current = _Pass(self.state.depth - 1, [])
        self.passes.append(current)
        alive, self.alive = self.alive, True
        start()
        self.execute(body)
        survived, self.alive = self.alive, alive
        self.passes.pop()
        del self.markers[level:]
        delta = self.state.pop()
        return ([*current.ended, delta] if survived else current.ended), current.left

    def _follow_each(self, node: ast.For | ast.AsyncFor, loop: Loop, items: tuple[Value, ...]) -> None:
        """A loop over known items: each is followed on its own."""
        self.loops.append(loop)
        self.markers.append("loop")
        for index, item in enumerate(items):
            if index and self.tired:
                self.unfollowed(node, "too large")
                break
            self.state.push()
            with self.iteration(index):
                ended, left = self._one_pass(node.body, partial(self.assign, node.target, item))
            if not ended:
                # Every way out of the body left the function.
                self.alive = False
                break
            self.state.join(ended)
            if left:
                break
        self.markers.pop()
        self.loops.pop()

    def _follow(self, node: ast.For | ast.AsyncFor | ast.While, loop: Loop, start: Callable[[], object]) -> None:
        """A loop over anything: passes until nothing new is learned; only the last one's events count."""
        self.loops.append(loop)
        self.markers.append("loop")
        first_event = len(self.events)
        self.frame.uncertain += 1
        for _ in range(MAX_PASSES):
            del self.events[first_event:]
            read = self.state.watch()
            ended, _left = self._one_pass(node.body, start)
            before = {key: self.state.get(key) for delta in ended for key in delta}
            self.state.join([{}, *ended])
            # Another pass that reads the same does the same.
            if all(key not in read or self.state.get(key) == entry for key, entry in before.items()):
                break
        self.frame.uncertain -= 1
        self.markers.pop()
        self.loops.pop()

    # --- names of star imports --------------------------------------------------------------------

    def lookup(self, name: str) -> Value | None:
        found = super().lookup(name)
        if found is not None:
            return found
        if name == "__name__":
            return Const.of("__main__" if self.module == MAIN else self.module)
        stars = stars_of(self.state.get((self.module, "*")))
        full = star_name(stars, name, self.imports.versions) if stars else None
        return Symbol(full) if full is not None else None

    def instance_of(self, cls: ClassValue, node: ast.AST) -> Ref:
        """An instance made by nobody we saw, for methods that nothing calls."""
        return self.alloc(node, Instance(cls), "self")


# The method that runs each kind of statement.
_HANDLERS: dict[type[ast.stmt], Callable[[Interpreter, Any], None]] = {
    kind: getattr(Interpreter, f"_run_{kind.__name__}")
    for kind in ast.stmt.__subclasses__()
    if hasattr(Interpreter, f"_run_{kind.__name__}")
}


def _any_fits(answers: Sequence[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


def _is_name_of(key: Any, path: str | None) -> bool:
    """Whether a key of a module's state is a public name of that module."""
    return isinstance(key, tuple) and key[0] == path and isinstance(key[1], str) and key[1][:1] not in ("_", "*", "")


_EXPECTING = frozenset(("suppress", "raises", "warns", "deprecated_call", "assertRaises", "assertWarns"))


def _expects_failure(context: ast.expr) -> bool:
    """Whether a `with` provides for what fails in it: `suppress(AttributeError)`, `patch("pandas.read_csv")`."""
    parts = code_of(context.func).split(".") if isinstance(context, ast.Call) else []
    return bool(parts) and (parts[-1] in _EXPECTING or "patch" in parts)


def _added(value: ast.expr) -> Iterator[ast.expr]:
    """Names and attributes that a sum, difference, product or quotient is made of."""
    if isinstance(value, (ast.Name, ast.Attribute)):
        yield value
    elif isinstance(value, ast.BinOp):
        yield from _added(value.left)
        yield from _added(value.right)


def _as_load(target: ast.expr) -> ast.expr:
    """The target of `x += 1` as it is read."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    return target


class _Grown(NamedTuple):
    """What a loop's body grows; what of that grows only below its last `continue`; what it binds anew in each pass."""

    anywhere: tuple[str, ...]
    at_the_end: tuple[str, ...]
    reset: tuple[str, ...]
    bound: tuple[str, ...]
    breaks: bool


_grown_by: WeakKeyDictionary[ast.stmt, _Grown] = WeakKeyDictionary()


def _grown_in(node: ast.For | ast.AsyncFor | ast.While) -> _Grown:
    """What the loop's body grows; asked again in every pass of a loop around it, and in every call."""
    found = _grown_by.get(node)
    if found is None:
        parts = [walk(each) for each in node.body]
        start = 1 + max((n for n, each in enumerate(parts) if _skips(each)), default=-1)
        grown = [_grown(each) for each in parts]
        before = {name for names in grown[:start] for name in names}
        plain = [isinstance(each, (ast.Expr, ast.Assign, ast.AugAssign)) for each in node.body]
        last = dict.fromkeys(
            name for n, names in enumerate(grown) if n >= start and plain[n] for name in names if name not in before
        )
        everything = dict.fromkeys(name for names in grown for name in names)
        reset = [
            name
            for n, each in enumerate(node.body)
            for name in _emptied(each)
            if any(name in names for names in grown[n + 1 :]) and not any(name in names for names in grown[:n])
        ]
        found = _grown_by[node] = _Grown(
            tuple(everything), tuple(last), tuple(reset), _bound_anew(node.body), any(map(_breaks, node.body))
        )
    return found


def _bound_anew(body: Sequence[ast.stmt]) -> tuple[str, ...]:
    """Plain names that the body binds in its own block, or under a `with`, and does not read before that."""
    found: dict[str, bool] = {}
    for part in body:
        inner = part.body if isinstance(part, (ast.With, ast.AsyncWith)) else [part]
        for each in inner:
            targets = each.targets if isinstance(each, ast.Assign) else []
            names = [name for target in targets for name in walk(target) if isinstance(name, ast.Name)]
            stored = {name.id: None for name in names if isinstance(name.ctx, ast.Store)}
            for name in walk(each):
                if isinstance(name, ast.Name) and (name.id not in stored or isinstance(name.ctx, ast.Load)):
                    found.setdefault(name.id, False)
            for new in stored:
                found.setdefault(new, True)
    return tuple(name for name, fresh in found.items() if fresh)


def _breaks(statement: ast.stmt) -> bool:
    """Whether a statement of a loop's body may end that loop with `break`."""
    if isinstance(statement, ast.Break):
        return True
    if isinstance(statement, (ast.For, ast.AsyncFor, ast.While)):
        return any(map(_breaks, statement.orelse))
    blocks = [getattr(statement, name, None) or [] for name in ("body", "orelse", "finalbody", "handlers", "cases")]
    return any(_breaks(part) for block in blocks if isinstance(block, list) for part in block)


def _emptied(statement: ast.stmt) -> tuple[str, ...]:
    """What `x = 0`, `x = []`, `x = list()`, `x, y = [], []` makes zero or empty."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return ()
    value, target = statement.value, statement.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        pairs = list(zip(target.elts, value.elts, strict=True))
        # With something else among them it is more than a reset.
        return tuple(code_of(part) for part, _ in pairs) if all(_is_empty(*pair) for pair in pairs) else ()
    return (code_of(target),) if _is_empty(target, value) else ()


def _is_empty(target: ast.expr, value: ast.expr) -> bool:
    zero = isinstance(value, ast.Constant) and value.value in (0, "") and not isinstance(value.value, bool)
    empty = isinstance(value, (ast.List, ast.Tuple)) and not value.elts
    empty = empty or (isinstance(value, ast.Dict) and not value.keys)
    made = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("list", "dict", "set")
    made = made and not value.args  # type: ignore[attr-defined]
    return (zero or empty or made) and isinstance(target, (ast.Name, ast.Attribute))


def _skips(statement: Sequence[ast.AST]) -> bool:
    """Whether a statement may end the pass, by its nodes."""
    return any(isinstance(part, (ast.Continue, ast.Break, ast.Raise)) for part in statement)


_GROWS = (ast.AugAssign, ast.Assign, ast.Call, ast.If)


def _grown(statement: Sequence[ast.AST]) -> list[str]:
    """What a statement grows, by its nodes, as it is written.

    `x += ...`, `x = f(x, ...)`, `x.append(...)`, `x[key] = ...`; the largest or smallest so far: `if y > x: x = y`.
    """
    names: dict[str, None] = {}
    for part in statement:
        if not isinstance(part, _GROWS):
            continue
        grown: ast.expr | None = None
        if isinstance(part, ast.AugAssign):
            grown = part.target
        elif isinstance(part, ast.Assign) and len(part.targets) == 1:
            target = part.targets[0]
            if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
                grown = target.value
            elif isinstance(part.value, (ast.BinOp, ast.Call)) and _mentions(part.value, target):
                grown = target
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in GROWING:
            grown = part.func.value
        elif isinstance(part, ast.If) and isinstance(part.test, ast.Compare):
            grown = _extreme_so_far(part.test, part.body)
        if isinstance(grown, (ast.Name, ast.Attribute)):
            names.setdefault(code_of(grown))
    return list(names)


def _extreme_so_far(test: ast.Compare, body: list[ast.stmt]) -> ast.expr | None:
    """The `x` of `if y > x: x = y`."""
    if len(test.ops) != 1 or not isinstance(test.ops[0], (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
        return None
    sides = {code_of(side) for side in (test.left, test.comparators[0]) if isinstance(side, (ast.Name, ast.Attribute))}
    for statement in body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
            named = isinstance(target, (ast.Name, ast.Attribute)) and isinstance(value, (ast.Name, ast.Attribute))
            if named and {code_of(target), code_of(value)} == sides:
                return target
    return None


def _returned(value: ast.expr) -> Iterator[str]:
    """Names and attributes in a returned expression; not those of which only one item is returned."""
    if isinstance(value, ast.Subscript):
        yield from _returned(value.slice)
        return
    if isinstance(value, (ast.Name, ast.Attribute)):
        yield code_of(value)
    for part in ast.iter_child_nodes(value):
        if isinstance(part, ast.expr):
            yield from _returned(part)


def _mentions(value: ast.expr, target: ast.expr) -> bool:
    """Whether the target is an operand or an argument of what it is assigned, at any depth."""
    text = code_of(target)
    operands: list[ast.expr] = [value]
    while operands:
        part = operands.pop()
        if isinstance(part, (ast.Name, ast.Attribute)) and code_of(part) == text:
            return True
        if isinstance(part, ast.BinOp):
            operands += [part.left, part.right]
        elif isinstance(part, ast.Call):
            operands += part.args
            operands += [part.func.value] if isinstance(part.func, ast.Attribute) else []
        elif isinstance(part, (ast.List, ast.Tuple)):
            operands += part.elts
    return False


def _bare(target: ast.expr) -> str:
    """A loop's target as people write it, without brackets around a tuple."""
    if isinstance(target, ast.Tuple):
        return ", ".join(code_of(part) for part in target.elts)
    return code_of(target)


def _flags(body: list[ast.stmt], value: bool) -> set[str]:
    """The names that get this truth value in so many words."""
    return {
        target.id
        for statement in body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and statement.value.value is value
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
