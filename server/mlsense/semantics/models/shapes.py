"""How many entries tensors have along each axis: as they are made, and what layers, methods and operators make of it.

Sizes are known of what was made by something that says so, and of nothing else: a tensor that comes out of what is not
listed here has none.
"""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant
from mlsense.semantics.events import Misfit, Widened
from mlsense.semantics.values import Data, ListObject, Opaque, Ref, Shaped, TupleValue, Value

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.core import Core
    from mlsense.semantics.models.effects import Call
    from mlsense.semantics.values import Sizes


def sizes_of(run: Core, value: Value | None) -> Sizes | None:
    """The sizes of a tensor, or of what one is made of; None where nothing is known of them."""
    thing = run.object(value)
    if not isinstance(thing, Data):
        return None
    if thing.shape is not None and thing.shape.owner == value:
        return thing.shape.sizes
    if thing.kind == "tensor" or thing.rank is None:
        return None
    if thing.kind == "series" or (thing.kind == "array" and thing.rank == 1):
        return (None,)
    if thing.rank == 2 and thing.kind in ("frame", "array"):
        known = thing.columns is not None and thing.columns.closed and thing.columns.items
        return (None, len(thing.columns.items) if known and thing.columns is not None else None)
    return None


def given(run: Core, made: Value, sizes: Sizes | None) -> Value:
    """A tensor, and how large it is."""
    thing = run.object(made)
    if isinstance(thing, Data) and isinstance(made, Ref) and sizes is not None:
        run.update(made, replace(thing, shape=Shaped(made, sizes)))
    return made


# --- as they are made ----------------------------------------------------------------------------------

_SIZED = frozenset("rand randn zeros ones empty".split())


def told(run: Run, call: Call) -> Sizes | None:
    """The sizes that `zeros(2, 3)`, `randn((2, 3))`, `randint(0, 9, (2, 3))` are told."""
    if not call.exact:
        return None
    if call.name in _SIZED:
        return _listed(run, call.args or [value for key, value in call.keywords.items() if key == "size"])
    place = 1 if call.name == "full" else 0
    if call.name == "randint":
        place = 2 if len(call.args) > 2 else 1
    if call.name in ("full", "randint"):
        size = call.get(place if call.name == "randint" else 0, "size")
        return _listed(run, [size]) if size is not None and constant(size) is ... else None
    return None


def _listed(run: Run, args: list[Value]) -> Sizes | None:
    """Sizes told one by one or as one tuple."""
    if len(args) == 1 and constant(args[0]) is ...:
        inner = run.object(args[0])
        items = (
            args[0].items if isinstance(args[0], TupleValue) else inner.items if isinstance(inner, ListObject) else None
        )
        if items is None:
            return None
        args = list(items)
    numbers = [constant(value) for value in args]
    return tuple(number if isinstance(number, int) else None for number in numbers) if numbers else None


# --- layers --------------------------------------------------------------------------------------------

_SAME = frozenset(
    """
        ReLU ReLU6 LeakyReLU RReLU PReLU ELU CELU SELU GELU SiLU Mish Sigmoid LogSigmoid Tanh Tanhshrink Softplus
        Softsign Softshrink Hardshrink Hardsigmoid Hardswish Hardtanh Threshold Softmax LogSoftmax Softmin Dropout
        Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout Identity LayerNorm BatchNorm1d BatchNorm2d
        BatchNorm3d InstanceNorm1d InstanceNorm2d InstanceNorm3d GroupNorm SyncBatchNorm
        """.split()
)


def after_layer(run: Run, module: Value, thing: Opaque, call: Call, made: Value) -> None:
    """Notes how large what a layer gives is, and where it cannot take what it gets."""
    before, name = sizes_of(run, call.get(0, "input")), thing.symbol.rpartition(".")[2]
    axis, wants = _wanted(thing, name)
    if before is not None and wants is not None and not run.choices and not _fits(before, axis, wants):
        base, data = run.circumstances(call.node), run.data(call.get(0, "input"))
        operation = data.operation if data is not None else None
        origin = module.origin if isinstance(module, Ref) else None
        got = before[axis]
        assert isinstance(got, int)
        run.emit(Misfit(*base, name, wants, got, axis, before, operation, origin, run.place(call.node)))
        return
    given(run, made, _after(thing, name, before))


