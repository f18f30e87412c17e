"""Layers kept in a plain list, dict or tuple, where PyTorch does not see their weights."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import classes, editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Built
from mlsense.semantics.values import DictObject, ListObject, TupleValue
from mlsense.syntax import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import ClassValue, HeapObject

# By these a class registers modules under names that are not in its text, or says itself what its weights are.
_REGISTERING = frozenset(
    """
        set_submodule __setattr__ _modules __dict__ vars register_parameter
        """.split()
)
_OVERRIDING = frozenset(
    "parameters named_parameters children named_children modules named_modules state_dict _apply to cuda".split()
)
# Where one of these is asked of what is held, the program hands its weights over by itself, or does not want them.
_HANDING_OVER = frozenset(
    "parameters named_parameters state_dict requires_grad_ requires_grad no_grad eval deepcopy".split()
)
# Functions that look at a list and do not keep it.
_LOOKING = frozenset("len enumerate zip range reversed list tuple print sum isinstance sorted iter any all".split())
# What a `ModuleList` and a `ModuleDict` can do as a list and a dict can.
_AS_LIST, _AS_DICT = frozenset("append extend insert".split()), frozenset("items keys values update".split())


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_keeps_unseen, Built):
        for name, held, plain in event.unseen:
            yield from _told(trace, event.cls, name, held, plain)


def _keeps_unseen(event: Built) -> bool:
    return bool(event.unseen)


def _told(trace: Trace, cls: ClassValue, name: str, held: HeapObject | TupleValue, plain: bool) -> Iterator[Draft]:
    for each in cls.lineage():
        node = classes.text_of(trace, each)
        found = list(classes.assignments(node, name)) if node is not None else []
        if node is None or not found:
            continue
        method, assignment = found[0]
        value = assignment.value
        there = location(trace, place_in(each.origin.place, value)) if value is not None else None
        if value is None or there is None or _is_meant(trace, node, name, value):
            return
        fix = _fix(trace, each, node, name, held, method, value) if plain and len(found) == 1 else None
        yield Draft(_message(name, held), there, (), fix)
        return


def _is_meant(trace: Trace, node: ast.ClassDef, name: str, value: ast.expr) -> bool:
    """Whether the weights come to PyTorch by another way, are hidden on purpose, or the list is not used."""
    if isinstance(value, (ast.List, ast.Tuple)) and len(value.elts) == 1 and not isinstance(value.elts[0], ast.Starred):
        # One module in brackets: that is how people keep one from being registered.
        return True
    methods = classes.methods(node)
    if classes.mentions(node) & _REGISTERING or methods.keys() & _OVERRIDING:
        return True
    own_names = {classes.own_name(method) for method in methods.values()}
    if _goes_elsewhere(node, lambda given: classes.is_attribute(given, own_names, name)):
        return True
    if isinstance(value, ast.Name) and _goes_elsewhere(node, lambda given: ast.unparse(given) == value.id):
        return True
    used = False
    for method in methods.values():
        own = classes.own_name(method)
        if any(True for _ in classes.reads(method, own, name)):
            if any(_asks_of_others(part, own) for part in walk(method)):
                return True
            used = used or method.name != "__init__"
    return not used or _is_handed_over(trace, node, name)


def _asks_of_others(part: ast.AST, own: str) -> bool:
    """`layer.parameters()`, but not `self.parameters()`."""
    if not isinstance(part, ast.Attribute) or part.attr not in _HANDING_OVER:
        return False
    return not (isinstance(part.value, ast.Name) and part.value.id == own)


def _is_handed_over(trace: Trace, node: ast.ClassDef, name: str) -> bool:
    """Whether code outside the class asks for the attribute, and for weights."""
    for each in trace.followed:
        tree = each.parsed.tree
        if tree is None or tree is node:
            continue
        asked = any(_is_attribute_of_other(part, name) for part in walk(tree))
        if asked and classes.mentions(tree) & (_HANDING_OVER | _REGISTERING):
            return True
    return False


def _is_attribute_of_other(part: ast.AST, name: str) -> bool:
    """`net.layers`, but not `self.layers` of another class."""
    if not isinstance(part, ast.Attribute) or part.attr != name:
        return False
    return not (isinstance(part.value, ast.Name) and part.value.id == "self")


def _goes_elsewhere(node: ast.AST, is_it: Callable[[ast.expr], bool]) -> bool:
    """Whether it is handed to anything that may keep it: a function that is not one of Python's own."""
    for call in walk(node):
        if isinstance(call, ast.Call) and not (isinstance(call.func, ast.Name) and call.func.id in _LOOKING):
            given = (*call.args, *(each.value for each in call.keywords))
            if any(is_it(each.value if isinstance(each, ast.Starred) else each) for each in given):
                return True
    return False


