"""Calls: library models, methods, the program's own functions and classes entered with the caller's values."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mlsense.semantics.core import GRADIENTS, MAX_DEPTH, Core, Frame, code_of, contents, text_of
from mlsense.semantics.events import Called, HandedOver
from mlsense.semantics.models import (
    builtin,
    datasets,
    estimators,
    frames,
    keras,
    lookup,
    matplotlib,
    numpy,
    picking,
    polars,
    scores,
    spark,
    standard,
    statsmodels,
    torch,
    torch_data,
    torch_modules,
    torch_training,
)
from mlsense.semantics.models.effects import Call, names_only
from mlsense.semantics.regions import NO_ROWS, Choice, Region, Rows, Source
from mlsense.semantics.values import (
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
    ListObject,
    Method,
    Opaque,
    Origin,
    Partial,
    Ref,
    Scope,
    Symbol,
    TupleValue,
    Unknown,
    Value,
)
from mlsense.syntax import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.datafiles import Table

# Libraries whose calls change nothing that is followed here.
INERT = frozenset(
    """
        matplotlib seaborn plotly IPython os sys time json logging warnings pathlib datetime random re math shutil
        glob argparse collections itertools functools typing tqdm wandb pprint builtins string io subprocess gc copy
        """.split()
)


NAMED_TUPLES = {"collections.namedtuple", "typing.NamedTuple"}
CONTEXTS = {Symbol("contextlib.contextmanager"), Symbol("contextlib.asynccontextmanager")}
# Of more values than that a generator gives, only what holds of any is known.
MAX_YIELDS = 64
# How often a function may be running at once: a recursion is followed a few steps.
MAX_RECURSION = 3

_ASKING = frozenset(("hasattr", "getattr", "find_spec", "version_info", "__version__", "parse_version", "signature"))


class Calls(Core):
    """Evaluates call expressions."""

    def _on_Call(self, node: ast.Call) -> Value:
        func = node.func
        if isinstance(func, ast.Attribute):
            base = self.evaluate(func.value)
            thing = self.object(base)
            # What is called on a table is a method, whatever its columns are called.
            by_name = isinstance(thing, Data) or base == UNKNOWN
            callee = Method(base, func.attr) if by_name else self.attribute(base, func.attr, func)
        else:
            callee = self.evaluate(func)
        self.calls[self.place(node)] = self._not_resolved(callee)
        call = self._arguments(node)
        self._note(callee, call)
        return self.call(callee, call)

    def _note(self, callee: Value, call: Call) -> None:
        """Notes that something of a library is called."""
        if isinstance(callee, Symbol):
            thing = None
            if callee.name.startswith("builtins."):
                return
        elif isinstance(callee, Method) and callee.function is None:
            thing = self.object(callee.receiver)
            if not isinstance(thing, (Data, Estimator, Opaque)) or (isinstance(thing, Opaque) and not thing.symbol):
                return
        elif isinstance(thing := self.object(callee), Opaque) and keras.wants_prepared(thing.symbol) is not None:
            # A network that came with its weights.
            callee = Method(callee, "__call__")
        else:
            return
        values = (*call.args, *call.keywords.values(), *(contents(thing) if isinstance(thing, Estimator) else ()))
        event = Called(
            *self.circumstances(call.node),
            callee, thing, tuple(call.args), tuple(call.keywords.items()), self.reachable(values),
            call.exact, self.guards > 0, "guard" in self.markers, self.place(call.node),
        )  # fmt: skip
        self.emit(event)

    def _not_resolved(self, callee: Value) -> str:
        """Why it is not known what is called; empty where it is: by name, or as a method of something known.

        An object that a library made is known by its maker.
        """
        if isinstance(callee, Either):
            return next((reason for option in callee.options if (reason := self._not_resolved(option))), "")
        while isinstance(callee, Method) and callee.function is None:
            callee = callee.receiver
        thing = self.object(callee)
        if isinstance(thing, Opaque):
            if thing.assumed:
                return "argument of a function that nothing calls"
            return "" if thing.symbol else "made by code that was not followed"
        return "value not known" if isinstance(callee, Unknown) else ""

    def _arguments(self, node: ast.Call) -> Call:
        call = Call(node, [], {})
        for argument in node.args:
            value = self.evaluate(argument)
            if isinstance(argument, ast.Starred):
                items = self.items_of(value)
                call.exact = call.exact and items is not None
                call.args.extend(items or ())
            else:
                call.nodes[len(call.args)] = argument
                call.args.append(value)
        for keyword in node.keywords:
            value = self.evaluate(keyword.value)
            if keyword.arg is not None:
                call.keywords[keyword.arg] = value
                call.nodes[keyword.arg] = keyword.value
                continue
            thing = self.object(value)
            call.exact = call.exact and isinstance(thing, DictObject) and not thing.open
            if isinstance(thing, DictObject):
                call.keywords.update({key: item for key, item in thing.items if isinstance(key, str)})
        return call

    def call(self, callee: Value, call: Call) -> Value:
        self.spend()
        if isinstance(callee, Symbol):
            return self._library(callee.name, call)
        if isinstance(callee, Function):
            return self.enter(callee, call.node, call.args, call.keywords, call.exact)
        if isinstance(callee, Method):
            return self._method(callee, call)
        if isinstance(callee, ClassValue):
            return self._instantiate(callee, call)
        if isinstance(callee, Partial):
            keywords = dict(callee.keywords) | call.keywords
            merged = replace(call, args=[*callee.arguments, *call.args], keywords=keywords, nodes={})
            return self.call(callee.function, merged)
        if isinstance(callee, Either):
            return self._either(callee, call)
        thing = self.object(callee)
        if isinstance(thing, Instance):
            for name in ("__call__", "forward", *(("call",) if keras.is_network(thing) else ())):
                member = thing.cls.member(name)
                if isinstance(member, Function):
                    return self._applied(callee, member, call)
        if isinstance(thing, Estimator) and (made := estimators.applied(self, thing, call)) is not None:
            return made
        if isinstance(thing, Opaque):
            known = torch.called(self, callee, thing, call) or keras.applied(self, callee, thing, call)
            if known is not None:
                return known
            torch_modules.emit_if_in_a_mode(self, callee, call)
            self._hand_over(call)
            return self.alloc(call.node, Opaque(label=_label(call.node), assumed=thing.assumed))
        self.unfollowed(call.node, "unknown function", code_of(call.node.func))
        return self._stranger(call)

    def _applied(self, own: Value, function: Function, call: Call) -> Value:
        """An object of the program that is called; of a network, its layers are told of as part of it."""
        if not torch_modules.is_module(self, own):
            return self.enter(function, call.node, [own, *call.args], call.keywords, call.exact)
        with torch_modules.applying(self, own, call):
            made = self.enter(function, call.node, [own, *call.args], call.keywords, call.exact)
            return torch_modules.placed(self, own, made)

    def _either(self, callee: Either, call: Call) -> Value:
        values: list[Value] = []
        deltas = []
        for number, option in enumerate(callee.options):
            # What different classes make here are different things.
            makes = isinstance(option, (Symbol, ClassValue))
            with self.iteration(number if makes else None):
                deltas.append(self.branch(partial(self._option, option, call, values)))
        self.join(deltas)
        return self.any_of(values)

    def _option(self, option: Value, call: Call, values: list[Value]) -> None:
        self.choices += 1
        values.append(self.call(option, call))
        self.choices -= 1

    def _hand_over(self, call: Call, receiver: Value | None = None) -> None:
        """Code that is not followed has the arguments: it may fit what can be fitted."""
        given = (*call.args, *call.keywords.values())
        reached = self.reachable(given)
        for ref, thing in reached:
            if isinstance(thing, Estimator) and not thing.handed_over:
                self.update(ref, replace(thing, handed_over=True))
        if self.loops and (given or receiver is not None):
            own = (receiver,) if receiver is not None else ()
            values = tuple(dict.fromkeys((*own, *given, *(ref for ref, _ in reached))))
            base = self.circumstances(call.node)
            self.emit(HandedOver(*base, code_of(call.node.func), values))

    def _stranger(self, call: Call) -> Value:
        """The result of something not followed: a thing of its own, assumed wherever its arguments are."""
        self._hand_over(call)
        assumed = self.assumed and any(
            isinstance(self.object(value), Opaque) or value is UNKNOWN
            for value in (*call.args, *call.keywords.values())
        )
        for value in (*call.args, *call.keywords.values()):
            data = self.object(value)
            if isinstance(data, Data) and (data.scale == "raw" or data.columns is not None):
                # It may have changed what is in the table.
                scale = "unknown" if data.scale == "raw" else data.scale
                self.update(value, replace(data, scale=scale, columns=names_only(data.columns)))
        return self.alloc(call.node, Opaque(label=_label(call.node), assumed=assumed))

    # --- libraries ------------------------------------------------------------------------------

    def _library(self, name: str, call: Call) -> Value:
        call.symbol = name
        model = lookup(name)
        passes = name.partition(".")[0] in scores.PASSING
        if model is not None:
            found = model(self, call)
            return scores.passed_on(self, call.name, call, (), found) if passes else found
        kinds = estimators.kinds_of(name)
        if kinds is not None:
            return estimators.make(self, name, kinds, call)
        if name.startswith("builtins."):
            found = builtin.call(self, name.removeprefix("builtins."), call)
            return scores.passed_on(self, call.name, call, (), found)
        root = name.partition(".")[0]
        if root not in INERT:
            self.unfollowed(call.node, "no model", name)
            self._hand_over(call)
        made = self.alloc(call.node, Opaque(symbol=name, label=_label(call.node)))
        return scores.passed_on(self, call.name, call, (), made) if passes else made

    # --- methods --------------------------------------------------------------------------------

    def _method(self, method: Method, call: Call) -> Value:
        receiver, name = method.receiver, method.name
        if name == "forward":
            torch_modules.emit_if_forward_of(self, receiver, call)
        if method.function is not None:
            return self.enter(method.function, call.node, [receiver, *call.args], call.keywords, call.exact)
        if isinstance(receiver, Method) and receiver.name == "super()":
            return self._super_method(receiver.receiver, name, call)
        if isinstance(receiver, Method) and receiver.name == "str":
            names = self.object(receiver.receiver)
            if isinstance(names, ListObject) and names.items is not None:
                return builtin.list_method(self, receiver.receiver, names, f"str.{name}", call)
        if isinstance(receiver, Either):
            options = tuple(self.attribute(option, name, call.node) for option in receiver.options)
            return self._either(Either(options), call)
        thing = self.object(receiver)
        if isinstance(thing, Data):
            known = torch.tensor_method(self, receiver, thing, name, call) if thing.kind == "tensor" else None
            if known is not None:
                return torch.carried(self, receiver, thing, name, call, known)
            if name == "backward":
                torch_training.backward(self, receiver, call)
                return NONE
            if (tables := _TABLES.get(thing.kind)) is not None:
                return tables(self, receiver, thing, name, call)
            found = frames.method(self, receiver, thing, name, call)
            if thing.kind == "tensor" or thing.device is not None:
                found = torch.carried(self, receiver, thing, name, call, found)
            return scores.passed_on(self, name, call, (receiver,), found) if name not in frames.TOLD else found
        if isinstance(thing, Estimator):
            if (own := _OWN_WAYS.get(thing.cls.partition(".")[0])) is not None:
                return own(self, receiver, thing, name, call)
            return estimators.method(self, receiver, thing, name, call)
        if isinstance(thing, ListObject):
            if name == "sort":
                scores.passed_on(self, name, call, (receiver,), NONE)
            return builtin.list_method(self, receiver, thing, name, call)
        if isinstance(thing, DictObject):
            if thing.symbol == datasets.DICT:
                return datasets.dict_method(self, receiver, thing, name, call)
            return builtin.dict_method(self, receiver, thing, name, call)
        if isinstance(thing, Instance):
            return self._inherited(receiver, thing, name, call)
        known = torch.method(self, receiver, thing, name, call) or standard.method(self, thing, name, call)
        known = known or matplotlib.method(self, thing, name, call)
        if known is None and isinstance(thing, Opaque):
            known = estimators.tuner_method(self, receiver, thing, name, call)
        if known is None and isinstance(thing, Opaque) and thing.symbol.startswith("pyspark."):
            own_way = spark.opaque_method(self, receiver, thing, name, call)
            known = own_way if own_way is not None else spark.evaluator_method(self, thing, name, call)
        if known is not None:
            return known
        if name in frames.TELLING and (data := self.data(receiver)) is not None:
            return frames.method(self, receiver, data, name, call)
        if isinstance(receiver, Const):
            text = text_of(receiver)
            return UNKNOWN if text is None else builtin.text_method(text, name, call)
        assumed = isinstance(thing, Opaque) and thing.assumed
        if not isinstance(thing, Opaque) and not isinstance(receiver, Method):
            self.unfollowed(call.node, "unknown method", code_of(call.node.func))
            return self._stranger(call)
        if isinstance(thing, Opaque) or isinstance(receiver, Method):
            torch_modules.emit_if_in_a_mode(self, method, call)
        self._hand_over(call, receiver)
        return self.alloc(call.node, Opaque(label=_label(call.node), assumed=assumed or self._from_assumed(receiver)))

    def _super_method(self, own: Value, name: str, call: Call) -> Value:
        """A method of the next class up that is the program's own; a library's does nothing we follow."""
        thing = self.object(own)
        running = self.frame.function
        if isinstance(thing, Instance) and running is not None:
            for base in _bases_above(thing.cls, running.origin):
                member = base.member(name) if isinstance(base, ClassValue) else None
                if isinstance(member, Function):
                    return self.enter(member, call.node, [own, *call.args], call.keywords, call.exact)
        return UNKNOWN

    def _from_assumed(self, value: Value) -> bool:
        while isinstance(value, Method):
            value = value.receiver
        thing = self.object(value)
        return isinstance(thing, Opaque) and thing.assumed

    def estimator_attribute(self, base: Value, thing: Estimator, name: str, node: ast.AST) -> Value:
        if (
            thing.cls.startswith("statsmodels.")
            and (made := statsmodels.attribute(self, thing, name, node)) is not None
        ):
            return self.alloc(node, made, name)
        found = estimators.attribute(self, base, thing, name, node)
        return Method(base, name) if found is None else found

    def step_of(self, thing: Estimator, key: object, node: ast.Subscript) -> Value:
        return estimators.subscript(self, thing, key, node)

    def _inherited(self, receiver: Value, thing: Instance, name: str, call: Call) -> Value:
        """Methods that the library's base classes give to the program's own."""
        if name in ("_replace", "_asdict") and (items := self.items_of(receiver)) is not None:
            fields = [field for field, member in thing.cls.members if not isinstance(member, Function)]
            if name == "_asdict":
                return self.alloc(call.node, DictObject(tuple(zip(fields, items, strict=False))))
            changed = dict(zip(fields, items, strict=False)) | call.keywords
            return self._instantiate(thing.cls, replace(call, args=[], keywords=changed))
        fit, transform = thing.cls.member("fit"), thing.cls.member("transform")
        if name == "fit_transform" and isinstance(fit, Function) and isinstance(transform, Function):
            self.enter(fit, call.node, [receiver, *call.args], call.keywords, call.exact)
            return self.enter(transform, call.node, [receiver, *call.args[:1]], {}, call.exact)
        known = torch.method(self, receiver, thing, name, call) or keras.inherited(self, receiver, thing, name, call)
        if known is not None:
            return known
        if not thing.cls.library_bases():
            self.unfollowed(call.node, "unknown method", name)
        torch_modules.emit_if_in_a_mode(self, Method(receiver, name), call)
        self._hand_over(call)
        return self.alloc(call.node, Opaque(label=_label(call.node)))

    # --- the program's own ----------------------------------------------------------------------

    def defaults_of(self, arguments: ast.arguments) -> tuple[tuple[str, Value], ...]:
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = list(zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True))
        pairs += [
            (name, default)
            for name, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        ]
        return tuple((name.arg, self.evaluate(default)) for name, default in pairs)

    def enter(
        self, function: Function, node: ast.AST, args: list[Value], keywords: dict[str, Value], exact: bool
    ) -> Value:
        """Runs a function's body with these arguments; a limit or a recursion gives an unknown result."""
        self.entered.add(function.origin.place)
        running = [frame.function.origin.place for frame in self.frames if frame.function is not None]
        deep = running.count(function.origin.place) >= MAX_RECURSION
        if deep or self.tired or len(self.frames) > MAX_DEPTH or function.node is None:
            self.unfollowed(node, "recursion" if deep else "too large" if self.tired else "too deep", function.name)
            if isinstance(node, ast.Call):
                self._hand_over(Call(node, args, keywords))
            return UNKNOWN
        path = (*self.frame.path, self.place(node))
        frame = Frame(
            Scope("function", function.origin, path), function.origin.place.unit, function, function.frame, path
        )
        self.state.push()
        frame.depth = self.state.depth - 1
        caller_statement, self.statement = self.statement, None
        self.frames.append(frame)
        self.markers.append("call")
        alive, self.alive = self.alive, True
        guards = self.guards
        self.guards += any(map(_provides_for_failure, getattr(function.node, "decorator_list", ())))
        try:
            for decorator in function.decorators:
                frame.traced = frame.traced or self._makes_graph(decorator)
                if (recorded := torch_training.switched(self, decorator)) is not None:
                    self.state.set(GRADIENTS, recorded)
            self.bind_parameters(function, args, keywords, exact)
            body = function.node.body
            if isinstance(function.node, ast.Lambda):
                frame.results.append(self.evaluate(body))
            else:
                self.execute(body)
                if self.alive:
                    frame.results.append(NONE)
        finally:
            survived, self.alive = self.alive, alive
            self.guards = guards
            self.markers.pop()
            self.frames.pop()
            self.statement = caller_statement
            delta = self.state.pop()
        if survived:
            frame.exits.append(delta)
        if frame.id not in self.captured:
            for exit_ in frame.exits:
                for key in [key for key in exit_ if isinstance(key, tuple) and key and key[0] is frame.id]:
                    del exit_[key]
        for exit_ in frame.exits:
            # What a context around a `return` switched ends with it.
            exit_.pop(GRADIENTS, None)
        self.state.join(frame.exits)
        if frame.generator:
            if any(decorator in CONTEXTS for decorator in function.decorators):
                return self.any_of(frame.yields)
            exact = frame.each_yield and len(frame.yields) <= MAX_YIELDS
            items = tuple(frame.yields) if exact else None
            return self.alloc(node, ListObject(items, UNKNOWN if exact else self.any_of(frame.yields)), "yielded")
        results = [value for value in frame.results if value != NONE] or frame.results
        return self.any_of(results)

    def _makes_graph(self, decorator: Value) -> bool:
        """`@tf.function`, with or without arguments."""
        thing = self.object(decorator)
        name = decorator.name if isinstance(decorator, Symbol) else thing.symbol if isinstance(thing, Opaque) else ""
        return name == "tensorflow.function"

    def bind_parameters(self, function: Function, args: list[Value], keywords: dict[str, Value], exact: bool) -> None:
        arguments: ast.arguments = function.node.args
        left = dict(keywords)
        defaults = dict(function.defaults)
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        for index, name in enumerate(names):
            if index < len(args):
                value = args[index]
            elif name in left:
                value = left.pop(name)
            else:
                value = defaults.get(name, UNKNOWN) if exact else UNKNOWN
            self._parameter(function, name, value)
        for argument in arguments.kwonlyargs:
            value = left.pop(argument.arg, None) or (defaults.get(argument.arg, UNKNOWN) if exact else UNKNOWN)
            self._parameter(function, argument.arg, value)
        if arguments.vararg is not None:
            rest = TupleValue(tuple(args[len(names) :])) if exact else UNKNOWN
            self._parameter(function, arguments.vararg.arg, rest)
        if arguments.kwarg is not None:
            items = DictObject(tuple(left.items()), open=not exact)
            self._parameter(function, arguments.kwarg.arg, self.alloc(function.node, items, "kwargs"))

    def _parameter(self, function: Function, name: str, value: Value) -> None:
        self.bind(name, value)
        arguments = function.node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.arg == name:
                self.see(argument, name, value)

    def _instantiate(self, cls: ClassValue, call: Call) -> Value:
        ref = self.alloc(call.node, Instance(cls))
        init = cls.member("__init__")
        if isinstance(init, Function):
            self.enter(init, call.node, [ref, *call.args], call.keywords, call.exact)
        else:
            names = [name for name, value in cls.members if not isinstance(value, Function)]
            for name, value in (*zip(names, call.args, strict=False), *call.keywords.items()):
                self.state.set((ref, name), value)
        for number, (name, value) in enumerate(cls.members):
            if not isinstance(value, Function) and self.state.get((ref, name)) is None:
                made = self.object(value)
                if isinstance(made, Opaque) and made.symbol == "dataclasses.field":
                    with self.iteration(number):
                        value = self.call(made.parts[0], Call(call.node, [], {}))
                self.state.set((ref, name), value)
        after = cls.member("__post_init__")
        if isinstance(after, Function) and not isinstance(init, Function):
            self.enter(after, call.node, [ref], {}, True)
        torch_modules.emit_built(self, ref, cls, call.node)
        return ref

    # --- iteration ------------------------------------------------------------------------------

    def items_of(self, value: Value) -> tuple[Value, ...] | None:
        """The items of a tuple, list or dict one by one, where they are known."""
        if isinstance(value, TupleValue):
            return value.items
        thing = self.object(value)
        if isinstance(thing, ListObject):
            return thing.items
        if isinstance(thing, Opaque) and thing.symbol == matplotlib.GRID:
            return thing.parts
        if isinstance(thing, Opaque) and thing.parts and (held := torch_modules.contents(self, value)) != value:
            return self.items_of(held)
        if isinstance(thing, DictObject) and not thing.open:
            return tuple(Const.of(key) for key, _ in thing.items)
        if isinstance(thing, Instance) and NAMED_TUPLES & set(thing.cls.library_bases()):
            fields = [name for name, member in thing.cls.members if not isinstance(member, Function)]
            return tuple(self.state.get((value, name)) or UNKNOWN for name in fields)  # type: ignore[misc]
        return None

    def iterated(self, value: Value, node: ast.AST) -> Value:
        """What a loop goes through: of an object of the program what its own `__iter__` gives."""
        thing = self.object(value)
        if isinstance(thing, Instance):
            member = thing.cls.member("__iter__")
            if isinstance(member, Function):
                found = self.enter(member, node, [value], {}, True)
                return value if found == value else found
        if isinstance(thing, Opaque) and thing.symbol == standard.PROGRESS and thing.parts:
            return self.iterated(thing.parts[0], node)
        return value

    def element_of(self, value: Value, node: ast.AST) -> Value:
        """Any item of an iterable."""
        value = self.iterated(value, node)
        items = self.items_of(value)
        if items is not None:
            return self.any_of(list(items))
        thing = self.object(value)
        if isinstance(thing, ListObject):
            return thing.element
        if isinstance(thing, Opaque) and thing.parts:
            if thing.symbol == torch_data.LOADER:
                return torch_data.batch(self, value, thing, node)
            if (held := torch_modules.contents(self, value)) != value:
                return self.element_of(held, node)
        if isinstance(thing, Data) and (number := self.state.get((value, numpy.NUMBER))) is not None:
            return number  # type: ignore[return-value]
        if isinstance(thing, Data) and thing.rows == NO_ROWS and thing.kind != "labels":
            return value
        if isinstance(thing, Data) and thing.kind == "grouped":
            group = picking.choose(replace(thing, kind="frame"), Choice(self.origin(node), "filter", "group"))
            return TupleValue((UNKNOWN, self.alloc(node, group, "group")))
        if isinstance(thing, Opaque):
            return self.alloc(node, Opaque(label="item", assumed=thing.assumed), "element")
        if isinstance(value, Method):
            return self.alloc(node, Opaque(label="item", assumed=self._from_assumed(value)), "element")
        if isinstance(thing, Instance):
            member = thing.cls.member("__getitem__")
            following = thing.cls.member("__next__")
            if isinstance(following, Function):
                return self.enter(following, node, [value], {}, True)
            if isinstance(member, Function):
                return self.enter(member, node, [value, UNKNOWN], {}, True)
            return self.alloc(node, Opaque(label="item", assumed=self.assumed), "element")
        if self.assumed and value is UNKNOWN:
            return self.alloc(node, Opaque(label="item", assumed=True), "element")
        return UNKNOWN

    def unpack(self, value: Value, count: int, node: ast.AST) -> list[Value]:
        """The values that `a, b, ... = value` binds."""
        value = self.iterated(value, node)
        if isinstance(value, Either):
            columns = [self.unpack(option, count, node) for option in value.options]
            return [self.any_of([column[index] for column in columns]) for index in range(count)]
        items = self.items_of(value)
        if items is not None:
            return list(items) if len(items) == count else [UNKNOWN] * count
        thing = self.object(value)
        if isinstance(thing, ListObject):
            return [thing.element] * count
        if isinstance(thing, (Opaque, Instance)) or isinstance(value, Method):
            return [Method(value, f"[{index}]") for index in range(count)]
        return [UNKNOWN] * count

    @contextmanager
    def iteration(self, index: int | None) -> Iterator[None]:
        """Things made in a pass that is followed on its own have identities of their own."""
        frame = self.frame
        path = frame.path
        if index is not None:
            frame.path = (*path, index)
        try:
            yield
        finally:
            frame.path = path

    def source(
        self, node: ast.AST, label: str, key: object = None, count: int | None = None, table: Table | None = None
    ) -> Rows:
        """Rows that come to be here; `key` is shared by what reads the same rows elsewhere."""
        return Rows((Region(Source(key if key is not None else self.origin(node), label, count, table=table)),))

    # --- of the layers above --------------------------------------------------------------------

    def attribute(self, base: Value, name: str, node: ast.AST) -> Value:
        raise NotImplementedError

    def assign(self, target: ast.expr, value: Value) -> None:
        raise NotImplementedError

    def set_attribute(self, base: Value, name: str, value: Value, node: ast.AST) -> bool:
        raise NotImplementedError

    def subscript(self, base: Value, node: ast.Subscript) -> Value:
        raise NotImplementedError

    def imported(self, name: str, level: int) -> Value:
        raise NotImplementedError


