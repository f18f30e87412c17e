"""A module of the program's own class whose `__init__` never calls that of its base, or too late."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import classes, editing
from mlsense.rules.finding import Edit, Fix, Location, Severity
from mlsense.rules.reading import place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Defined
from mlsense.semantics.models.torch_modules import LAYERS
from mlsense.semantics.values import Opaque
from mlsense.syntax import walk
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import ClassValue


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_network, Defined):
        node = classes.text_of(trace, event.cls)
        init = classes.methods(node).get("__init__") if node is not None else None
        if node is None or init is None or not classes.own_name(init) or _makes_itself(event.cls, node):
            continue
        bare = next((each for each in init.body if _is_bare(each)), None)
        calls = [part for part in walk(node) if isinstance(part, ast.Call) and _calls_init(part)]
        if bare is not None and not calls:
            yield from _not_called(trace, event.cls, bare)
        elif not calls and not _mentions_super(node):
            yield from _missing(trace, event.cls, init)
        elif len(calls) == 1:
            yield from _late(trace, event.cls, init, calls[0])


def _is_network(event: Defined) -> bool:
    return event.cls.bases_known and (classes.is_torch(event.cls) or classes.is_keras(event.cls))


def _makes_itself(cls: ClassValue, node: ast.ClassDef) -> bool:
    """Whether something else may set the object up: a metaclass, a decorator, `__new__`, `__setattr__`."""
    own = ("__new__", "__setattr__", "__init_subclass__", "__call__")
    return bool(node.keywords or node.decorator_list) or any(
        each.member(name) is not None for each in cls.lineage() for name in own
    )


def _calls_init(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in ("__init__", "__setstate__")


def _is_bare(statement: ast.stmt) -> bool:
    """`super().__init__`, without the brackets that call it."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    above = value.value if isinstance(value, ast.Attribute) and value.attr == "__init__" else None
    return isinstance(above, ast.Call) and isinstance(above.func, ast.Name) and above.func.id == "super"


def _not_called(trace: Trace, cls: ClassValue, statement: ast.stmt) -> Iterator[Draft]:
    place = place_in(cls.origin.place, statement)
    found, text = trace.locate(place), editing.text_at(trace, place)
    if found is not None and text is not None:
        edit = Edit(found[0], TextEdit(Span(found[1].end, found[1].end), "()"))
        yield Draft(
            f"`{text}` without brackets calls nothing: `__init__` of the base never runs, and using a `{cls.name}` "
            f"raises. Write `{text}()`.",
            Location(*found),
            (),
            Fix("Call it", "safe", (edit,)),
        )


def _mentions_super(node: ast.ClassDef) -> bool:
    """Whether its base is reached in a way that is not plain: `getattr(super(), ...)`, `Base.__init__` handed over."""
    return any(
        (isinstance(part, ast.Attribute) and part.attr in ("__init__", "__dict__", "__setstate__"))
        or (isinstance(part, ast.Name) and part.id in ("super", "setattr", "vars") and _is_in_init(node, part))
        for part in walk(node)
    )


def _is_in_init(node: ast.ClassDef, name: ast.Name) -> bool:
    return any(part is name for part in walk(classes.methods(node)["__init__"]))


def _missing(trace: Trace, cls: ClassValue, init: ast.FunctionDef) -> Iterator[Draft]:
    own = classes.own_name(init)
    stores = [part for part in walk(init) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)]
    first = next((part for part in stores if isinstance(part.value, ast.Name) and part.value.id == own), None)
    there = classes.header(trace, cls, init)
    if first is None or there is None:
        return
    if classes.is_torch(cls):
        if cls.member("forward") is None and not any(_is_layer(trace, cls, each) for each in stores):
            # What holds plain attributes alone, and is not called, does without.
            return
        harm = f"`self.{first.attr} = ...`" if _is_layer(trace, cls, first) else f"using a `{cls.name}`"
        harm += " raises AttributeError, since a module keeps its layers where that puts them"
    else:
        harm = f"using a `{cls.name}` raises RuntimeError, since Keras finds nothing of what it sets up"
    body = [each for each in init.body if not _is_docstring(each)]
    edit = editing.inserted_before(trace, place_in(cls.origin.place, body[0]), ["super().__init__()"]) if body else None
    fix = Fix.of("Insert `super().__init__()`", "safe", edit)
    yield Draft(
        f"`__init__` of `{cls.name}` never calls that of its base: {harm}. Begin it with `super().__init__()`.",
        there,
        (),
        fix,
    )


def _late(trace: Trace, cls: ClassValue, init: ast.FunctionDef, call: ast.Call) -> Iterator[Draft]:
    """Layers that are set before the base's `__init__` is called, in the same run of statements."""
    number = next((n for n, each in enumerate(init.body) if isinstance(each, ast.Expr) and each.value is call), None)
    if number is None or not classes.is_torch(cls):
        return
    for statement in init.body[:number]:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if not isinstance(target, ast.Attribute) or not _is_layer(trace, cls, target):
            continue
        found = trace.locate(place_in(cls.origin.place, target))
        if found is None:
            continue
        last, first = place_in(cls.origin.place, init.body[number]), init.body[0]
        first = next((each for each in init.body if not _is_docstring(each)), first)
        text = editing.text_at(trace, last)
        edits = (
            editing.inserted_before(trace, place_in(cls.origin.place, first), [text]) if text is not None else None,
            editing.deleted(trace, last),
        )
        given = any(isinstance(part, ast.Name) and part.id != "super" for each in call.args for part in walk(each))
        made = tuple(each for each in edits if each is not None)
        one_line = text is not None and "\n" not in text
        fix = Fix("Move it to the beginning of `__init__`", "safe", made) if len(made) == 2 and one_line else None
        yield Draft(
            f"`{editing.text_at(trace, place_in(cls.origin.place, target))}` is set before `{text}` is called, which "
            "makes the place where a module keeps its layers: this line raises AttributeError. Call it first.",
            Location(*found),
            (),
            None if given or call.keywords else fix,
        )
        return