def _message(name: str, held: HeapObject | TupleValue) -> str:
    kind = "tuple" if isinstance(held, TupleValue) else "dict" if isinstance(held, DictObject) else "list"
    container = "ModuleDict" if kind == "dict" else "ModuleList"
    items = held.items if isinstance(held, (TupleValue, ListObject, DictObject)) else None
    number = f"the {len(items)} modules" if items is not None and len(items) > 1 else "the modules"
    return (
        f"`{name}` is a plain {kind}, so PyTorch does not see {number} in it: `parameters()` leaves their weights out, "
        "the optimizer never trains them, and `to(device)`, `train()`, `state_dict()` pass them by. "
        f"Keep them in a `{container}`."
    )


def _fix(
    trace: Trace,
    cls: ClassValue,
    node: ast.ClassDef,
    name: str,
    held: HeapObject | TupleValue,
    method: ast.FunctionDef,
    value: ast.expr,
) -> Fix | None:
    base = _namespace(node)
    a_dict = isinstance(held, DictObject)
    if base is None or not isinstance(value, (ast.List, ast.ListComp, ast.Tuple, ast.Dict, ast.DictComp, ast.Name)):
        return None
    if isinstance(held, DictObject) and (held.open or not all(_can_name(key) for key, _ in held.items)):
        return None
    if not _uses(node, name) <= (_AS_DICT if a_dict else _AS_LIST):
        return None
    lines = [part.lineno for part in walk(method) if isinstance(part, ast.Call) and _is_init_of_base(part)]
    if not lines or min(lines) > value.lineno:
        # A module can be set only after that.
        return None
    if isinstance(value, ast.Name) and _is_mentioned_after(method, value):
        return None
    place = place_in(cls.origin.place, value)
    text = editing.text_at(trace, place)
    container = f"{base}.{'ModuleDict' if a_dict else 'ModuleList'}"
    edit = editing.replaced(trace, place, f"{container}({'' if text in ('[]', '{}') else text})")
    # Weights that were never trained are now, and checkpoints have more of them.
    return None if edit is None or text is None else Fix(f"Keep them in a `{container}`", "unsafe", (edit,))


def _namespace(node: ast.ClassDef) -> str | None:
    """How the class writes the module that PyTorch's layers are in."""
    known = ("nn", "torch.nn")
    written = [ast.unparse(part.value) for part in walk(node) if isinstance(part, ast.Attribute)]
    return next((each for each in written if each in known), None)


def _can_name(key: object) -> bool:
    return isinstance(key, str) and bool(key) and "." not in key and not hasattr(dict, key)


