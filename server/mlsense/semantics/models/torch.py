"""PyTorch's tensors: how they are made, what functions and methods do to their rows; and what is called on the rest.

Modules are in `torch_modules`, data sets in `torch_data`, optimisers and their kind in `torch_training`.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant
from mlsense.semantics.models import files, frames, numpy, shapes, sklearn, torch_data, torch_modules, torch_training
from mlsense.semantics.models.effects import Call, Effect, apply, own_rows, shaped_by
from mlsense.semantics.models.torch_modules import ONE_HOT, OPERATIONS, is_module
from mlsense.semantics.models.torch_training import backward, made
from mlsense.semantics.regions import NO_ROWS, Choice
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Const,
    Data,
    HeapObject,
    ListObject,
    Method,
    Opaque,
    Operation,
    Symbol,
    TupleValue,
    Value,
    merge_learned,
)

if TYPE_CHECKING:
    from collections.abc import Hashable

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model

# --- tensors as they are made ------------------------------------------------------------------------


def tensor(run: Run, call: Call) -> Value:
    """`torch.tensor(x)`: of data the same data, of a literal rows of its own."""
    thing = run.object(call.get(0, "data", "obj"))
    graph, device = constant(call.get(None, "requires_grad")) is True, _device(run, call)
    if isinstance(thing, Data):
        made = run.alloc(call.node, replace(thing, kind="tensor", graph=graph, device=device))
        return shapes.given(run, made, shapes.sizes_of(run, call.get(0, "data", "obj")))
    if isinstance(thing, ListObject):
        found = numpy.array(run, call)
        inner = run.object(found)
        if isinstance(inner, Data):
            run.update(found, replace(inner, kind="tensor", graph=graph, device=device))
        return found
    rows = None if isinstance(thing, Opaque) and thing.assumed else own_rows(run, call)
    return run.alloc(call.node, Data(kind="tensor", rows=rows, graph=graph, device=device))


def filled(run: Run, call: Call) -> Value:
    """`zeros`, `rand`: numbers of one's own, as many rows as the first size says."""
    source = run.source(call.node, f"{call.name}(...)")
    graph = constant(call.get(None, "requires_grad")) is True
    made = Data(
        kind="tensor", rows=source, scale="even", rank=_dimensions(call), graph=graph, device=_device(run, call)
    )
    return shapes.given(run, run.alloc(call.node, made), shapes.told(run, call))


def _dimensions(call: Call) -> int | None:
    """How many sizes are told, where they are told one by one."""
    sizes = call.args if call.name in ("rand", "randn", "zeros", "ones", "empty") else ()
    return len(sizes) if call.exact and len(sizes) > 1 and all(isinstance(constant(s), int) for s in sizes) else None


def alike(run: Run, call: Call) -> Value:
    """`zeros_like(x)`, `x.new_zeros(...)`: numbers of one's own, for no rows in particular."""
    return run.alloc(call.node, Data(kind="tensor", scale="even"))


def spanned(run: Run, call: Call) -> Value:
    """`arange`, `linspace`: positions, or numbers between bounds."""
    result = numpy.positions(run, call) if call.name in ("arange", "randperm") else numpy.spanned(run, call)
    thing = run.object(result)
    if isinstance(thing, Data) and thing.kind == "array":
        run.update(result, replace(thing, kind="tensor"))
    return result


def mixed(run: Run, call: Call) -> Value:
    """Made of the arguments in a way that keeps no rows."""
    return run.alloc(call.node, Data(kind="tensor", learned=shaped_by(run, call)))


def several(run: Run, call: Call) -> Value:
    """As many tensors as come out, of which no more is known."""
    one = run.alloc(call.node, Data(kind="tensor", learned=shaped_by(run, call)), "one")
    return run.alloc(call.node, ListObject(None, one))