def _wanted(thing: Opaque, name: str) -> tuple[int, int | None]:
    """Along which axis, counted from the last, a layer wants how many entries."""
    key, axis = {"Linear": ("in_features", -1)}.get(name, ("", 0))
    if name.startswith("Conv"):
        key, axis = "in_channels", -int(name[-2]) - 1
    elif name in ("BatchNorm2d", "BatchNorm3d"):
        key, axis = "num_features", -int(name[-2]) - 1
    elif name == "BatchNorm1d":
        key, axis = "num_features", 1
    wants = constant(thing.param(key)) if key else None
    return axis, wants if isinstance(wants, int) and not isinstance(wants, bool) else None


def _fits(sizes: Sizes, axis: int, wants: int) -> bool:
    """Whether as many entries are there, as far as it is known; without its rows a picture has an axis less."""
    if axis == -1:
        return not sizes or not isinstance(sizes[-1], int) or sizes[-1] == wants
    if sizes[:1] == (...,) or (axis == 1 and len(sizes) < 2) or (axis < 0 and len(sizes) not in (-axis, 1 - axis)):
        return True
    return not isinstance(sizes[axis], int) or sizes[axis] == wants


def _after(thing: Opaque, name: str, before: Sizes | None) -> Sizes | None:
    if name in ("Linear", "LazyLinear"):
        units = constant(thing.param("out_features"))
        units = units if isinstance(units, int) else None
        return (*before[:-1], units) if before else (..., units)
    if before is None:
        return None
    if name in _SAME:
        return before
    if name == "Flatten":
        usual = thing.param("start_dim") is None and thing.param("end_dim") is None
        return flat(before, 1) if usual else None
    if name == "Embedding":
        units = constant(thing.param("embedding_dim"))
        return (*before, units if isinstance(units, int) else None)
    if before[:1] == (...,):
        return None
    spatial = len(before) - 2
    if spatial < 1 or not name.endswith(f"{spatial}d"):
        return None
    if name.startswith(("Conv", "LazyConv")):
        channels = constant(thing.param("out_channels"))
        extents = _slid(thing, before, transposed="Transpose" in name)
        return (before[0], channels if isinstance(channels, int) else None, *extents)
    if name.startswith("Adaptive"):
        return (*before[:2], *_each(thing.param("output_size"), spatial, None))
    if name.startswith(("MaxPool", "AvgPool")):
        return (*before[:2], *_slid(thing, before, transposed=False))
    return None


