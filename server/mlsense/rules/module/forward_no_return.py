"""`forward` of a network computes something and returns nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import classes, editing
from mlsense.rules.finding import Edit, Fix, Severity
from mlsense.rules.reading import place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Defined
from mlsense.syntax import walk
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import ClassValue

# Modules that work by what happens on the way, not by what they return.
_WATCHED = frozenset(
    """
        register_forward_hook register_forward_pre_hook register_full_backward_hook register_hook add_loss add_metric
        """.split()
)


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_called, Defined):
        node = classes.text_of(trace, event.cls)
        if node is None or classes.mentions(node) & _WATCHED:
            continue
        for name in _methods_of(event.cls):
            method = classes.methods(node).get(name)
            if method is not None and not method.decorator_list:
                yield from _told(trace, event.cls, method)


def _is_called(event: Defined) -> bool:
    return bool(_methods_of(event.cls))


def _methods_of(cls: ClassValue) -> tuple[str, ...]:
    """What gives the result of an object of this class."""
    if classes.is_torch(cls):
        return ("forward",)
    if classes.is_keras(cls):
        return ("call",)
    return ("__getitem__",) if "torch.utils.data.Dataset" in cls.library_bases() else ()


def _told(trace: Trace, cls: ClassValue, method: ast.FunctionDef) -> Iterator[Draft]:
    own = [part for part in _parts(method) if isinstance(part, (ast.Return, ast.Yield, ast.YieldFrom))]
    if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own):
        return
    gives = any(isinstance(part, ast.Return) and part.value is not None for part in own)
    body = method.body
    while not gives and isinstance(body[-1], (ast.For, ast.While)) and not body[-1].orelse:
        # What a loop leaves behind is lost as well.
        body = body[-1].body
    ends = [each for each in _ends(body) if _is_dropped(each, method)]
    if not ends or (not gives and not _only_computes(method)):
        return
    there = classes.header(trace, cls, method)
    if there is None:
        return
    what = "returns nothing" if not gives else "returns nothing on one of its ways"
    last = ast.unparse(ends[-1])
    shown = f"`{last}`" if "\n" not in last and len(last) <= 60 else "what it computes last"
    calls = f"`{cls.name}` gives None" if method.name != "__getitem__" else "each row of the data set is None"
    message = f"`{method.name}` {what}: {shown} is lost when it ends, and {calls}. Return it."
    yield Draft(message, there, (), _fix(trace, cls, method, ends))


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a function without those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield from _parts(child)


def _ends(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements after which a function ends without a `return`."""
    last = body[-1] if body else None
    while _is_print(last) and len(body) > 1:
        body = body[:-1]
        last = body[-1]
    if isinstance(last, ast.If) and last.orelse:
        yield from _ends(last.body)
        yield from _ends(last.orelse)
    elif isinstance(last, ast.With):
        yield from _ends(last.body)
    elif isinstance(last, (ast.Assign, ast.AugAssign, ast.Expr)):
        yield last


def _is_print(statement: ast.stmt | None) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


def _is_dropped(statement: ast.stmt, method: ast.FunctionDef) -> bool:
    """Whether it computes a value of a layer or an argument that nothing can read any more."""
    name = _bound_by(statement)
    value = statement.value if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr)) else None
    if value is None:
        return False
    if name is not None:
        shared = (part for part in _parts(method) if isinstance(part, (ast.Global, ast.Nonlocal)))
        return not any(name in part.names for part in shared) and _computes(value)
    layer = value.func if isinstance(value, ast.Call) else None
    own = classes.own_name(method)
    of_self = isinstance(layer, ast.Attribute) and isinstance(layer.value, ast.Name) and layer.value.id == own
    # A layer in a line of its own; a method of the object may do something else.
    return isinstance(statement, ast.Expr) and of_self and len(method.body) <= 2 and _takes(value, method)


def _bound_by(statement: ast.stmt) -> str | None:
    """The one name that an assignment binds."""
    target: ast.expr | None = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AugAssign):
        # `x += y` changes what was handed in, if `x` was.
        return None
    return target.id if isinstance(target, ast.Name) and target.id != "_" else None


def _computes(value: ast.expr) -> bool:
    return any(isinstance(part, (ast.Call, ast.BinOp)) for part in walk(value))


def _takes(value: ast.expr, method: ast.FunctionDef) -> bool:
    names = {each.arg for each in method.args.args[1:]}
    return isinstance(value, ast.Call) and any(isinstance(each, ast.Name) and each.id in names for each in value.args)


def _only_computes(method: ast.FunctionDef) -> bool:
    """Whether it changes nothing outside: it binds names, prints, and calls what it was given or has."""
    for part in _parts(method):
        if isinstance(part, (ast.Raise, ast.Global, ast.Nonlocal, ast.Delete, ast.Try)):
            return False
        if isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, (ast.Store, ast.Del)):
            return False
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) and not _is_print(part):
            func = part.value.func
            plain = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
            own = plain and isinstance(func, ast.Attribute) and func.value.id == classes.own_name(method)  # type: ignore[attr-defined]
            if not own or len(method.body) > 2:
                return False
    return True