def joined(run: Run, call: Call) -> Value:
    """`cat`: rows after rows, with another `dim` columns beside columns; `stack` makes a new dimension."""
    values = run.items_of(call.get(0, "tensors") or UNKNOWN)
    told = call.get(1, "dim", "axis")
    dim = {"vstack": 0, "hstack": ...}.get(call.name, 0 if told is None else constant(told))
    if not values or (dim == 0 and call.name in ("stack", "vstack")):
        return mixed(run, call)
    if dim == 0:
        found = frames.concatenated(run, list(values), call)
    elif isinstance(dim, int) and dim > 0:
        found = frames.beside(run, list(values), call)
    else:
        return mixed(run, call)
    thing = run.object(found)
    if isinstance(thing, Data):
        run.update(found, Data(kind="tensor", rows=thing.rows, learned=thing.learned))
    return found


def together(run: Run, call: Call) -> Value:
    """Element by element over all arguments; `where(condition)` alone gives positions."""
    if call.name == "where" and len(call.args) == 1:
        return several(run, call)
    found = numpy.elementwise(run, call)
    thing = run.object(found)
    if isinstance(thing, Data):
        run.update(found, Data(kind="tensor", rows=thing.rows, learned=thing.learned))
    return found


def by_method(run: Run, call: Call) -> Value:
    """What the method of the same name does: `torch.mean(x, dim=0)` is `x.mean(dim=0)`."""
    value = call.get(0, "input", "x1", "query", "x")
    if run.applying and call.name.startswith("dropout") and call.get(2, "training") is not None:
        run.minding[call.name] = None
    data = run.data(value)
    shifted = Call(call.node, call.args[1:], call.keywords, call.exact, _shifted(call), f"torch.{call.name}")
    given = Data(kind="tensor") if data is None else replace(data, kind="tensor", columns=None, mask=None)
    return _on_tensor(run, UNKNOWN if value is None else value, given, call.name, shifted)


def one_hot(run: Run, call: Call) -> Value:
    """`F.one_hot(labels, classes)`: whole numbers, one column for each class; what is made of it is told apart."""
    made = by_method(run, call)
    thing = run.object(made)
    return run.alloc(call.node, thing, ONE_HOT) if isinstance(thing, Data) else made


def _shifted(call: Call) -> dict[int | str, ast.expr]:
    return {index - 1 if isinstance(index, int) else index: node for index, node in call.nodes.items() if index != 0}


def itself(run: Run, call: Call) -> Value:
    """`nn.init.zeros_(tensor)`: the tensor that is given, with other numbers in it."""
    return call.get(0, "tensor", "input") or UNKNOWN


# --- methods of tensors --------------------------------------------------------------------------------

ELEMENTWISE = Effect()
ROW_BY_ROW = Effect(kind="tensor")
KEEPING = Effect(keeps=True, ranges=False)

TENSOR: dict[str, Effect] = {
    **dict.fromkeys(
        """
            absolute acos acosh arccos arccosh asin asinh arcsinh atan atanh atan2 arctan2 cosh exp2 erfc erfinv fix
            frac lgamma digamma logit sgn signbit sinc positive negative isnan isfinite isinf greater greater_equal
            less less_equal not_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor
            true_divide floor_divide float_power fmod remainder fmin fmax hypot lerp addcmul addcdiv logaddexp xlogy
            nan_to_num clamp_max isclose heaviside copysign
            tanhshrink relu6 leaky_relu rrelu prelu elu celu selu gelu silu mish logsigmoid softplus softsign
            bernoulli softshrink hardshrink hardsigmoid hardswish hardtanh threshold one_hot
            """.split(),
        ELEMENTWISE,
    ),
    **dict.fromkeys(
        """
            dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout type_as requires_grad_
            share_memory_ to_sparse_coo
            """.split(),
        KEEPING,
    ),
    **dict.fromkeys(
        """
            linear bilinear conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d embedding
            max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d adaptive_avg_pool1d
            adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d
            layer_norm group_norm instance_norm rms_norm local_response_norm interpolate pixel_shuffle pixel_unshuffle
            scaled_dot_product_attention cosine_similarity pairwise_distance unfold batch_norm
            affine_grid grid_sample
            """.split(),
        ROW_BY_ROW,
    ),
    **{name: Effect(rows="none", learns=name, axis=0) for name in "amax amin nanmedian".split()},
    **{name: Effect(rows="none", learns=name) for name in "histc bincount".split()},
    **{name: Effect(learns=name, axis=0) for name in ("softmin",)},
}
# What functions are called as operations of a network.
NAMED = {
    **{f"conv{dimensions}d": "convolution" for dimensions in (1, 2, 3)},
    **{f"conv_transpose{dimensions}d": "convolution" for dimensions in (1, 2, 3)},
    **{name: "pooling" for name in TENSOR if "_pool" in name},
    **{name: name for name in OPERATIONS},
}
# Without `dim` these go along each row of a table.
ALONG_ROWS = frozenset("softmax log_softmax softmin".split())