def _slid(thing: Opaque, before: Sizes, transposed: bool) -> list[int | None]:
    """Along each axis of a picture, how many places a window takes that slides over it."""
    count = len(before) - 2
    kernels = _each(thing.param("kernel_size"), count, None)
    pooling = "Pool" in thing.symbol
    strides = kernels if pooling and thing.param("stride") is None else _each(thing.param("stride"), count, 1)
    spaces = _each(thing.param("dilation"), count, 1)
    same = constant(thing.param("padding")) == "same"
    margins = _each(thing.param("padding"), count, 0) if not same else [None] * count
    more = _each(thing.param("output_padding"), count, 0)
    if constant(thing.param("ceil_mode")) not in (False, ...) or (thing.param("ceil_mode") is not None):
        return [None] * count
    found: list[int | None] = []
    for size, kernel, stride, space, margin, extra in zip(
        before[2:], kernels, strides, spaces, margins, more, strict=True
    ):
        if same:
            found.append(size if isinstance(size, int) else None)
        elif not isinstance(size, int) or None in (kernel, stride, space, margin, extra):
            found.append(None)
        elif transposed:
            found.append((size - 1) * stride - 2 * margin + space * (kernel - 1) + extra + 1)
        else:
            found.append((size + 2 * margin - space * (kernel - 1) - 1) // stride + 1)
    return [size if size is not None and size > 0 else None for size in found]


def _each(value: Value | None, count: int, usual: int | None) -> list[int | None]:
    """A number for each axis: told once for all, or one by one."""
    if value is None:
        return [usual] * count
    if isinstance(value, TupleValue):
        numbers = [constant(item) for item in value.items]
        known = len(numbers) == count
        return [number if known and isinstance(number, int) else None for number in (numbers if known else [0] * count)]
    number = constant(value)
    return [number if isinstance(number, int) else None] * count


def flat(sizes: Sizes, start: int) -> Sizes | None:
    """All axes from one on made one."""
    if sizes[:1] == (...,) or start >= len(sizes):
        return sizes if sizes[:1] != (...,) else None
    inner = sizes[start:]
    known = [size for size in inner if isinstance(size, int)]
    return (*sizes[:start], math.prod(known) if len(known) == len(inner) else None)


# --- methods and functions of tensors ------------------------------------------------------------------

_KEEPING = frozenset(
    """
        float double half long int bool bfloat16 to cuda cpu detach clone contiguous requires_grad_ type
        relu sigmoid tanh exp log sqrt abs neg softmax log_softmax leaky_relu elu gelu silu dropout dropout2d clamp
        round square logsigmoid softplus sin cos sign clip nan_to_num
        """.split()
)


def after_method(run: Run, receiver: Value, data: Data, name: str, call: Call, made: Value) -> None:
    """Notes how large what a method or function of a tensor gives is."""
    if made == receiver or not isinstance(made, Ref):
        return
    before = sizes_of(run, receiver)
    if before is None:
        return
    if name in _KEEPING:
        given(run, made, before)
    elif name in ("view", "reshape"):
        given(run, made, _viewed(run, before, data, name, call))
    elif name in ("squeeze", "unsqueeze", "flatten"):
        given(run, made, _turned(run, before, name, call))
    elif name in ("mean", "sum", "max", "min", "argmax", "argmin", "all", "any", "norm", "std", "var"):
        dim = constant(call.get(0, "dim", "axis"))
        kept = constant(call.get(None, "keepdim", "keepdims"))
        if (
            isinstance(dim, int)
            and not isinstance(dim, bool)
            and before[:1] != (...,)
            and -len(before) <= dim < len(before)
        ):
            place = dim % len(before)
            middle = (1,) if kept is True else ()
            if kept in (True, False) or call.get(None, "keepdim", "keepdims") is None:
                given(run, made, (*before[:place], *middle, *before[place + 1 :]))
    elif name in ("permute", "transpose") and before[:1] != (...,):
        given(run, made, _exchanged(run, before, name, call))
    elif name in ("sub", "add", "mul", "div", "eq", "ne") and call.args:
        together(run, call.node, name, receiver, call.args[0], made)


def _viewed(run: Run, before: Sizes, data: Data, name: str, call: Call) -> Sizes | None:
    """`view(-1, 128)`: the sizes that are told, where what is there fills them."""
    args = call.args or [value for key, value in call.keywords.items() if key == "shape"]
    sizes = _listed(run, args)
    if sizes is None or not call.exact:
        return None
    first = call.nodes.get(0)
    if isinstance(first, ast.Tuple) and first.elts:
        first = first.elts[0]
    own_rows = sizes[0] is None and first is not None and _is_own_size(first)
    if before[:1] != (...,) and len(before) > 1:
        known = [size for size in before[1:] if isinstance(size, int)]
        rest = [size for size in sizes[1:] if isinstance(size, int)]
        there, asked = math.prod(known), math.prod(rest)
        complete = len(known) == len(before) - 1 and len(rest) == len(sizes) - 1 and min([1, *rest]) > 0
        free = sizes[0] == -1 and before[0] is None
        if (
            complete
            and rest
            and there != asked
            and not run.choices
            and (own_rows or (free and there % asked and asked % there))
        ):
            base = run.circumstances(call.node)
            run.emit(Misfit(*base, name, asked, there, -1, before, data.operation, None, run.place(call.node)))
            return None
        if sizes[0] == -1 and complete:
            return (before[0] if there == asked else None, *sizes[1:])
    if sizes.count(-1) == 1:
        return _filled(before, sizes)
    return sizes


def _is_own_size(node: ast.expr) -> bool:
    """`x.size(0)`, `x.shape[0]`, `len(x)`."""
    text = ast.unparse(node)
    return text.endswith((".size(0)", ".shape[0]")) or (text.startswith("len(") and text.endswith(")"))


def _filled(before: Sizes, sizes: Sizes) -> Sizes | None:
    """The one size that is left open, found where all numbers are known."""
    numbers = [size for size in before if isinstance(size, int)]
    others = [size for size in sizes if isinstance(size, int) and size != -1]
    open_ = None
    if len(numbers) == len(before) and len(others) == len(sizes) - 1 and _product(others):
        open_ = _product(numbers) // _product(others)
    return tuple(open_ if size == -1 else size for size in sizes)


def _product(sizes: list[int]) -> int:
    return math.prod(sizes)


def _turned(run: Run, before: Sizes, name: str, call: Call) -> Sizes | None:
    """`squeeze`, `unsqueeze`, `flatten`."""
    told = call.get(0, "dim", "start_dim")
    dim = constant(told)
    if name == "flatten":
        start = 0 if told is None else dim
        return flat(before, start) if isinstance(start, int) and start >= 0 and call.get(1, "end_dim") is None else None
    if before[:1] == (...,):
        if name == "squeeze" and dim == -1 and before[-1] == 1:
            return before[:-1]
        return (*before, 1) if name == "unsqueeze" and dim == -1 else None
    if name == "unsqueeze":
        if not isinstance(dim, int):
            return None
        place = dim if dim >= 0 else len(before) + 1 + dim
        return (*before[:place], 1, *before[place:])
    if told is None:
        # A batch of one would lose its axis as well; whoever squeezes does not think of it.
        return tuple(size for size in before if size != 1)
    if not isinstance(dim, int) or not -len(before) <= dim < len(before):
        return None
    place = dim % len(before)
    return (*before[:place], *before[place + 1 :]) if before[place] == 1 else before if before[place] else None


def _exchanged(run: Run, before: Sizes, name: str, call: Call) -> Sizes | None:
    numbers = _listed(run, call.args)
    if numbers is None or any(not isinstance(number, int) for number in numbers):
        return None
    places = [number % len(before) for number in numbers if isinstance(number, int)]
    if name == "permute":
        return tuple(before[place] for place in places) if sorted(places) == list(range(len(before))) else None
    if len(places) != 2:
        return None
    order = list(range(len(before)))
    order[places[0]], order[places[1]] = order[places[1]], order[places[0]]
    return tuple(before[place] for place in order)


def picked(run: Core, base: Value, node: ast.Subscript, made: Value) -> Value:
    """`x[:, 0]`, `x[:, None]`, `x[..., 0]`, `x[:5]`."""
    before = sizes_of(run, base)
    if before is None or made == base:
        return made
    keys = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    left = list(before)
    if before[:1] == (...,):
        # Only what is done to the last axis is known.
        if len(keys) == 2 and isinstance(keys[0], ast.Constant) and keys[0].value is ... and _is_number(keys[1]):
            return given(run, made, before[:-1])
        return made
    found: list[int | None] = []
    for number, key in enumerate(keys):
        if isinstance(key, ast.Constant) and key.value is ...:
            rest = sum(not (isinstance(each, ast.Constant) and each.value is None) for each in keys[number + 1 :])
            count = len(left) - rest
            found += left[:count]  # type: ignore[arg-type]
            left = left[count:]
        elif isinstance(key, ast.Constant) and key.value is None:
            found.append(1)
        elif not left:
            return made
        elif isinstance(key, ast.Slice):
            whole = key.lower is None and key.upper is None and key.step is None
            found.append(left[0] if whole else None)  # type: ignore[arg-type]
            left = left[1:]
        elif _is_number(key) or _is_position(run, key):
            left = left[1:]
        else:
            return made
    return given(run, made, (*found, *left))


def _is_position(run: Core, key: ast.expr) -> bool:
    """The position that a data set is asked for: the parameter of its `__getitem__`."""
    function = run.frame.function
    node = function.node if function is not None and function.name == "__getitem__" else None
    names = [each.arg for each in node.args.args[1:2]] if node is not None else []
    return isinstance(key, ast.Name) and key.id in names


def _is_number(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int)


# --- operators -----------------------------------------------------------------------------------------


def together(run: Core, node: ast.AST, name: str, left: Value, right: Value, made: Value) -> None:
    """Entry by entry: notes the sizes, and where one column meets one row of numbers so that a table comes out."""
    one, other = sizes_of(run, left), sizes_of(run, right)
    if one is None or other is None:
        known = one if one is not None else other
        alone = constant(left if one is None else right)
        if known is not None and isinstance(alone, (int, float)):
            given(run, made, known)
        return
    if one == other:
        given(run, made, one)
    elif name and _widens(one, other):
        parts, sides = _operands(node), (run.data(left), run.data(right))
        # What a network gives is put together with something else: of two things of one kind every pair may be meant.
        if parts is not None and sum(side is not None and side.operation is not None for side in sides) == 1:
            places = (run.place(parts[0]), run.place(parts[1]))
            run.emit(Widened(*run.circumstances(node), name, (one, other), places, run.place(node)))


def _widens(one: Sizes, other: Sizes) -> bool:
    """Whether one is a column, `(n, 1)`, and the other as many numbers in a row, `(n,)`."""
    for column, row in ((one, other), (other, one)):
        if len(row) == 1 and row[0] not in (1, ...) and len(column) == 2 and column[1] == 1 and column[0] != 1:
            return column[0] in (..., None, row[0]) or row[0] is None
    return False


def _operands(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    if isinstance(node, ast.BinOp):
        return node.left, node.right
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return node.left, node.comparators[0]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        return (node.func.value, node.args[0]) if len(node.args) == 1 else (node.args[0], node.args[1])
    return None