def _bases_above(cls: ClassValue, function: Origin) -> tuple[Value, ...]:
    """The bases of the class in which the function was defined."""
    if any(isinstance(value, Function) and value.origin == function for _, value in cls.members):
        return cls.bases
    for base in cls.bases:
        if isinstance(base, ClassValue) and (found := _bases_above(base, function)):
            return found
    return ()


# Libraries whose models do not keep to scikit-learn's interface.
_OWN_WAYS = {
    "statsmodels": statsmodels.method,
    "transformers": datasets.trainer_method,
    "pyspark": spark.estimator_method,
}
# Tables that go their own ways, by kind.
_TABLES = {datasets.KIND: datasets.method, polars.KIND: polars.method, spark.KIND: spark.method}


def _label(node: ast.Call) -> str:
    text = code_of(node.func)
    return f"{text}(...)" if len(text) <= 40 else "a call"


__all__ = ["Calls", "Ref"]


def asks_what_there_is(test: ast.expr) -> bool:
    """Whether a test asks for a version, or whether something has an attribute: `hasattr(np, "float_")`."""
    for part in walk(test):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in ("dir", "vars"):
            return True
        name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
        if name in _ASKING or "version" in name.lower():
            return True
    return False


def _provides_for_failure(decorator: ast.expr) -> bool:
    """Whether a function is left out in some versions, or libraries are replaced while it runs: `skipif`, `patch`."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return "patch" in code_of(called).split(".") or asks_what_there_is(decorator)