def tensor_method(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value | None:
    """Methods that only tensors have, or that only networks care for; None for those all arrays have."""
    if name == "backward":
        backward(run, receiver, call)
        return NONE
    special = _SPECIAL.get(name)
    if special is not None:
        return special(run, receiver, data, call)
    if name in ALONG_ROWS and call.get(0, "dim") is None:
        call.keywords = {**call.keywords, "dim": Const.of(1)}
    if name.endswith("_") and not name.startswith("_") and name not in frames.METHODS and name not in TENSOR:
        return _in_place(run, receiver, data, name[:-1], call)
    effect = TENSOR.get(name)
    if effect is None and name not in NAMED:
        return None
    effect = effect or frames.METHODS.get(name)
    if effect is None:
        return None
    result = apply(run, effect, data, call, name)
    return run.alloc(call.node, _operated(run, data, result, name, call))


def _operated(run: Run, before: Data, result: Data, name: str, call: Call) -> Data:
    if name not in NAMED:
        return result
    units = before.operation.units if before.operation is not None and name not in _OTHER_UNITS else None
    return replace(result, operation=Operation(NAMED[name], units, run.origin(call.node)))


_OTHER_UNITS = frozenset("linear bilinear embedding glu pixel_shuffle pixel_unshuffle unfold fold".split()) | {
    name for name, operation in NAMED.items() if operation == "convolution"
}


def _on_tensor(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    known = tensor_method(run, receiver, data, name, call)
    made = frames.method(run, receiver, data, name, call) if known is None else known
    return carried(run, receiver, data, name, call, made)


# What gives numbers that depend smoothly on those before, so that gradients go through.
SMOOTH = frozenset(
    """
        mean sum exp log log2 log10 log1p expm1 sqrt rsqrt square sin cos tan sinh tanh sigmoid relu softmax log_softmax
        view reshape squeeze unsqueeze flatten permute transpose t contiguous clone float double half to cpu cuda type
        abs pow mul add sub div clamp norm view_as reshape_as expand repeat leaky_relu elu gelu silu softplus
        logsigmoid std var prod matmul mm bmm cumsum neg
        """.split()
)


def carried(run: Run, receiver: Value, data: Data, name: str, call: Call, made: Value) -> Value:
    """What a method of a tensor gives, with the graph behind it and the device it is on, as far as they are certain."""
    made = _carried(run, receiver, data, name, call, made)
    shapes.after_method(run, receiver, data, name, call, made)
    return made


def _carried(run: Run, receiver: Value, data: Data, name: str, call: Call, made: Value) -> Value:
    thing = run.object(made)
    if name == "requires_grad_":
        run.update(receiver, replace(data, graph=constant(call.get(0, "requires_grad")) is not False))
        return made
    if made == receiver or not isinstance(thing, Data):
        return made
    if name in ("numpy", "tolist", "item"):
        run.update(made, replace(thing, graph=False, device=None))
        return made
    graph = data.graph and name in SMOOTH and torch_modules.gradients(run)
    device = data.device
    if name in ("to", "cuda", "cpu"):
        told = torch_modules.device_told(run, name, call)
        own = call.args and isinstance(run.object(call.args[0]), Data)
        device = None if own else torch_modules.device_key(told) if told is not None else data.device
        graph = data.graph and not own
    elif name == "type":
        device = _device_of_class(call.get(0, "dtype"), data)
    elif any(isinstance(each := run.object(value), Data) and each.device != device for value in call.args):
        device = None
    if (graph, device) != (thing.graph, thing.device):
        run.update(made, replace(thing, graph=graph, device=device))
    return made


def _device_of_class(told: Value | None, data: Data) -> Hashable:
    """Where `x.type(torch.cuda.FloatTensor)` leaves a tensor: old classes of tensors name the device too."""
    name = told.name if isinstance(told, Symbol) else ""
    if not name.startswith("torch."):
        return None
    return data.device if not name.endswith("Tensor") else "cuda" if ".cuda." in name else "cpu"


def _device(run: Run, call: Call) -> Value | str | None:
    """Where a tensor is made: with its `device`, else on the CPU."""
    told = call.get(None, "device")
    if told is None and ".cuda." in call.symbol:
        return "cuda"
    return "cpu" if told is None and call.exact else torch_modules.device_key(torch_modules.device_of(run, told))


def _in_place(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value | None:
    """`x.add_(y)`, `x.zero_()`: the tensor itself, with other numbers in it."""
    effect = TENSOR.get(name) or frames.METHODS.get(name)
    if name in _RESHAPED:
        data = replace(data, shape=None)
    if effect is not None:
        run.update(receiver, apply(run, effect, data, call, name))
        return receiver
    if name in _REFILLED:
        run.update(receiver, Data(kind="tensor", rows=data.rows, learned=shaped_by(run, call), rank=data.rank))
        return receiver
    if name in _RESHAPED:
        run.update(receiver, Data(kind="tensor", learned=data.learned))
        return receiver
    return None


_REFILLED = frozenset(
    "zero fill normal uniform random exponential bernoulli cauchy geometric log_normal copy fill_diagonal".split()
)
_RESHAPED = frozenset("squeeze unsqueeze transpose t resize set scatter scatter_add index_add index_fill".split())


def _product(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Each row times weights, which have no rows."""
    other = run.data(call.get(0, "mat2", "other", "vec", "batch2"))
    learned = merge_learned(data.learned, other.learned if other is not None else ())
    kept = other is not None and other.rows == NO_ROWS
    return run.alloc(call.node, Data(kind="tensor", rows=data.rows if kept else None, learned=learned))


def _widened(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return run.alloc(call.node, Data(kind="tensor", learned=merge_learned(data.learned, shaped_by(run, call))))


def _some(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`index_select(0, positions)`: some of the rows, in another dimension all of them."""
    dim = constant(call.get(0, "dim"))
    if dim == 0:
        picked = data.rows.choose(Choice(run.origin(call.node), "filter", "rows")) if data.rows else data.rows
        return run.alloc(call.node, replace(data, rows=picked, mask=None))
    rows = data.rows if isinstance(dim, int) and dim > 0 else None
    return run.alloc(call.node, Data(kind="tensor", rows=rows, learned=data.learned))


def _pieces(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`chunk`, `split`: some rows in each piece, with `dim=1` all rows."""
    dim = constant(call.get(1, "dim")) if call.get(1, "dim") is not None else 0
    rows = data.rows if isinstance(dim, int) and dim > 0 else None
    if dim == 0 and data.rows is not None:
        rows = data.rows.choose(Choice(run.origin(call.node), "filter", "piece"))
    piece = run.alloc(call.node, Data(kind="tensor", rows=rows, learned=data.learned), "piece")
    return run.alloc(call.node, ListObject(None, piece))


def _ranked(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`topk`, `sort`: values and positions, of each row where rows are what it goes along."""
    place = 1 if call.name in ("topk", "kthvalue") else 0
    dim = constant(call.get(place, "dim")) if call.get(place, "dim") is not None else -1
    along_row = (isinstance(dim, int) and dim > 0) or (dim == -1 and data.rank == 2)
    result = Data(kind="tensor", rows=data.rows if along_row else None, learned=data.learned)
    return TupleValue(tuple(run.alloc(call.node, result, part) for part in ("values", "indices")))


def _normalised(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`F.normalize(x)`: each row to length 1."""
    dim = constant(call.get(1, "dim")) if call.get(1, "dim") is not None else 1
    kept = isinstance(dim, int) and dim > 0
    return run.alloc(call.node, Data(kind="tensor", rows=data.rows if kept else None, learned=data.learned))


def _padded(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return run.alloc(call.node, Data(kind="tensor", rows=None, learned=data.learned))


def _handle(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return run.alloc(call.node, Opaque("torch.utils.hooks.RemovableHandle", "a hook"))


def _told(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return UNKNOWN


def _alike(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return run.alloc(call.node, Data(kind="tensor", scale="even"))


def _flat(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`flatten(1)`: each row laid out flat; from the first dimension on, rows come apart."""
    start = constant(call.get(0, "start_dim")) if call.get(0, "start_dim") is not None else 0
    if isinstance(start, int) and start >= 1:
        return run.alloc(call.node, Data(kind="tensor", rows=data.rows, learned=data.learned))
    return frames.method(run, receiver, data, "ravel", Call(call.node, [], {}, symbol="torch.ravel"))


_SPECIAL = {
    **dict.fromkeys("mm matmul bmm mv".split(), _product),
    **dict.fromkeys(
        """
            expand expand_as broadcast_to tile repeat_interleave gather scatter scatter_add index_add index_fill
            index_copy masked_scatter masked_select take_along_dim flip fliplr flipud roll rot90 tril triu diag
            diagonal diag_embed outer inner ger kron cross addmm addbmm baddbmm addmv addr multinomial movedim moveaxis
            swapdims adjoint unflatten view_as reshape_as as_strided corrcoef inverse pinverse det logdet cholesky
            matrix_exp matrix_power logcumsumexp dist renorm vdot fold glu embedding_bag pixel_unshuffle pdist
            argwhere nonzero_static resolve_conj narrow select gumbel_softmax to_sparse_csr msort
            """.split(),
        _widened,
    ),
    "index_select": _some,
    **dict.fromkeys("chunk split tensor_split unbind hsplit vsplit dsplit split_with_sizes".split(), _pieces),
    **dict.fromkeys("topk sort kthvalue".split(), _ranked),
    "normalize": _normalised,
    "pad": _padded,
    "flatten": _flat,
    **dict.fromkeys("register_hook register_post_accumulate_grad_hook".split(), _handle),
    **dict.fromkeys(
        """
            retain_grad equal allclose is_contiguous element_size nelement ndimension data_ptr storage untyped_storage
            is_floating_point is_complex get_device is_pinned storage_offset sparse_dim dense_dim
            """.split(),
        _told,
    ),
    **dict.fromkeys("new_zeros new_ones new_full new_empty new_tensor new".split(), _alike),
}

# --- methods of the rest -------------------------------------------------------------------------------


def method(run: Run, receiver: Value, thing: HeapObject | None, name: str, call: Call) -> Value | None:
    """Methods of objects that are known by their maker only; None for what says nothing here."""
    symbol = thing.symbol if isinstance(thing, Opaque) else ""
    if symbol == "torch.nn.Parameter":
        return _on_tensor(run, receiver, Data(kind="tensor", rows=NO_ROWS), name, call)
    if name == "backward":
        backward(run, receiver, call)
        return NONE
    known: Value | None = None
    if is_module(run, receiver):
        known = torch_modules.method(run, receiver, thing, name, call)
    elif symbol.endswith(".GradScaler"):
        known = torch_training.of_scaler(run, receiver, name, call)
    elif symbol.startswith("torch.optim.") and isinstance(thing, Opaque):
        known = torch_training.of_optimizer(run, receiver, thing, name, call)
    elif symbol == "lightning.Trainer":
        known = torch_training.of_trainer(run, name, call)
    elif isinstance(thing, Opaque) and thing.assumed:
        known = torch_training.from_outside(run, receiver, name, call)
    if known is not None:
        return known
    if name in ("step", "zero_grad") and receiver != UNKNOWN:
        return torch_training.step_or_clear(run, receiver, symbol, name, call)
    if name == "split" and symbol.startswith("sklearn.model_selection."):
        return sklearn.folds(run, call, receiver)
    if symbol == "numpy.random.Generator":
        return numpy.generator_method(run, name, call)
    if symbol == "torch.Generator":
        return receiver
    if name in ("train", "eval") and _takes_modes(receiver, thing, call):
        return torch_modules.put_in_mode(run, receiver, name, call)
    if name in ("train", "eval", "to", "cuda", "cpu") and isinstance(thing, Opaque):
        return receiver
    return None


# What gives a module that was made and mostly trained elsewhere.
LOADED = (".from_pretrained", ".from_config", ".create_model", "torch.load", "torch.hub.load", "torch.jit.load")


def _takes_modes(receiver: Value, thing: HeapObject | None, call: Call) -> bool:
    """Whether `train()` or `eval()` is called on something from outside as it is called on modules."""
    unknown = thing is None and isinstance(receiver, Method)
    if isinstance(thing, Opaque):
        unknown = not thing.symbol or thing.symbol.endswith(LOADED)
    told = [constant(value) for value in (*call.args, *call.keywords.values())]
    return unknown and call.exact and (not told or (len(told) == 1 and isinstance(told[0], bool)))


def called(run: Run, callee: Value, thing: Opaque, call: Call) -> Value | None:
    """What comes of calling an object that the library made: a module, a loss; None for what is neither."""
    if not thing.symbol.startswith(("torch.nn.", "torchvision.models.")):
        return None
    if torch_modules.short(thing.symbol) in torch_modules.LOSSES:
        return torch_modules.applied(run, callee, thing, call)
    with torch_modules.applying(run, callee, call):
        made = torch_modules.applied(run, callee, thing, call)
        return None if made is None else torch_modules.placed(run, callee, made)


def _names(text: str, model: Model, prefix: str = "") -> dict[str, Model]:
    return {prefix + name: model for name in text.split()}


_METHODS_TOO = """
    mean std var min max sum prod argmax argmin median mode norm all any cumsum cumprod cummax cummin logsumexp
    count_nonzero nanmean nansum quantile nanquantile reshape squeeze unsqueeze permute transpose t flatten ravel clone
    detach diff cov trace abs exp log log2 log10 log1p expm1 sqrt rsqrt square sin cos tan sinh sign neg reciprocal erf
    round floor ceil trunc clamp clip masked_fill bitwise_not logical_not softmax log_softmax sigmoid relu tanh
    swapaxes argsort
    """

_METHODS_ONLY = frozenset(
    """
        data_ptr dense_dim element_size expand expand_as is_contiguous is_pinned ndimension nelement new new_empty
        new_full new_ones new_tensor new_zeros register_hook register_post_accumulate_grad_hook requires_grad_
        reshape_as retain_grad share_memory_ sparse_dim storage_offset to_sparse_coo to_sparse_csr type_as
        untyped_storage view_as storage
        """.split()
)
_FUNCTIONAL_ONLY = frozenset(
    """
        adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d affine_grid avg_pool2d
        avg_pool3d dropout1d dropout2d dropout3d elu fold gelu glu grid_sample gumbel_softmax hardsigmoid hardswish
        hardtanh interpolate leaky_relu linear local_response_norm logsigmoid lp_pool1d lp_pool2d mish normalize
        one_hot pad relu6 scaled_dot_product_attention silu softmin softplus softshrink softsign tanhshrink unfold
        """.split()
)

FUNCTIONS: dict[str, Model] = {
    **{name: by_method for name in (*TENSOR, *_SPECIAL) if name not in _METHODS_ONLY | _FUNCTIONAL_ONLY},
    **{f"nn.functional.{name}": by_method for name in sorted(_FUNCTIONAL_ONLY)},
    "nn.functional.one_hot": one_hot,
    **_names(_METHODS_TOO, by_method),
    "save": files.dump,
    "load": files.load,
    **torch_data.FUNCTIONS,
    **torch_training.FUNCTIONS,
    **torch_modules.FUNCTIONS,
    **_names("tensor as_tensor asarray from_numpy FloatTensor LongTensor IntTensor BoolTensor Tensor", tensor),
    **_names("zeros ones full empty rand randn randint eye normal hann_window hamming_window", filled),
    **_names("zeros_like ones_like full_like empty_like rand_like randn_like randint_like", alike),
    **_names("arange linspace logspace randperm", spanned),
    **_names("cat concat concatenate stack vstack hstack", joined),
    **_names("add sub subtract mul multiply div divide pow eq ne gt ge lt le maximum minimum where", together),
    **_names("complex polar view_as_complex view_as_real", together),
    **_names(
        """
            einsum tensordot cdist chain_matmul block_diag cartesian_prod combinations stft istft bucketize searchsorted
            unique unique_consecutive nonzero tril_indices triu_indices sparse_coo_tensor sparse_csr_tensor spmm
            linalg.norm linalg.inv linalg.det linalg.solve linalg.cholesky linalg.matrix_norm linalg.vector_norm
            linalg.pinv linalg.matrix_rank fft.fft fft.ifft fft.rfft fft.irfft fft.fft2 fft.ifft2
            nn.utils.rnn.pad_sequence autograd.functional.jacobian autograd.functional.hessian
            nn.functional.multi_head_attention_forward sparse.mm vander trapezoid
            """,
        mixed,
    ),
    **_names(
        """
            meshgrid broadcast_tensors linalg.svd linalg.qr linalg.eig linalg.eigh linalg.lstsq svd lu aminmax var_mean
            std_mean autograd.grad nn.utils.rnn.pad_packed_sequence
            """,
        several,
    ),
    **_names(
        """
            nn.init.zeros_ nn.init.ones_ nn.init.constant_ nn.init.normal_ nn.init.uniform_ nn.init.trunc_normal_
            nn.init.xavier_normal_ nn.init.xavier_uniform_ nn.init.kaiming_normal_ nn.init.kaiming_uniform_
            nn.init.orthogonal_ nn.init.eye_ nn.init.dirac_ nn.init.sparse_
            """,
        itself,
    ),
    **_names(
        """
            manual_seed device cuda.is_available set_num_threads cuda.manual_seed cuda.manual_seed_all
            cuda.empty_cache Generator Size dtype is_tensor get_rng_state set_rng_state seed initial_seed
            set_default_dtype get_default_dtype set_default_device set_printoptions set_float32_matmul_precision
            use_deterministic_algorithms is_grad_enabled numel promote_types can_cast finfo iinfo get_num_threads
            backends.cudnn.is_available backends.mps.is_available amp.autocast autocast cuda.amp.autocast cuda.device
            cuda.device_count cuda.current_device cuda.set_device cuda.synchronize cuda.get_device_name cuda.Stream
            cuda.stream cuda.Event cuda.memory_allocated cuda.max_memory_allocated cuda.reset_peak_memory_stats
            cuda.get_rng_state cuda.set_rng_state cuda.memory_reserved cuda.mem_get_info cuda.get_device_properties
            accelerator.current_accelerator accelerator.is_available accelerator.device_count
            accelerator.set_device_index accelerator.current_device_index accelerator.synchronize
            nn.init.calculate_gain nn.utils.rnn.pack_padded_sequence nn.utils.rnn.pack_sequence hub.load
            hub.load_state_dict_from_url jit.script jit.trace jit.save jit.load onnx.export
            autograd.set_detect_anomaly autograd.Variable autograd.profiler.profile profiler.profile
            profiler.record_function profiler.schedule random.manual_seed are_deterministic_algorithms_enabled
            multiprocessing.spawn multiprocessing.set_start_method multiprocessing.Process multiprocessing.Queue
            distributed.init_process_group distributed.destroy_process_group distributed.get_rank
            distributed.get_world_size distributed.barrier distributed.all_reduce distributed.reduce
            distributed.broadcast distributed.all_gather distributed.is_initialized distributed.is_available
            distributed.new_group distributions.Normal distributions.Categorical distributions.Bernoulli
            distributions.MultivariateNormal distributions.Uniform distributions.kl_divergence
            utils.checkpoint.checkpoint utils.data.get_worker_info
            fx.symbolic_trace fx.GraphModule fx.Graph futures.Future futures.wait_all
            """,
        made,
    ),
}
TORCHVISION: dict[str, Model] = {
    **torch_data.TORCHVISION,
    **{
        f"transforms.{name}": made
        for name in """
            Compose ToTensor Normalize Resize CenterCrop RandomCrop RandomHorizontalFlip RandomVerticalFlip
            RandomResizedCrop RandomRotation ColorJitter Grayscale RandomAffine RandomErasing GaussianBlur Lambda
            ToPILImage ConvertImageDtype Pad RandomApply RandomChoice FiveCrop TenCrop RandomGrayscale AutoAugment
            RandAugment TrivialAugmentWide PILToTensor InterpolationMode
            """.split()
    },
}
LIGHTNING = torch_training.LIGHTNING
