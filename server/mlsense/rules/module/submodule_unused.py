"""A layer is made in `__init__` and never used."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mlsense.rules import classes
from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Built
from mlsense.semantics.models.torch_modules import DICTS, LAYERS, LISTS, WEIGHTED
from mlsense.semantics.values import Instance, Opaque, Symbol
from mlsense.syntax import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import ClassValue, HeapObject

# By these modules are reached without their names standing in the text.
_BY_ANOTHER_WAY = frozenset(
    """
        getattr children named_children modules named_modules _modules __dict__ vars eval exec get_submodule
        register_forward_hook __getattr__ __getattribute__ script trace export
        """.split()
)


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_has_layers, Built):
        yield from _told(trace, event.cls, event.layers)


def _has_layers(event: Built) -> bool:
    return bool(event.layers) and event.cls.bases_known and event.cls.member("forward") is not None


def _told(trace: Trace, cls: ClassValue, layers: tuple[tuple[str, HeapObject], ...]) -> Iterator[Draft]:
    node = classes.text_of(trace, cls)
    # A class of its own, used as it is: another one may use what this one only makes.
    if node is None or not classes.is_torch(cls) or any(not _is_library(base) for base in cls.bases):
        return
    if classes.mentions(node) & _BY_ANOTHER_WAY or cls.name in trace.once(_read).bases:
        return
    for name, thing in layers:
        found = list(classes.assignments(node, name))
        if len(found) != 1 or not _is_layer(thing) or found[0][0].name != "__init__" or _is_mentioned(trace, name):
            continue
        value = found[0][1].value
        target = found[0][1].targets[0] if isinstance(found[0][1], ast.Assign) else found[0][1].target
        there = location(trace, place_in(cls.origin.place, target)) if isinstance(value, ast.Call) else None
        if there is not None:
            yield Draft(_message(cls.name, name, thing), there)


def _is_library(base: object) -> bool:
    return isinstance(base, Symbol)


class _Read(NamedTuple):
    """What the document mentions: the attributes it reads, its texts, and the names in what classes derive from."""

    attributes: frozenset[str]
    texts: tuple[str, ...]
    bases: frozenset[str]


def _read(trace: Trace) -> _Read:
    attributes: set[str] = set()
    texts: set[str] = set()
    bases: set[str] = set()
    for each in trace.followed:
        tree = each.parsed.tree
        for part in walk(tree) if tree is not None else ():
            if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Store):
                attributes.add(part.attr)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                texts.add(part.value)
            elif isinstance(part, ast.ClassDef):
                bases.update(name for base in part.bases for name in classes.mentions(base))
    return _Read(frozenset(attributes), tuple(texts), frozenset(bases))


def _is_layer(thing: HeapObject) -> bool:
    if isinstance(thing, Instance):
        return True
    name = thing.symbol.rpartition(".")[2] if isinstance(thing, Opaque) else ""
    return name in LAYERS.keys() | LISTS | DICTS


def _is_mentioned(trace: Trace, name: str) -> bool:
    """Whether anything in the document reads an attribute of that name, or has the name in a text."""
    found = trace.once(_read)
    return name in found.attributes or any(name in text for text in found.texts)


def _message(cls: str, name: str, thing: HeapObject) -> str:
    layer = LAYERS.get(thing.symbol.rpartition(".")[2]) if isinstance(thing, Opaque) else None
    weighs = layer is None or layer.operation in WEIGHTED
    cost = "its weights take memory, are saved, and are never trained" if weighs else "it does nothing"
    return f"`{name}` is made here, and nothing in `{cls}` uses it: {cost}. Use it in `forward`, or take it out."


RULE = Rule(
    name="submodule-unused",
    family="module",
    severity=Severity.INFORMATION,
    summary="A layer is made in `__init__` of a network and used nowhere.",
    finds="""
        A layer, a container of layers or a module of the program that is set as an attribute in `__init__` and that
        nothing in the file reads.
        """,
    matters="""
        A dropout or a normalisation that never runs is not there, whatever the table of hyper-parameters says. A layer
        with weights takes memory and a place in every checkpoint, gets no gradients, and makes
        `DistributedDataParallel` stop with "parameters that were not used in producing loss".
        """,
    silent="""
        Classes that another class derives from, that derive from one of the program or from something not known;
        modules reached by `getattr`, `children()` and their like, or whose name stands in a text; losses and metrics;
        attributes set in several places.
        """,
    repair="""
        There is none: whether it was meant to be used or to be taken out, only the author knows.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.hidden = nn.Linear(4, 8)
                    self.dropout = nn.Dropout(0.5)  # <- submodule-unused
                    self.last = nn.Linear(8, 2)

                def forward(self, x):
                    return self.last(torch.relu(self.hidden(x)))


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
                    self.conv1 = nn.Conv2d(1, 4, 3)
                    self.conv2 = nn.Conv2d(1, 4, 3)  # <- submodule-unused

                def forward(self, x):
                    return self.conv1(x).relu()


            print(Net()(torch.randn(3, 1, 8, 8)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Block(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.inner = nn.Linear(4, 4)

                def forward(self, x):
                    return self.inner(x) + x


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.first = Block()
                    self.second = Block()  # <- submodule-unused

                def forward(self, x):
                    x = self.first(x)
                    return self.first(x)


            print(Net()(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self, depth):
                    super().__init__()
                    self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(depth)])
                    self.norms = nn.ModuleList([nn.LayerNorm(4) for _ in range(depth)])  # <- submodule-unused

                def forward(self, x):
                    for layer in self.layers:
                        x = layer(x)
                    return x


            print(Net(2)(torch.randn(3, 4)).shape)
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
                    self.hidden = nn.Linear(4, 8)
                    self.dropout = nn.Dropout(0.5)
                    self.last = nn.Linear(8, 2)

                def forward(self, x):
                    return self.last(self.dropout(torch.relu(self.hidden(x))))


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
                    self.layer1 = nn.Linear(4, 4)
                    self.layer2 = nn.Linear(4, 4)

                def forward(self, x):
                    for number in (1, 2):
                        x = getattr(self, f"layer{number}")(x)
                    return x


            print(Net()(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Tied(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.embed = nn.Embedding(10, 4)
                    self.last = nn.Linear(4, 10, bias=False)
                    self.last.weight = self.embed.weight

                def forward(self, x):
                    return self.last(x)


            print(Tied()(torch.randn(3, 4)).shape)
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
                    self.head = nn.Linear(4, 2)

                def forward(self, x):
                    return self.body(x)


            class Full(Base):
                def forward(self, x):
                    return self.head(super().forward(x))


            print(Full()(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.encoder = nn.Linear(8, 2)
                    self.decoder = nn.Linear(2, 8)

                def forward(self, x):
                    return self.encoder(x)


            net = Net()
            code = net(torch.randn(3, 8))
            print(net.decoder(code).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.one = nn.Linear(4, 4)
                    self.two = nn.Linear(4, 4)

                def forward(self, x):
                    for layer in self.children():
                        x = layer(x)
                    return x


            print(Net()(torch.randn(3, 4)).shape)
            """
        ),
    ),
    check=check,
)
