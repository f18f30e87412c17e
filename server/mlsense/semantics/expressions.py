"""Evaluates expressions to abstract values."""

from __future__ import annotations

import ast
import builtins
import operator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlsense.semantics.calls import Calls, asks_what_there_is
from mlsense.semantics.core import GRADIENTS, Exhausted, code_of, constant
from mlsense.semantics.models import (
    datasets,
    files,
    frames,
    labels,
    matplotlib,
    picking,
    polars,
    scores,
    shapes,
    spark,
    torch_modules,
)
from mlsense.semantics.models.effects import Call
from mlsense.semantics.models.frames import COMPARISONS
from mlsense.semantics.regions import NO_ROWS, Rows, opposite
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
    HeapObject,
    Instance,
    ListObject,
    Mask,
    Method,
    ModuleValue,
    Opaque,
    Ref,
    Symbol,
    TupleValue,
    Unknown,
    Value,
    computed_from,
    merge_fits,
    merge_learned,
    merge_scores,
)
from mlsense.syntax import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

MAX_ELEMENTS = 24
_TRIED = 3
MAX_TEXT = 1_000

# What is made of a version, and is not known: the answer to a test for it.
ANSWER = "__version__"
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_BUILTINS = frozenset(dir(builtins))
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class Expressions(Calls):
    """One method per kind of node, named after its class."""

    def evaluate(self, node: ast.expr) -> Value:
        # As `spend` does; this is called more than anything else.
        self.steps -= 1
        if self.steps < 0:
            raise Exhausted
        handler = _HANDLERS.get(node.__class__)
        return handler(self, node) if handler is not None else UNKNOWN

    def evaluate_all(self, nodes: list[ast.expr]) -> list[Value]:
        return [self.evaluate(node) for node in nodes]

    # --- atoms ----------------------------------------------------------------------------------

    def _on_Constant(self, node: ast.Constant) -> Value:
        return Const.of(node.value) if node.value is not ... else UNKNOWN

    def _on_Name(self, node: ast.Name) -> Value:
        value = self.lookup(node.id)
        if value is None:
            if node.id in _BUILTINS:
                return Symbol(f"builtins.{node.id}")
            return UNKNOWN
        self.see(node, node.id, value)
        return value

    def _on_JoinedStr(self, node: ast.JoinedStr) -> Value:
        texts: list[str] = []
        label = ""
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.evaluate(inner)
            found = constant(value)
            if isinstance(found, str):
                label = found
            else:
                scores.shown(self, inner, label, value)
                label = ""
            plain = not isinstance(part, ast.FormattedValue) or (part.format_spec is None and part.conversion == -1)
            short = isinstance(found, str) or (isinstance(found, int) and abs(found) < 10**30)
            if plain and short and sum(map(len, texts)) < MAX_TEXT:
                texts.append(str(found))
        text = "".join(texts) if len(texts) == len(node.values) else None
        return Const.of(text) if text is not None and len(text) < MAX_TEXT else UNKNOWN

    def _on_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        self.assign(node.target, value)
        return value

    def _on_Lambda(self, node: ast.Lambda) -> Value:
        self.captured.add(self.frame.id)
        return Function(self.origin(node), "lambda", self.frame.id, self.defaults_of(node.args), node=node)

    def _on_Starred(self, node: ast.Starred) -> Value:
        return self.evaluate(node.value)

    def _on_Await(self, node: ast.Await) -> Value:
        return self.evaluate(node.value)

    def _on_Yield(self, node: ast.Yield) -> Value:
        self._yielded(self.evaluate(node.value) if node.value is not None else NONE)
        return UNKNOWN

    def _on_YieldFrom(self, node: ast.YieldFrom) -> Value:
        source = self.iterated(self.evaluate(node.value), node)
        items = self.items_of(source)
        self._yielded(*(items if items is not None else (self.element_of(source, node),)), exact=items is not None)
        return UNKNOWN

    def _yielded(self, *values: Value, exact: bool = True) -> None:
        frame = self.frame
        frame.generator = True
        frame.each_yield = frame.each_yield and exact and not frame.uncertain
        frame.yields.extend(values)

    # --- containers -----------------------------------------------------------------------------

    def _elements(self, nodes: list[ast.expr]) -> tuple[Value, ...] | None:
        """The elements of a display; None when a star brings in an unknown number of them."""
        items: list[Value] = []
        exact = True
        for node in nodes:
            value = self.evaluate(node)
            if isinstance(node, ast.Starred):
                inner = self.items_of(value)
                exact = exact and inner is not None
                items.extend(inner or ())
            else:
                items.append(value)
        return tuple(items) if exact else None

    def _on_Tuple(self, node: ast.Tuple) -> Value:
        items = self._elements(node.elts)
        return UNKNOWN if items is None else TupleValue(items)

    def _on_List(self, node: ast.List) -> Value:
        return self.alloc(node, ListObject(self._elements(node.elts)))

    def _on_Set(self, node: ast.Set) -> Value:
        self._elements(node.elts)
        return self.alloc(node, ListObject(None))

    def _on_Dict(self, node: ast.Dict) -> Value:
        items: dict[Hashable, Value] = {}
        open_ = False

        def put(key: Hashable, value: Value) -> None:
            # The last one with a key counts, and comes last.
            items.pop(key, None)
            items[key] = value

        for key_node, value_node in zip(node.keys, node.values, strict=True):
            value = self.evaluate(value_node)
            if key_node is None:
                inner = self.object(value)
                for key, item in inner.items if isinstance(inner, DictObject) else ():
                    put(key, item)
                open_ = open_ or not isinstance(inner, DictObject) or inner.open
                continue
            key = constant(self.evaluate(key_node))
            if key is ...:
                open_ = True
            else:
                put(key, value)
        return self.alloc(node, DictObject(tuple(items.items()), open_))

    def _comprehension(self, node: ast.expr, elements: list[ast.expr], generators: list[ast.comprehension]) -> Value:
        """Runs the element once for each known item of a literal, else once for any."""
        if (
            len(elements) == 1
            and len(generators) == 1
            and (left := self._filtered_positions(elements[0], generators[0]))
        ):
            return self.alloc(node, left)
        if len(elements) == len(generators) == 1 and not isinstance(node, ast.DictComp):
            named = labels.filtered(self, elements[0], generators[0])
            if named is not None:
                return labels.made(self, node, named)
        names = [name.id for part in generators for name in walk(part.target) if isinstance(name, ast.Name)]
        saved = {name: self.state.get((self.frame.id, name)) for name in names}
        results: list[Value] = []
        asked: list[Data] = []

        def run(rest: list[ast.comprehension], filtered: bool) -> bool:
            if not rest:
                values = self.evaluate_all(elements)
                results.append(values[0] if len(values) == 1 else TupleValue(tuple(values)))
                return not filtered
            part = rest[0]
            iterable = self.iterated(self.evaluate(part.iter), part.iter)
            items = self.each_of(
                iterable, part.target, [*elements, *(test for each in generators for test in each.ifs)]
            )
            exact = items is not None and len(items) <= MAX_ELEMENTS
            tried = self._tried(iterable, elements) if items is None else ()
            for index, item in enumerate(items if exact and items is not None else tried or (None,)):
                with self.iteration(index if exact or tried else None):
                    self.assign(part.target, item if item is not None else self.element_of(iterable, part.iter))
                    tests = self.evaluate_all(part.ifs)
                    asked.extend(test for test in map(self.object, tests) if isinstance(test, Data))
                    answers = [constant(test) for test in tests]
                    if item is not None and False in answers:
                        continue
                    exact = run(rest[1:], filtered) and exact and all(answer is True for answer in answers)
            return exact

        # As the body of a loop, the element is evaluated in each pass, unless it is filtered.
        filtered = any(part.ifs for part in generators)
        if filtered:
            self.markers.append("guard")
        exact = run(generators, False)
        if filtered:
            self.markers.pop()
        for name, entry in saved.items():
            self.state.set((self.frame.id, name), entry)
        if isinstance(node, ast.DictComp):
            items = DictObject((), open=not exact)
            for result in results:
                if isinstance(result, TupleValue):
                    key = constant(result.items[0])
                    items = items.put(key, result.items[1]) if key is not ... else replace(items, open=True)
            return self.alloc(node, items)
        if exact and len(generators) == 1:
            return self.alloc(node, ListObject(tuple(results)))
        chosen_by = merge_learned(*(test.learned for test in asked if test.rows == NO_ROWS))
        if frames.choosing(chosen_by):
            # Names kept by what a model makes of their columns.
            return self.alloc(node, Data(kind="labels", rows=NO_ROWS, learned=chosen_by))
        return self.alloc(node, ListObject(None, self.any_of(results)))

    def _tried(self, iterable: Value, elements: Sequence[ast.AST]) -> tuple[Value, ...]:
        """Some of the numbers of a range, where a model is fitted with each of them: that there are several counts."""
        thing = self.object(iterable)
        if not isinstance(thing, ListObject) or thing.numbers is None or len(thing.numbers) < _TRIED:
            return ()
        calls = (part.func for each in elements for part in walk(each) if isinstance(part, ast.Call))
        if not any(isinstance(call, ast.Attribute) and call.attr == "fit" for call in calls):
            return ()
        return tuple(Const.of(number) for number in thing.numbers[:_TRIED])

    def _filtered_positions(self, element: ast.expr, part: ast.comprehension) -> Data | None:
        """`[i for i in whole if i not in part]`, of positions or labels."""
        if len(part.ifs) != 1 or not isinstance(part.target, ast.Name) or not isinstance(part.ifs[0], ast.Compare):
            return None
        test, name = part.ifs[0], part.target.id
        same = isinstance(element, ast.Name) and isinstance(test.left, ast.Name) and element.id == test.left.id == name
        if not same or len(test.ops) != 1 or not isinstance(test.ops[0], (ast.In, ast.NotIn)):
            return None
        whole, some = self.data(self.evaluate(part.iter)), self.data(self.evaluate(test.comparators[0]))
        if whole is None or some is None or whole.selects is None or some.selects is None:
            return None
        return some if isinstance(test.ops[0], ast.In) else picking.without(whole, some)

    def each_of(self, iterable: Value, target: ast.expr, body: Sequence[ast.AST]) -> tuple[Value, ...] | None:
        """The items of what is gone through, one by one; numbers only where they number known items of a list."""
        items = self.items_of(iterable)
        thing = self.object(iterable)
        if items is not None or not isinstance(thing, ListObject) or thing.numbers is None:
            return items
        if len(thing.numbers) > MAX_ELEMENTS or not isinstance(target, ast.Name) or not self._numbers(target.id, body):
            return None
        return tuple(Const.of(number) for number in thing.numbers)

    def _numbers(self, name: str, body: Sequence[ast.AST]) -> bool:
        """Whether a name is used to pick from a list that is known item by item."""
        for part in (part for each in body for part in walk(each)):
            if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name):
                used = any(isinstance(each, ast.Name) and each.id == name for each in walk(part.slice))
                if used and len(self.items_of(self.lookup(part.value.id) or UNKNOWN) or ()) > 1:
                    return True
        return False

    def _on_ListComp(self, node: ast.ListComp) -> Value:
        return self._comprehension(node, [node.elt], node.generators)

    def _on_SetComp(self, node: ast.SetComp) -> Value:
        return self._comprehension(node, [node.elt], node.generators)

    def _on_GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        return self._comprehension(node, [node.elt], node.generators)

    def _on_DictComp(self, node: ast.DictComp) -> Value:
        return self._comprehension(node, [node.key, node.value], node.generators)

    # --- operators ------------------------------------------------------------------------------

    def _on_BinOp(self, node: ast.BinOp) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if isinstance(node.op, ast.Pow) and isinstance(part := constant(right), float) and 0 < part < 1:
            scores.root_drawn(self, node, "", node.left, left)
        return self.combine(node, left, node.op, right)

    def combine(self, node: ast.AST, left: Value, op: ast.operator, right: Value) -> Value:
        a, b = constant(left), constant(right)
        if a is not ... and b is not ...:
            return _fold(op, a, b)
        a_thing, b_thing = self._joined(left), self._joined(right)
        if isinstance(a_thing, ListObject) and isinstance(b_thing, ListObject) and isinstance(op, ast.Add):
            known = a_thing.items is not None and b_thing.items is not None
            items = (*(a_thing.items or ()), *(b_thing.items or ()))
            elements = [] if known else [thing.element for thing in (a_thing, b_thing) if thing.items is None]
            return self.alloc(node, ListObject(items if known else None, self.any_of([*items, *elements])))
        if isinstance(a_thing, DictObject) and isinstance(b_thing, DictObject) and isinstance(op, ast.BitOr):
            joined = replace(a_thing, open=a_thing.open or b_thing.open)
            for key, value in b_thing.items:
                joined = joined.put(key, value)
            return self.alloc(node, joined)
        if not isinstance(a_thing, Data) and not isinstance(b_thing, Data):
            path = files.joined_path(a_thing, right) if isinstance(op, ast.Div) else None
            if path is not None:
                return self.alloc(node, path)
            made = [thing for thing in (a_thing, b_thing) if isinstance(thing, Opaque)]
            if not made and not isinstance(left, Method) and not isinstance(right, Method):
                return UNKNOWN
            return self.alloc(node, Opaque(label="result", assumed=any(thing.assumed for thing in made)))
        if isinstance(op, ast.Sub) and isinstance(a_thing, Data) and isinstance(node, ast.BinOp):
            fewer = labels.left_over(self, left, node.right, node)
            if fewer is not None:
                return fewer
        if isinstance(op, ast.Sub) and isinstance(a_thing, Data) and a_thing.kind == "set":
            left_over = picking.without(a_thing, b_thing) if isinstance(b_thing, Data) else None
            return self.alloc(node, left_over if left_over is not None else Data(kind="set"))
        if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            asked = a_thing if isinstance(a_thing, Data) else b_thing
            assert isinstance(asked, Data)
            masks = [thing.mask for thing in (a_thing, b_thing) if isinstance(thing, Data) and thing.mask is not None]
            if isinstance(op, ast.BitAnd) and len(masks) == 2:
                mask = picking.all_of(masks[0], masks[1], node)
            else:
                mask = Mask(ast.dump(node), "is", True, merge_learned(*(each.learned for each in masks)))
            return self.alloc(node, Data(kind=asked.kind, rows=asked.rows, mask=mask))
        a_data, b_data = self.data(left), self.data(right)
        if a_data is None or b_data is None:
            known_side = a_data or b_data
            assert known_side is not None
            made_of = scores.of_any_sign(known_side.scores)
            kept = Data(kind=known_side.kind, rows=None, learned=known_side.learned, scores=made_of)
            return self.alloc(node, kept)
        result = _arithmetic(a_data, b_data)
        if result.graph and constant(self.state.get(GRADIENTS)) is False:  # type: ignore[arg-type]
            result = replace(result, graph=False)
        if isinstance(op, ast.MatMult) and b_data.rows != NO_ROWS:
            # Each row times weights keeps the rows; what has rows of its own on the right is no weights.
            result = replace(result, rows=None)
        found = self.alloc(node, result)
        if not isinstance(op, ast.MatMult):
            shapes.together(self, node, _SIGNS.get(type(op), ""), left, right, found)
        return found

    def _joined(self, value: Value) -> HeapObject | None:
        """The object behind a value; where it is one of several tables, what holds of all."""
        if not isinstance(value, Either):
            return self.object(value)
        data = self.data(value)
        return data if data is not None and data.rows != NO_ROWS else None

    def _on_UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.evaluate(node.operand)
        found = constant(value)
        if found is not ...:
            if isinstance(node.op, ast.USub) and isinstance(found, (int, float)):
                return Const.of(-found)
            return Const.of(not found) if isinstance(node.op, ast.Not) else UNKNOWN
        thing = self.object(value)
        if isinstance(thing, Data):
            if isinstance(node.op, (ast.Invert, ast.USub)) and thing.mask is not None:
                return self.alloc(node, frames.inverted(thing))
            mask = None
            if isinstance(node.op, ast.Invert) and thing.kind == "series" and thing.rows not in (None, NO_ROWS):
                mask = Mask(picking.asked(node.operand, value, thing), "!=", True)
            made_of = scores.of_any_sign(thing.scores) if isinstance(node.op, ast.USub) else thing.scores
            made = replace(thing, mask=mask, selects=None, columns=None, operation=None, scores=made_of)
            return self.alloc(node, made)
        return UNKNOWN

    def asks_what_there_is(self, test: ast.expr) -> bool:
        """As the function of this name; also by a name that holds the answer: `OLD = pandas.__version__ < "2"`.

        And by a function that returns it: `def is_old(): return pandas.__version__ < "2"`.
        """
        return asks_what_there_is(test) or any(
            isinstance(part, ast.Name) and self.is_answer(self.lookup(part.id)) for part in walk(test)
        )

    def is_answer(self, value: Value | None) -> bool:
        """Whether a value says which version there is, or is a function that does."""
        if isinstance(value, Function) and value.node is not None:
            results = [value.node.body] if isinstance(value.node, ast.Lambda) else _results(value.node)
            return any(map(asks_what_there_is, results))
        thing = self.object(value) if isinstance(value, Ref) else None
        return isinstance(thing, Opaque) and thing.symbol == ANSWER

    def answered(self, node: ast.expr, value: Value) -> Value:
        """What is kept of a value: of one that is not known, whether it says which version there is."""
        thing = self.object(value)
        symbol = thing.symbol if isinstance(thing, Opaque) else None
        made = symbol is not None and (symbol.startswith(("builtins.", ANSWER, "packaging.")) or f".{ANSWER}" in symbol)
        # `tuple(int(part) for part in pandas.__version__.split("."))`
        parts = isinstance(thing, ListObject) and thing.items is None and ANSWER in code_of(node)
        if (isinstance(value, Unknown) or made or symbol == "" or parts) and self.asks_what_there_is(node):
            return self.alloc(node, Opaque(ANSWER), "version")
        return value

    def _on_BoolOp(self, node: ast.BoolOp) -> Value:
        values = [self.evaluate(node.values[0])]
        cautious = self.asks_what_there_is(node)
        self.markers.append("guard")
        self.guards += cautious
        values.extend(self.evaluate_all(node.values[1:]))
        self.guards -= cautious
        self.markers.pop()
        if all(constant(value) is not ... for value in values):
            truths = [bool(constant(value)) for value in values]
            return Const.of(all(truths) if isinstance(node.op, ast.And) else any(truths))
        return self.any_of(values) if isinstance(node.op, ast.Or) else UNKNOWN

    def _on_Compare(self, node: ast.Compare) -> Value:
        left = self.evaluate(node.left)
        rights = self.evaluate_all(node.comparators)
        if len(rights) != 1:
            return UNKNOWN
        right = rights[0]
        symbol = COMPARISONS.get(type(node.ops[0]))
        a, b = constant(left), constant(right)
        if a is not ... and b is not ... and symbol in ("==", "!="):
            return Const.of((a == b) is (symbol == "=="))
        data = self.object(left)
        if isinstance(node.ops[0], (ast.Is, ast.IsNot)) and b is None and a is ... and _certainly_something(left, data):
            return Const.of(isinstance(node.ops[0], ast.IsNot))
        if a is not ... and b is None and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            return Const.of((a is None) is isinstance(node.ops[0], ast.Is))
        if isinstance(data, ListObject) and data.items is not None and isinstance(b, str) and symbol in ("==", "!="):
            # Of the names of columns, one by one.
            answers = [constant(item) for item in data.items]
            if all(isinstance(answer, str) for answer in answers):
                return self.alloc(node, ListObject(tuple(Const.of((a == b) is (symbol == "==")) for a in answers)))
        if symbol in ("<", "<=", ">", ">="):
            scores.compared(self, node, left, right)
        other = self.object(right)
        if not isinstance(data, Data) and isinstance(other, Data) and other.fits and symbol is not None:
            # `0.5 < probabilities`
            data, other = other, data
        if symbol is None or not isinstance(data, Data):
            return UNKNOWN
        learned = merge_learned(data.learned, other.learned if isinstance(other, Data) else ())
        if data.rows == NO_ROWS and (not isinstance(other, Data) or other.rows == NO_ROWS):
            return self.alloc(node, Data(kind=data.kind, rows=NO_ROWS, learned=learned))
        if data.mask is not None and isinstance(b, bool):
            return self.alloc(node, data if b is (symbol == "==") else frames.inverted(data))
        key = picking.asked(node.left, left, data)
        if b is False and symbol in ("==", "!="):
            b, symbol = True, "!=" if symbol == "==" else "=="
        right_key = b if b is not ... else ast.dump(node.comparators[0])
        mask = Mask(key, symbol, right_key, picking.outlying(learned))
        rows = data.rows if data.rows != NO_ROWS else None
        # What a comparison of columns says of each row.
        sources = computed_from(data, other) if isinstance(other, Data) else computed_from(data)
        made = Data(kind=data.kind, rows=rows, mask=mask, sources=sources)
        predicted = scores.truth_met(data, other) if isinstance(other, Data) else None
        if predicted is not None and symbol in ("==", "!="):
            made = replace(made, rows=predicted.rows, role="comparison", fits=predicted.fits, form=predicted.form)
        elif data.fits and symbol not in ("==", "!=") and not (isinstance(other, Data) and other.rows != NO_ROWS):
            made = replace(made, role="prediction", fits=data.fits, form="thresholded", learned=data.learned)
        answer = self.alloc(node, made)
        shapes.together(self, node, symbol, left, right, answer)
        return answer

    def _on_IfExp(self, node: ast.IfExp) -> Value:
        test = constant(self.evaluate(node.test))
        if test is not ...:
            return self.evaluate(node.body if test else node.orelse)
        cautious = self.asks_what_there_is(node.test)
        self.markers.append("guard")
        self.guards += cautious
        values: list[Value] = []
        deltas = [
            self.branch(lambda: values.append(self.evaluate(node.body))),
            self.branch(lambda: values.append(self.evaluate(node.orelse))),
        ]
        self.guards -= cautious
        self.markers.pop()
        self.join(deltas)
        return self.any_of(values)

    # --- attributes and subscripts --------------------------------------------------------------

    def _on_Attribute(self, node: ast.Attribute) -> Value:
        base = self.evaluate(node.value)
        value = self.attribute(base, node.attr, node)
        thing = self.object(base)
        if isinstance(thing, Instance):
            self.see(node, code_of(node), value)
        elif isinstance(thing, (Data, Estimator)) or (isinstance(thing, Opaque) and thing.symbol):
            self.note_read(node, base, thing)
        return value

    def attribute(self, base: Value, name: str, node: ast.AST) -> Value:
        if isinstance(base, Symbol):
            full = f"{base.name}.{name}"
            self.name_library(node, full)
            return Symbol(full)
        if isinstance(base, ModuleValue):
            return self.member(base, name)
        if isinstance(base, Either):
            return self.any_of([self.attribute(option, name, node) for option in base.options])
        if isinstance(base, ClassValue):
            if name == "__name__":
                return Const.of(base.name)
            found = self.assigned(base, name) or base.member(name)
            if isinstance(found, Function) and Symbol("builtins.classmethod") in found.decorators:
                return Method(base, name, found)
            return found if found is not None else UNKNOWN
        if isinstance(base, Method):
            return Method(base, name)
        if isinstance(base, Function) and name == "__name__":
            return Const.of(base.name)
        if not isinstance(base, Ref):
            return Method(base, name) if isinstance(base, (Const, Function)) else UNKNOWN
        assigned = self.state.get((base, name))
        if assigned is not None:
            return assigned  # type: ignore[return-value]
        thing = self.object(base)
        if isinstance(thing, Instance):
            member = thing.cls.member(name)
            if not isinstance(member, Function):
                member = self.assigned(thing.cls, name) or member
            if isinstance(member, Function):
                if any(isinstance(d, Symbol) and d.name == "builtins.property" for d in member.decorators):
                    return self.enter(member, node, [base], {}, True)
                if any(isinstance(d, Symbol) and d.name.endswith(".cached_property") for d in member.decorators):
                    value = self.enter(member, node, [base], {}, True)
                    self.state.set((base, name), value)
                    return value
                if any(isinstance(d, Symbol) and d.name == "builtins.staticmethod" for d in member.decorators):
                    return member
                if any(isinstance(d, Symbol) and d.name == "builtins.classmethod" for d in member.decorators):
                    return Method(thing.cls, name, member)
                return Method(base, name, member)
            return member if member is not None else Method(base, name)
        if isinstance(thing, Data):
            if (tables := _TABLES.get(thing.kind)) is not None:
                told = tables.attribute(self, base, thing, name, node)
                return Method(base, name) if told is None else told
            return frames.attribute(self, base, thing, name, node)
        if isinstance(thing, DictObject) and thing.bunch and (found := thing.get(name)) is not None:
            return found
        if isinstance(thing, Estimator):
            return self.estimator_attribute(base, thing, name, node)
        known = torch_modules.attribute(self, base, thing, name, node) if isinstance(thing, Opaque) else None
        if known is None and isinstance(thing, Opaque):
            known = matplotlib.attribute(self, thing, name, node) or spark.opaque_attribute(self, thing, name, node)
        return Method(base, name) if known is None else known

    def assigned(self, cls: ClassValue, name: str) -> Value | None:
        """What an attribute of a class was set to from outside of its body."""
        found = self.state.get((cls.origin, name))
        if found is not None:
            return found  # type: ignore[return-value]
        above = (self.assigned(base, name) for base in cls.bases if isinstance(base, ClassValue))
        return next((value for value in above if value is not None), None)

    def member(self, module: ModuleValue, name: str) -> Value:
        """A name of a module, or a module inside it."""
        if module.path is not None:
            found = self.state.get((module.path, name))
            if found is not None:
                return found  # type: ignore[return-value]
        inner = self.imported(f"{module.name}.{name}" if module.name else name, 0)
        return inner if isinstance(inner, ModuleValue) else UNKNOWN

    def _on_Subscript(self, node: ast.Subscript) -> Value:
        base = self.evaluate(node.value)
        return self.subscript(base, node)

    def subscript(self, base: Value, node: ast.Subscript) -> Value:
        if isinstance(base, Either):
            self.markers.append("guard")
            values = [self.subscript(option, node) for option in base.options]
            self.markers.pop()
            return self.any_of(values)
        if isinstance(base, TupleValue):
            return self._item(base.items, node)
        if isinstance(base, Method) and base.name in ("loc", "iloc", "at", "iat"):
            data = self.data(base.receiver)
            return UNKNOWN if data is None else frames.located(self, data, node)
        base = torch_modules.contents(self, base)
        thing = self.object(base)
        if isinstance(thing, ListObject):
            if thing.items is not None:
                return self._item(thing.items, node)
            if thing.selects is not None and isinstance(node.slice, ast.Slice):
                return frames.subscripted(self, Data(kind="index", selects=thing.selects), node)
            self.evaluate(node.slice)
            return base if isinstance(node.slice, ast.Slice) else thing.element
        if isinstance(thing, DictObject):
            key = constant(self.evaluate(node.slice))
            found = thing.get(key) if key is not ... else None
            if thing.symbol and key is not ...:
                self.note_item(node, base, thing, key)
            if found is not None:
                return found
            if thing.factory is not None and key is not ... and not thing.open:
                return self.made_for(base, thing, key, node)
            return self.any_of([value for _, value in thing.items]) if key is ... and not thing.open else thing.element
        if isinstance(thing, Data):
            if (tables := _TABLES.get(thing.kind)) is not None:
                picked: Value = tables.subscript(self, base, thing, node)
                return picked
            made = frames.subscripted(self, thing, node)
            return shapes.picked(self, base, node, made) if thing.shape is not None or self.frames[1:] else made
        if isinstance(thing, Instance):
            items = self.items_of(base)
            if items is not None:
                return self._item(items, node)
            member = thing.cls.member("__getitem__")
            if isinstance(member, Function):
                return self.enter(member, node, [base, self.evaluate(node.slice)], {}, True)
        if isinstance(thing, Estimator) and thing.steps:
            return self.step_of(thing, self._key(node), node)
        if isinstance(thing, Opaque) and (axes := matplotlib.picked(self, base, thing, node)) is not None:
            return axes
        table = isinstance(node.slice, ast.Slice) or _has_slice(node.slice)
        key_value = UNKNOWN if table else self.evaluate(node.slice)
        key = constant(key_value)
        table = table or isinstance(self.object(key_value), ListObject)
        if isinstance(thing, Opaque) and table and not thing.assumed and not thing.symbol.startswith("builtins."):
            data = self.data(base)
            assert data is not None
            return frames.subscripted(self, data, node)
        if isinstance(thing, Opaque) and key is not ...:
            return Method(base, f"[{key!r}]")
        if isinstance(base, Method) and key is not ...:
            return Method(base, f"[{key!r}]")
        return UNKNOWN

    def _key(self, node: ast.Subscript) -> object:
        """A constant between brackets, a slice with constant ends, `...` for anything else."""
        if not isinstance(node.slice, ast.Slice):
            return constant(self.evaluate(node.slice))
        ends = [
            None if part is None else constant(self.evaluate(part))
            for part in (node.slice.lower, node.slice.upper, node.slice.step)
        ]
        known = all(end is None or isinstance(end, int) for end in ends) and ends[2] != 0
        return slice(*ends) if known else ...

    def made_for(self, base: Value, thing: DictObject, key: Hashable, node: ast.AST) -> Value:
        """The value of a `defaultdict` for a key that is asked for first."""
        call = ast.copy_location(ast.Call(ast.Name("factory", ast.Load()), [], []), node)
        value = self.call(thing.factory, Call(call, [], {})) if thing.factory is not None else UNKNOWN
        self.update(base, thing.put(key, value))
        return value

    def _item(self, items: tuple[Value, ...], node: ast.Subscript) -> Value:
        if isinstance(node.slice, ast.Slice):
            bounds = [
                constant(self.evaluate(part)) if part is not None else None
                for part in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            if any(bound is not None and not isinstance(bound, int) for bound in bounds):
                return self.alloc(node, ListObject(None, self.any_of(list(items))))
            return self.alloc(node, ListObject(items[slice(*bounds)] if bounds[2] != 0 else ()))
        index = constant(self.evaluate(node.slice))
        if isinstance(index, int) and -len(items) <= index < len(items):
            return items[index]
        return self.any_of(list(items)) if index is ... else UNKNOWN

    def _on_Slice(self, node: ast.Slice) -> Value:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.evaluate(part)
        return UNKNOWN


# Tables that go their own ways, by kind.
_TABLES: dict[str, Any] = {module.KIND: module for module in (datasets, polars, spark)}

# The method that evaluates each kind of node.
_HANDLERS: dict[type[ast.expr], Callable[[Expressions, Any], Value]] = {
    kind: getattr(Expressions, f"_on_{kind.__name__}")
    for kind in ast.expr.__subclasses__()
    if hasattr(Expressions, f"_on_{kind.__name__}")
}


def _certainly_something(value: Value, thing: HeapObject | None) -> bool:
    """Whether it is known not to be None."""
    known = (Function, ClassValue, TupleValue, Symbol, ModuleValue)
    return isinstance(value, known) or isinstance(thing, (Data, Estimator, ListObject, DictObject, Instance))


def _has_slice(key: ast.expr) -> bool:
    """`[:, 1]`: only arrays take that."""
    return isinstance(key, ast.Tuple) and any(isinstance(part, ast.Slice) for part in key.elts)


def _fold(op: ast.operator, a: object, b: object) -> Value:
    """Arithmetic on literals, where it is small and certain."""
    function = _ARITHMETIC.get(type(op))
    numbers = isinstance(a, (int, float)) and isinstance(b, (int, float))
    texts = isinstance(a, str) and isinstance(b, str) and isinstance(op, ast.Add) and len(a) + len(b) < 10_000
    if function is None or not (numbers or texts):
        return UNKNOWN
    try:
        result = function(a, b)
    except (ArithmeticError, TypeError, ValueError):
        return UNKNOWN
    if isinstance(result, int) and abs(result) > 10**30:
        return UNKNOWN
    return Const.of(result)


def _arithmetic(a: Data, b: Data) -> Data:
    """Element by element: a statistic or number takes on the rows of the other side."""
    if a.rows != b.rows and _is_noise(a) != _is_noise(b):
        a, b = (replace(each, rows=NO_ROWS) if _is_noise(each) else each for each in (a, b))
    if a.rows == NO_ROWS:
        rows: Rows | None = b.rows
        like = b if b.rows != NO_ROWS else a
    elif b.rows == NO_ROWS or a.rows == b.rows:
        rows, like = a.rows, a
    else:
        rows, like = None, a
    role = like.role if like.role in ("features", "target", "prediction", "comparison") else "unknown"
    met = scores.truth_met(a, b)
    if met is not None:
        role = "comparison"
    return Data(
        kind=like.kind,
        rows=rows,
        learned=merge_learned(a.learned, b.learned),
        role=role,
        fits=merge_fits(a.fits, b.fits) if a.fits or b.fits else (),
        rank=like.rank,
        sources=computed_from(a, b) if a.sources or b.sources else (),
        lineage=like.lineage if like.kind == "frame" else None,
        form=met.form if met is not None else like.form if role == "comparison" else "",
        scores=scores.of_any_sign(merge_scores(a.scores, b.scores)) if a.scores or b.scores else (),
        graph=a.graph or b.graph,
        device=a.device if a.device == b.device or b.kind == "scalar" else b.device if a.kind == "scalar" else None,
    )


def _is_noise(data: Data) -> bool:
    """Whether all of it is random numbers: beside rows of data they are added to these."""
    parts = data.rows.parts if data.rows is not None else ()
    return bool(parts) and all(picking.is_drawn(part.source.key) and not part.path for part in parts)


__all__ = ["Expressions", "opposite"]


def _results(function: ast.AST) -> list[ast.expr]:
    """What a function returns, wherever it does."""
    return [part.value for part in walk(function) if isinstance(part, ast.Return) and part.value is not None]