def _is_layer(trace: Trace, cls: ClassValue, target: ast.Attribute) -> bool:
    """Whether what is set there was a layer of PyTorch when that was followed."""
    seen = trace.sighting(place_in(cls.origin.place, target))
    thing = seen.object if seen is not None else None
    known = isinstance(thing, Opaque) and thing.symbol.startswith("torch.nn.")
    return known and isinstance(thing, Opaque) and thing.symbol.rpartition(".")[2] in LAYERS.keys() | {"Sequential"}


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


RULE = Rule(
    name="super-init-missing",
    family="module",
    severity=Severity.ERROR,
    summary="A network's `__init__` never calls that of its base, or sets layers before it does.",
    finds="""
        A class that derives from PyTorch's `Module` or a layer, or from Keras's `Model` or `Layer`, with an `__init__`
        that sets attributes and nowhere calls `super().__init__()`, or forgets the brackets; one that sets layers of
        PyTorch before the call.
        """,
    matters="""
        The base's `__init__` makes the dicts in which a module keeps its parameters and layers. Without it the first
        layer that is set raises "cannot assign module before Module.__init__() call"; where there is none, the first
        call of the object raises. Keras raises "you forgot to call `super().__init__()`" when it is called.
        """,
    silent="""
        Classes of which some base is not known, with a metaclass, a decorator or `__new__`; `Base.__init__(self)`
        anywhere in the class.
        """,
    repair="""
        Inserts `super().__init__()` as the first statement, or moves the call there.
        """,
    raises=("AttributeError", "RuntimeError"),
    bad=(
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):  # <- super-init-missing
                    self.layer = nn.Linear(4, 2)

                def forward(self, x):
                    return self.layer(x)


            print(Net()(torch.randn(3, 4)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__  # <- super-init-missing
                    self.layer = nn.Linear(4, 2)

                def forward(self, x):
                    return self.layer(x)


            print(Net()(torch.randn(3, 4)))
            """
        ),
        example(
            """
            import torch
            import torch.nn as nn


            class Scale(nn.Module):
                '''Makes numbers larger.'''

                def __init__(self, factor):  # <- super-init-missing
                    '''`factor`: how much larger.'''
                    self.factor = factor

                def forward(self, x):
                    return self.factor * x


            print(Scale(2.0)(torch.randn(3, 4)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self, width):
                    self.width = width
                    self.layer = nn.Linear(4, width)  # <- super-init-missing
                    super().__init__()

                def forward(self, x):
                    return self.layer(x)


            print(Net(3)(torch.randn(3, 4)))
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import numpy as np
            import keras
            from keras import layers


            class Double(layers.Layer):
                def __init__(self, factor=2.0):  # <- super-init-missing
                    self.factor = factor

                def call(self, x):
                    return self.factor * x


            print(Double()(np.ones((2, 3), "float32")))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Base(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.body = nn.Linear(4, 4)


            class Head(Base):
                def __init__(self, classes):  # <- super-init-missing
                    self.last = nn.Linear(4, classes)

                def forward(self, x):
                    return self.last(self.body(x))


            print(Head(3)(torch.randn(2, 4)))
            """
        ),
    ),
    good=(
        example(
            """
            from torch import nn


            class Stub(nn.Module):
                def __init__(self, config):
                    self.config = config


            print(Stub({"hidden": 8}).config)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layer = nn.Linear(4, 2)

                def forward(self, x):
                    return self.layer(x)


            print(Net()(torch.randn(3, 4)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    nn.Module.__init__(self)
                    self.layer = nn.Linear(4, 2)

                def forward(self, x):
                    return self.layer(x)


            print(Net()(torch.randn(3, 4)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self, width):
                    self.width = width
                    self.names = ["layer"]
                    super(Net, self).__init__()
                    self.layer = nn.Linear(4, width)

                def forward(self, x):
                    return self.layer(x)


            print(Net(3)(torch.randn(3, 4)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Twice(nn.Linear):
                def forward(self, x):
                    return 2 * super().forward(x)


            print(Twice(4, 2)(torch.randn(3, 4)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    self.begin()
                    self.layer = nn.Linear(4, 2)

                def begin(self):
                    super().__init__()

                def forward(self, x):
                    return self.layer(x)


            print(Net()(torch.randn(3, 4)))
            """
        ),
        example(
            """
            from torch.utils.data import Dataset


            class Numbers(Dataset):
                def __init__(self, count):
                    self.count = count

                def __len__(self):
                    return self.count

                def __getitem__(self, index):
                    return index


            print(len(Numbers(3)))
            """
        ),
    ),
    check=check,
    references=("PyTorch, [Module](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html)",),
)