def _fix(trace: Trace, cls: ClassValue, method: ast.FunctionDef, ends: list[ast.stmt]) -> Fix | None:
    names = {_bound_by(each) for each in ends}
    edit: Edit | None = None
    loop = isinstance(method.body[-1], (ast.For, ast.While))
    if len(names) != 1 or (not loop and len(ends) != len(list(_ends(method.body)))):
        return None
    name = names.pop()
    if name is not None:
        edit = editing.inserted_after(trace, place_in(cls.origin.place, method.body[-1]), [f"return {name}"])
        title = f"Return `{name}`"
    elif len(ends) == 1 and ends[0] is method.body[-1]:
        found = trace.locate(place_in(cls.origin.place, ends[0]))
        edit = Edit(found[0], TextEdit(Span(found[1].start, found[1].start), "return ")) if found is not None else None
        title = "Return it"
    return Fix.of(title, "safe", edit)


RULE = Rule(
    name="forward-no-return",
    family="module",
    severity=Severity.ERROR,
    summary="`forward`, `call` or `__getitem__` computes something and does not return it.",
    finds="""
        `forward` of a PyTorch module, `call` of a Keras layer or model, `__getitem__` of a PyTorch data set that ends
        with a value it has just computed and has no `return` for, on all of its ways or on one.
        """,
    matters="""
        A function without `return` gives None. The network runs, and what is done with its result raises: the loss says
        that None has no attribute `size`, or that it got no tensor.
        """,
    silent="""
        Methods that do something else: set attributes, fill lists, raise, register hooks; bodies that are only there to
        be overridden; decorated ones; generators; an `if` that is the last statement and has no `else`.
        """,
    repair="""
        Returns the name that was bound last, or what the last line computes. Where several ways end with different
        names there is none.
        """,
    raises=("AttributeError", "TypeError", "ValueError"),
    bad=(
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.hidden = nn.Linear(4, 8)
                    self.last = nn.Linear(8, 2)

                def forward(self, x):  # <- forward-no-return
                    x = torch.relu(self.hidden(x))
                    x = self.last(x)


            print(Net()(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

                def forward(self, x):  # <- forward-no-return
                    self.layers(x)


            print(nn.functional.cross_entropy(Net()(torch.randn(3, 4)), torch.tensor([0, 1, 1])))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.last = nn.Linear(4, 2)

                def forward(self, x, probabilities=False):  # <- forward-no-return
                    scores = self.last(x)
                    if probabilities:
                        return scores.softmax(dim=1)
                    scores = scores - scores.mean(dim=1, keepdim=True)


            net = Net()
            print(net(torch.randn(3, 4), probabilities=True).shape)
            print(net(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.conv = nn.Conv2d(1, 4, 3)
                    self.out = nn.Linear(4, 4)

                def forward(self, x):  # <- forward-no-return
                    x = self.conv(x).relu().mean(dim=(2, 3))
                    for _ in range(2):
                        x = self.out(x)
                        print("out", x.shape)


            print(Net()(torch.randn(3, 1, 8, 8)).argmax(dim=1))
            """
        ),
        example(
            """
            import torch
            from torch.utils.data import DataLoader, Dataset


            class Squares(Dataset):
                def __len__(self):
                    return 8

                def __getitem__(self, index):  # <- forward-no-return
                    sample = torch.tensor([index, index**2])


            print(next(iter(DataLoader(Squares(), batch_size=4))))
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.last = nn.Linear(4, 2)

                def forward(self, x):
                    x = self.last(x)
                    return x


            print(Net()(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Base(nn.Module):
                def forward(self, x):
                    raise NotImplementedError


            class Same(Base):
                def forward(self, x):
                    return x


            print(Same()(torch.ones(2)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Recorder(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.seen = []

                def forward(self, x):
                    mean = x.mean(dim=0)
                    self.seen.append(mean)


            recorder = Recorder()
            recorder(torch.randn(3, 4))
            print(len(recorder.seen))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Memory(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.cell = nn.Linear(4, 4)
                    self.state = torch.zeros(4)

                def forward(self, x):
                    new = self.cell(x)
                    self.state = new.detach().mean(dim=0)


            memory = Memory()
            memory(torch.randn(3, 4))
            print(memory.state.shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Switch(nn.Module):
                def __init__(self, kind):
                    super().__init__()
                    self.kind = kind
                    self.one, self.other = nn.Linear(4, 2), nn.Linear(4, 3)

                def forward(self, x):
                    if self.kind == "one":
                        return self.one(x)
                    elif self.kind == "other":
                        return self.other(x)


            print(Switch("one")(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Clamp(nn.Module):
                def forward(self, x):
                    x.clamp_(0, 1)


            values = torch.randn(3)
            Clamp()(values)
            print(values.min() >= 0)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Features(nn.Module):
                def __init__(self, body):
                    super().__init__()
                    self.body = body
                    self.found = []
                    body.register_forward_hook(lambda module, given, made: self.found.append(made))

                def forward(self, x):
                    made = self.body(x)


            features = Features(nn.Linear(4, 2))
            features(torch.randn(3, 4))
            print(len(features.found))
            """
        ),
    ),
    check=check,
)