def _uses(node: ast.ClassDef, name: str) -> frozenset[str]:
    """What is asked of `self.name` by name; "+" where it is added to something."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Attribute) and part.value.attr == name:
            found.add(part.attr)
        sides = (part.left, part.right) if isinstance(part, ast.BinOp) else ()
        if any(isinstance(side, ast.Attribute) and side.attr == name for side in sides):
            found.add("+")
    return frozenset(found)


def _is_init_of_base(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"


def _is_mentioned_after(method: ast.FunctionDef, value: ast.Name) -> bool:
    return any(
        isinstance(part, ast.Name) and part.id == value.id and (part.lineno, part.col_offset) > (value.lineno, 0)
        for part in walk(method)
        if part is not value
    )


RULE = Rule(
    name="modules-in-list",
    family="module",
    severity=Severity.WARNING,
    summary="Layers are kept in a plain list, dict or tuple, where PyTorch does not find their weights.",
    finds="""
        An attribute of a PyTorch module that is a list, dict or tuple of layers with weights, or of the program's own
        modules that have some, which other methods use.
        """,
    matters="""
        A module registers the modules that are set as its attributes, and no others. What is inside a list takes part
        in `forward`, but `parameters()` does not give it, so the optimizer never changes it: these layers stay as they
        were drawn at random. `to("cuda")` leaves them on the CPU, `eval()` leaves their dropout on, and a checkpoint
        does not hold them. If all layers are in the list, the optimizer raises "got an empty parameter list"; if some
        are, nothing crashes.
        """,
    silent="""
        Modules that are attributes besides, or in a `ModuleList`, `ModuleDict` or `Sequential`; `add_module`, `setattr`
        and classes that say themselves what their parameters are; lists whose `parameters()` the program hands over
        itself, that are frozen or in evaluation mode; one module in brackets, which is how it is hidden on purpose;
        layers without weights; modules that come from outside.
        """,
    repair="""
        Makes the list an `nn.ModuleList`, the dict an `nn.ModuleDict`. Weights that stood still are trained from then
        on, and checkpoints have more entries: saved ones no longer load as they are.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layers = [nn.Linear(8, 8) for _ in range(3)]  # <- modules-in-list
                    self.head = nn.Linear(8, 2)

                def forward(self, x):
                    for layer in self.layers:
                        x = torch.relu(layer(x))
                    return self.head(x)


            net = Net()
            print(sum(p.numel() for p in net.parameters()), net(torch.randn(4, 8)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Tower(nn.Module):
                def __init__(self, sizes):
                    super().__init__()
                    self.steps = []  # <- modules-in-list
                    for size, following in zip(sizes, sizes[1:]):
                        self.steps.append(nn.Linear(size, following))
                    self.last = nn.Linear(sizes[-1], 1)

                def forward(self, x):
                    for step in self.steps:
                        x = step(x).relu()
                    return self.last(x)


            print(len(list(Tower([4, 8, 8]).parameters())))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Heads(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.body = nn.Linear(6, 6)
                    self.heads = {"age": nn.Linear(6, 1), "kind": nn.Linear(6, 3)}  # <- modules-in-list

                def forward(self, x, task):
                    return self.heads[task](self.body(x))


            print(Heads()(torch.randn(2, 6), "kind").shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Block(nn.Module):
                def __init__(self, width):
                    super().__init__()
                    self.inner = nn.Linear(width, width)
                    self.norm = nn.LayerNorm(width)

                def forward(self, x):
                    return x + self.norm(self.inner(x))


            class Encoder(nn.Module):
                def __init__(self, width, depth):
                    super().__init__()
                    self.embed = nn.Linear(3, width)
                    blocks = [Block(width) for _ in range(depth)]
                    self.blocks = blocks  # <- modules-in-list

                def forward(self, x):
                    x = self.embed(x)
                    for block in self.blocks:
                        x = block(x)
                    return x


            print(sum(p.numel() for p in Encoder(8, 2).parameters()))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Pair(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.convs = (nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3))  # <- modules-in-list
                    self.out = nn.Linear(4, 2)

                def forward(self, x):
                    for conv in self.convs:
                        x = conv(x)
                    return self.out(x.mean(dim=(2, 3)))


            print(Pair()(torch.randn(2, 1, 8, 8)).shape)
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
                    self.layers = nn.ModuleList([nn.Linear(8, 8) for _ in range(3)])

                def forward(self, x):
                    for layer in self.layers:
                        x = layer(x)
                    return x


            print(Net()(torch.randn(2, 8)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    layers = []
                    for _ in range(3):
                        layers += [nn.Linear(8, 8), nn.ReLU()]
                    self.layers = layers
                    self.net = nn.Sequential(*layers)

                def forward(self, x):
                    return self.net(x), len(self.layers)


            print(Net()(torch.randn(2, 8)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Twin(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.left = nn.Linear(4, 4)
                    self.right = nn.Linear(4, 4)
                    self.sides = [self.left, self.right]

                def forward(self, x):
                    return sum(side(x) for side in self.sides)


            print(Twin()(torch.randn(2, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layers = []
                    for number in range(3):
                        layer = nn.Linear(8, 8)
                        self.add_module(f"layer{number}", layer)
                        self.layers.append(layer)

                def forward(self, x):
                    for layer in self.layers:
                        x = layer(x)
                    return x


            print(len(list(Net().parameters())))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Distilled(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.student = nn.Linear(4, 2)
                    self.teacher = [nn.Linear(4, 2)]

                def forward(self, x):
                    return self.student(x), self.teacher[0](x)


            print(Distilled()(torch.randn(2, 4)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Pools(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.pools = [nn.MaxPool1d(2), nn.AvgPool1d(2), nn.Flatten()]

                def forward(self, x):
                    for pool in self.pools:
                        x = pool(x)
                    return x


            print(Pools()(torch.randn(2, 3, 8)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Ensemble(nn.Module):
                def __init__(self, size):
                    super().__init__()
                    self.members = [nn.Linear(4, 1) for _ in range(size)]

                def weights(self):
                    return [weight for member in self.members for weight in member.parameters()]

                def forward(self, x):
                    return torch.stack([member(x) for member in self.members]).mean(dim=0)


            ensemble = Ensemble(3)
            optimizer = torch.optim.SGD(ensemble.weights(), lr=0.1)
            print(ensemble(torch.randn(2, 4)).shape)
            """
        ),
        example(
            """
            from torch import nn


            class Committee:
                def __init__(self):
                    self.members = [nn.Linear(4, 1), nn.Linear(4, 1)]

                def __call__(self, x):
                    return sum(member(x) for member in self.members)


            print(len(Committee().members))
            """
        ),
    ),
    check=check,
    references=("PyTorch, [ModuleList](https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html)",),
)
