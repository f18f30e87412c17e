"""PyTorch's modules: layers and what each does to a batch, containers, losses, and what is done with any module.

A module is an `Opaque` by its class, or an instance of a class of the program. The mode it is in is kept where PyTorch
keeps it, in its attribute `training`.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from mlsense.semantics.core import GRADIENTS, code_of, constant, text_of
from mlsense.semantics.events import Built, Forward, ForwardCalled, Loss, Mode, Moved, ZeroGrad
from mlsense.semantics.immutable import dataclass
from mlsense.semantics.models import shapes
from mlsense.semantics.models.effects import Call
from mlsense.semantics.regions import NO_ROWS
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    ClassValue,
    Const,
    Data,
    DictObject,
    Either,
    Function,
    HeapObject,
    Instance,
    ListObject,
    Method,
    Opaque,
    Operation,
    Origin,
    Ref,
    Symbol,
    TupleValue,
    Unknown,
    Value,
    merge_learned,
)
from mlsense.syntax import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer does to a batch.

    `operation` is what it does, by the name of PyTorch's function; empty: nothing that a loss would care for (dropout).
    `parameters` are its first ones in order; the one named by `units` says how many numbers or channels a row has
    afterwards, "same" that it is as many as before. `rows`: whether the first dimension of what comes out are the rows
    that came in; for some only with `batch_first=True`. `gives`: a tensor, or a pair of it and a state.
    """

    operation: str = ""
    parameters: str = ""
    units: str = ""
    rows: Literal["kept", "batch_first", "unknown"] = "kept"
    gives: Literal["tensor", "pair"] = "tensor"


def _layers(*groups: tuple[Layer, str]) -> dict[str, Layer]:
    return {name: layer for layer, names in groups for name in names.split()}


def _each(names: str) -> dict[str, Layer]:
    """Layers that work number by number: `Class=function`."""
    pairs = (pair.split("=") for pair in names.split())
    return {name: Layer(operation, units="same") for name, operation in pairs}


LAYERS: dict[str, Layer] = {
    **_layers(
        (Layer("linear", "in_features out_features", "out_features"), "Linear"),
        (Layer("linear", "out_features", "out_features"), "LazyLinear"),
        (Layer("bilinear", "in1_features in2_features out_features", "out_features"), "Bilinear"),
        (Layer("embedding", "num_embeddings embedding_dim"), "Embedding"),
        (Layer("embedding_bag", "num_embeddings embedding_dim", rows="unknown"), "EmbeddingBag"),
        (Layer("softmax", "dim", "same"), "Softmax"),
        (Layer("log_softmax", "dim", "same"), "LogSoftmax"),
        (Layer("softmin", "dim", "same"), "Softmin"),
        (Layer("softmax", units="same"), "Softmax2d"),
        (Layer("glu", "dim"), "GLU"),
        (Layer("", units="same"), "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout Identity"),
        (Layer("", "start_dim end_dim"), "Flatten"),
        (Layer(""), "Unflatten"),
        (Layer("batch_norm", "num_features", "same"), "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm"),
        (Layer("batch_norm", units="same"), "LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d"),
        (Layer("instance_norm", units="same"), "InstanceNorm1d InstanceNorm2d InstanceNorm3d"),
        (Layer("instance_norm", units="same"), "LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d"),
        (Layer("layer_norm", units="same"), "LayerNorm"),
        (Layer("group_norm", units="same"), "GroupNorm"),
        (Layer("rms_norm", units="same"), "RMSNorm"),
        (Layer("local_response_norm", units="same"), "LocalResponseNorm"),
        (Layer("fold"), "Fold"),
        (Layer("unfold"), "Unfold"),
        (Layer("pixel_shuffle"), "PixelShuffle"),
        (Layer("pixel_unshuffle"), "PixelUnshuffle"),
        (Layer("channel_shuffle", units="same"), "ChannelShuffle"),
        (Layer("interpolate", units="same"), "Upsample UpsamplingBilinear2d UpsamplingNearest2d"),
        (Layer("cosine_similarity", "dim"), "CosineSimilarity"),
        (Layer("pairwise_distance"), "PairwiseDistance"),
        (Layer("recurrent", "input_size hidden_size num_layers", rows="batch_first", gives="pair"), "RNN GRU LSTM"),
        (Layer("recurrent", "input_size hidden_size", "hidden_size"), "RNNCell GRUCell"),
        (Layer("recurrent", "input_size hidden_size", "hidden_size", gives="pair"), "LSTMCell"),
        (
            Layer("attention", "embed_dim num_heads", "embed_dim", rows="batch_first", gives="pair"),
            "MultiheadAttention",
        ),
        (Layer("transformer", "d_model nhead", "d_model", rows="batch_first"), "TransformerEncoderLayer"),
        (Layer("transformer", "d_model nhead", "d_model", rows="batch_first"), "TransformerDecoderLayer"),
        (Layer("transformer", "d_model nhead", rows="unknown"), "Transformer"),
        (Layer("transformer", rows="unknown"), "TransformerEncoder TransformerDecoder"),
    ),
    **_each(
        """
        ReLU=relu ReLU6=relu6 LeakyReLU=leaky_relu RReLU=rrelu PReLU=prelu ELU=elu CELU=celu SELU=selu GELU=gelu
        SiLU=silu Mish=mish Sigmoid=sigmoid LogSigmoid=logsigmoid Tanh=tanh Tanhshrink=tanhshrink Softplus=softplus
        Softsign=softsign Softshrink=softshrink Hardshrink=hardshrink Hardsigmoid=hardsigmoid Hardswish=hardswish
        Hardtanh=hardtanh Threshold=threshold
        """
    ),
    **{
        f"Conv{dimensions}d": Layer(
            "convolution", "in_channels out_channels kernel_size stride padding dilation groups", "out_channels"
        )
        for dimensions in (1, 2, 3)
    },
    **{
        f"ConvTranspose{dimensions}d": Layer(
            "convolution", "in_channels out_channels kernel_size stride padding output_padding groups", "out_channels"
        )
        for dimensions in (1, 2, 3)
    },
    **{
        f"Lazy{name}": Layer("convolution", "out_channels", "out_channels")
        for name in "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d".split()
    },
    **{
        f"{kind}{dimensions}d": Layer("pooling", parameters, "same")
        for kind, parameters in {
            "MaxPool": "kernel_size stride padding dilation",
            "AvgPool": "kernel_size stride padding",
            "LPPool": "norm_type kernel_size stride",
            "AdaptiveAvgPool": "output_size",
            "AdaptiveMaxPool": "output_size",
        }.items()
        for dimensions in (1, 2, 3)
    },
    **dict.fromkeys(("FractionalMaxPool2d", "FractionalMaxPool3d"), Layer("pooling", units="same")),
    **{
        f"{kind}{dimensions}d": Layer("", units="same")
        for kind in "ZeroPad ConstantPad ReflectionPad ReplicationPad CircularPad".split()
        for dimensions in (1, 2, 3)
    },
}

# The function of each loss. Two of the inputs are what the model gave and what was to be.
LOSSES: dict[str, str] = {
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
    "KLDivLoss": "kl_div",
    "PoissonNLLLoss": "poisson_nll_loss",
    "GaussianNLLLoss": "gaussian_nll_loss",
    "HingeEmbeddingLoss": "hinge_embedding_loss",
    "MultiMarginLoss": "multi_margin_loss",
    "MultiLabelMarginLoss": "multilabel_margin_loss",
    "MultiLabelSoftMarginLoss": "multilabel_soft_margin_loss",
    "SoftMarginLoss": "soft_margin_loss",
    "CTCLoss": "ctc_loss",
    "CosineEmbeddingLoss": "cosine_embedding_loss",
    "MarginRankingLoss": "margin_ranking_loss",
    "TripletMarginLoss": "triplet_margin_loss",
    "TripletMarginWithDistanceLoss": "triplet_margin_with_distance_loss",
}

# Modules that hold a list of modules, or some by name: their only part is that list or dict.
LISTS = frozenset("Sequential ModuleList ParameterList".split())
DICTS = frozenset("ModuleDict ParameterDict".split())
# What only hands on to the module it is given.
WRAPPERS = frozenset("DataParallel DistributedDataParallel FullyShardedDataParallel AveragedModel".split())
MODULE_CLASSES = frozenset(
    "Module LightningModule PreTrainedModel Sequential ModuleList ModuleDict BasicModule RNNBase".split()
)
# Layers that do something else in training than in evaluation.
MINDING = frozenset(
    f"{kind}{dimensions}"
    for kind, ends in {
        "Dropout": ("", "1d", "2d", "3d"), "AlphaDropout": ("",), "FeatureAlphaDropout": ("",),
        "BatchNorm": ("1d", "2d", "3d"), "LazyBatchNorm": ("1d", "2d", "3d"), "SyncBatchNorm": ("",), "RReLU": ("",),
        "TransformerEncoderLayer": ("",), "TransformerDecoderLayer": ("",), "Transformer": ("",),
        "TransformerEncoder": ("",), "TransformerDecoder": ("",),
    }.items()
    for dimensions in ends
)  # fmt: skip
# Layers with weights, so that what they give has a graph.
WEIGHTED = frozenset(
    "linear bilinear convolution embedding embedding_bag recurrent attention transformer batch_norm layer_norm".split()
)
MODULE_LIBRARIES = frozenset("torch torchvision lightning pytorch_lightning transformers timm".split())


def short(symbol: str) -> str:
    return symbol.rpartition(".")[2]


def is_module(run: Run, value: Value) -> bool:
    """Whether a value certainly is a module of PyTorch."""
    thing = run.object(value)
    if isinstance(thing, Opaque):
        return thing.symbol.startswith(("torch.nn.", "torchvision.models.")) and short(thing.symbol) != "Parameter"
    return isinstance(thing, Instance) and is_module_class(thing.cls)


def is_module_class(cls: ClassValue) -> bool:
    """Whether a class of the program certainly derives from PyTorch's modules."""
    return any(
        short(name) in MODULE_CLASSES | LAYERS.keys() | LOSSES.keys() and name.partition(".")[0] in MODULE_LIBRARIES
        for name in cls.library_bases()
    )


# --- making ------------------------------------------------------------------------------------------


def layer(run: Run, call: Call) -> Value:
    """A layer with what it was told."""
    names = LAYERS[call.name].parameters.split()
    params = dict(zip(names, call.args, strict=False)) | call.keywords
    return run.alloc(call.node, Opaque(f"torch.nn.{call.name}", _label(call), params=tuple(params.items())))


def loss(run: Run, call: Call) -> Value:
    params = tuple(call.keywords.items())
    return run.alloc(call.node, Opaque(f"torch.nn.{call.name}", _label(call), params=params))


def container(run: Run, call: Call) -> Value:
    """`Sequential(a, b)`, `Sequential(OrderedDict(...))`, `ModuleList([...])`, `ModuleDict({...})`."""
    first = call.get(0, "modules", "values")
    given = run.object(first)
    items: HeapObject
    if call.name in DICTS:
        items = given if isinstance(given, DictObject) else DictObject((), open=first is not None)
    elif isinstance(given, DictObject):
        items = ListObject(None if given.open else tuple(value for _, value in given.items))
    elif call.name == "Sequential":
        items = ListObject(tuple(call.args) if call.exact else None)
    elif isinstance(given, ListObject):
        items = ListObject(given.items, given.element)
    else:
        items = ListObject(() if first is None else None)
    held = run.alloc(call.node, items, "modules")
    return run.alloc(call.node, Opaque(f"torch.nn.{call.name}", _label(call), parts=(held,)))


def wrapper(run: Run, call: Call) -> Value:
    inner = call.get(0, "module", "model") or UNKNOWN
    return run.alloc(call.node, Opaque(f"torch.nn.{call.name}", _label(call), parts=(inner,)))


def compiled(run: Run, call: Call) -> Value:
    """`torch.compile(model)` does what the model does."""
    return call.get(0, "model") or UNKNOWN


def parameter(run: Run, call: Call) -> Value:
    """A tensor of weights: it has no rows."""
    given = run.object(call.get(0, "data"))
    learned = given.learned if isinstance(given, Data) else ()
    rank = given.rank if isinstance(given, Data) else None
    return run.alloc(call.node, Data(kind="tensor", rows=NO_ROWS, learned=learned, rank=rank))


def contents(run: Run, value: Value) -> Value:
    """The list or dict of a module that holds some; else the value itself."""
    thing = run.object(value)
    held = isinstance(thing, Opaque) and thing.symbol.startswith("torch.nn.") and short(thing.symbol) in LISTS | DICTS
    return thing.parts[0] if held and isinstance(thing, Opaque) and thing.parts else value


# --- what a module consists of -----------------------------------------------------------------------

# Under this key is what became an attribute by a name in a text: `setattr(self, f"layer{i}", layer)`.
BY_TEXT = "set by a text"
# How deep modules are looked for in modules.
MAX_INSIDE = 6
_attribute_names: WeakKeyDictionary[ast.AST, tuple[str, ...]] = WeakKeyDictionary()


def emit_built(run: Run, module: Ref, cls: ClassValue, node: ast.AST) -> None:
    """Tells of a module of the program's own class, once its `__init__` has run."""
    if not is_module_class(cls):
        return
    attributes = _attributes_of(run, module, cls)
    base = run.circumstances(node)
    layers: list[tuple[str, HeapObject]] = []
    more = _set_by_text(run, module)
    registered: set[Value] = set()
    open_ = False
    for name, value in (*attributes, *(("", value) for value in more)):
        options = value.options if isinstance(value, Either) else (value,)
        if not name or any(is_module(run, option) for option in options):
            inside = _modules_in(run, value)
            # What is not followed may hold anything.
            open_ = open_ or inside is None or not (name or inside or isinstance(run.object(value), Data))
            registered.update(inside or ())
            if name and (thing := run.object(value)) is not None:
                layers.append((name, thing))
    unseen: list[tuple[str, HeapObject | TupleValue, bool]] = []
    for name, value in attributes if not open_ else ():
        plain = value if isinstance(value, TupleValue) else run.object(value)
        if not isinstance(plain, (TupleValue, ListObject, DictObject)):
            continue
        inside = _modules_in(run, value) or ()
        if any(_has_weights(run, each) and each not in registered for each in inside):
            unseen.append((name, plain, all(is_module(run, each) for each in _held_by(plain))))
    run.emit(Built(*base, cls, tuple(unseen), tuple(layers)))


def _set_by_text(run: Run, module: Value) -> tuple[Value, ...]:
    found = run.state.get((module, BY_TEXT))
    if isinstance(found, Either):
        # Ways of the program that went on together.
        groups = (option.items if isinstance(option, TupleValue) else (option,) for option in found.options)
        return tuple(dict.fromkeys(value for group in groups for value in group))
    return found.items if isinstance(found, TupleValue) else (UNKNOWN,) if found is not None else ()


def _held_by(plain: HeapObject | TupleValue) -> tuple[Value, ...]:
    """What a list, dict or tuple holds itself."""
    items: tuple[Value, ...] = ()
    if isinstance(plain, TupleValue):
        items = plain.items
    elif isinstance(plain, ListObject):
        items = plain.items if plain.items is not None else (plain.element,)
    elif isinstance(plain, DictObject):
        items = (*(item for _, item in plain.items), *((plain.element,) if plain.open else ()))
    return tuple(option for item in items for option in (item.options if isinstance(item, Either) else (item,)))


def _attributes_of(run: Run, module: Value, cls: ClassValue) -> list[tuple[str, Value]]:
    """The attributes that the methods of its class set, as they are now."""
    names: dict[str, None] = {}
    for each in cls.lineage():
        for _, member in each.members:
            if isinstance(member, Function) and member.node is not None:
                names.update(dict.fromkeys(_set_by(member.node)))
    found = [(name, run.state.get((module, name))) for name in names]
    return [(name, value) for name, value in found if value is not None]  # type: ignore[misc]


def _set_by(node: ast.AST) -> tuple[str, ...]:
    """The attributes of its object that a method sets."""
    found = _attribute_names.get(node)
    if found is None:
        parts = (part for part in walk(node) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store))
        names = (part.attr for part in parts if isinstance(part.value, ast.Name))
        found = _attribute_names[node] = tuple(dict.fromkeys(names))
    return found


def _makes_parameters(cls: ClassValue) -> bool:
    """Whether its `__init__` says `self.weights = nn.Parameter(...)`."""
    init = next((member for name, member in cls.members if name == "__init__"), None)
    node = init.node if isinstance(init, Function) else None
    values = (each.value for each in node.body if isinstance(each, ast.Assign)) if node is not None else ()
    return any(isinstance(each, ast.Call) and code_of(each.func).split(".")[-1] == "Parameter" for each in values)


def _modules_in(run: Run, value: Value, depth: int = 0) -> tuple[Value, ...] | None:
    """The modules that a value is or holds, itself included; None where some may not be known."""
    if depth > MAX_INSIDE:
        return None
    thing = run.object(value)
    parts: tuple[Value, ...] = ()
    own: tuple[Value, ...] = ()
    plain = value if isinstance(value, TupleValue) else thing
    if isinstance(value, Either):
        parts = value.options
    elif isinstance(plain, (TupleValue, ListObject, DictObject)):
        parts = _held_by(plain)
        if UNKNOWN in parts:
            return None
    elif is_module(run, value):
        own = (value,)
        if isinstance(thing, Instance):
            parts = tuple(item for _, item in _attributes_of(run, value, thing.cls) if is_module(run, item))
        elif isinstance(thing, Opaque):
            parts = thing.parts
    found = list(own)
    for part in parts:
        inside = _modules_in(run, part, depth + 1)
        if inside is None:
            return None
        found += inside
    return tuple(found)


def _has_weights(run: Run, module: Value, depth: int = 0) -> bool:
    """Whether a module certainly has weights that an optimiser should train."""
    thing = run.object(module)
    if constant(run.state.get((module, "training"))) is False or depth > MAX_INSIDE:  # type: ignore[arg-type]
        return False
    if isinstance(thing, Opaque):
        layer = LAYERS.get(short(thing.symbol)) if thing.symbol.startswith("torch.nn.") else None
        return layer is not None and layer.operation in WEIGHTED
    if isinstance(thing, Instance):
        if any(_makes_parameters(cls) for cls in thing.cls.lineage()):
            return True
        inside = (item for _, item in _attributes_of(run, module, thing.cls) if is_module(run, item))
        return any(_has_weights(run, each, depth + 1) for item in inside for each in _modules_in(run, item) or ())
    return False


def emit_if_forward_of(run: Run, receiver: Value, call: Call) -> None:
    """Tells of `module.forward(x)`."""
    if not is_module(run, receiver) and run.state.get((receiver, "training")) is None:
        return
    thing, running = run.object(receiver), run.frame.function
    classes = thing.cls.lineage() if isinstance(thing, Instance) else ()
    own = running is not None and any(
        isinstance(member, Function) and member.origin == running.origin for cls in classes for _, member in cls.members
    )
    base = run.circumstances(call.node)
    run.emit(ForwardCalled(*base, receiver, own, run.place(call.node)))


# --- applying ----------------------------------------------------------------------------------------


def applied(run: Run, module: Value, thing: Opaque, call: Call) -> Value | None:
    """What a library's module makes of what it is called with; None for what is no module."""
    name = short(thing.symbol)
    if thing.symbol.startswith("torchvision.models."):
        return _tensor(run, call, run.data(call.get(0)), _by_its_head(run, module, name, call), weighted=True)
    if not thing.symbol.startswith("torch.nn."):
        return None
    if name in LOSSES:
        return _lost(run, call, LOSSES[name], thing, module.origin if isinstance(module, Ref) else None)
    if name in WRAPPERS and thing.parts:
        return run.call(thing.parts[0], call)
    if name == "Sequential":
        return _in_sequence(run, module, call)
    model = LAYERS.get(name)
    data = run.data(call.get(0, "input", "x", "query", "src"))
    if model is None:
        return _tensor(run, call, None, None)
    weighted = model.operation in WEIGHTED
    result = _tensor(run, call, data, _operation(module, thing, model, data), _keeps_rows(thing, model), weighted)
    if model.gives == "tensor":
        shapes.after_layer(run, module, thing, call, result)
        return result
    state = run.alloc(call.node, Data(kind="tensor"), "state")
    if name == "LSTM":
        state = run.alloc(call.node, ListObject((state, run.alloc(call.node, Data(kind="tensor"), "cell"))), "both")
    return TupleValue((result, state))


# Networks of torchvision that end with one of their attributes, and that one.
HEADS = {
    "fc": ("resnet", "resnext", "wide_resnet", "shufflenet_v2", "regnet_"),
    "classifier": ("densenet", "alexnet", "vgg", "mobilenet_v", "efficientnet_", "mnasnet", "convnext_"),
    "heads": ("vit_",),
    "head": ("swin_",),
}


def _by_its_head(run: Run, module: Value, name: str, call: Call) -> Operation | None:
    """What is done last by a network of torchvision whose last part the program exchanged."""
    head = next((head for head, families in HEADS.items() if name.startswith(families)), None)
    given = run.state.get((module, head)) if head is not None else None
    if not isinstance(given, Ref) or not is_module(run, given):
        return None
    found = run.data(run.call(given, Call(call.node, [run.alloc(call.node, Data(kind="tensor"), "features")], {})))
    return found.operation if found is not None else None


def _in_sequence(run: Run, module: Value, call: Call) -> Value:
    items = run.items_of(module)
    if items is None:
        return _tensor(run, call, None, None)
    value = call.get(0, "input") or UNKNOWN
    for index, part in enumerate(items):
        with run.iteration(index):
            value = run.call(part, Call(call.node, [value], {}))
    return value


def _tensor(
    run: Run,
    call: Call,
    data: Data | None,
    operation: Operation | None,
    keeps_rows: bool = True,
    weighted: bool = False,
) -> Value:
    rows = data.rows if data is not None and keeps_rows else None
    learned = data.learned if data is not None else ()
    graph = gradients(run) and (weighted or (data is not None and data.graph))
    device = data.device if data is not None else None
    made = Data(kind="tensor", rows=rows, learned=learned, operation=operation, graph=graph, device=device)
    return run.alloc(call.node, made)


def _keeps_rows(thing: Opaque, model: Layer) -> bool:
    if model.rows == "batch_first":
        return constant(thing.param("batch_first")) is True
    if "start_dim" in model.parameters:
        return thing.param("start_dim") is None or constant(thing.param("start_dim")) == 1
    along_rows = model.parameters == "dim" and constant(thing.param("dim")) not in (1, -1, 2, 3)
    return model.rows == "kept" and not along_rows


def _operation(module: Value, thing: Opaque, model: Layer, data: Data | None) -> Operation | None:
    before = data.operation if data is not None else None
    units = before.units if before is not None and model.units == "same" else None
    if model.units not in ("", "same"):
        told = constant(thing.param(model.units))
        units = told if isinstance(told, int) else None
    if not model.operation:
        return replace(before, units=units) if before is not None else None
    return Operation(model.operation, units, module.origin) if hasattr(module, "origin") else None


@contextmanager
def applying(run: Run, module: Value, call: Call) -> Iterator[None]:
    """Around what a module does: then tells of it, unless it is a layer of another that is being applied."""
    if not run.applying:
        run.minding = {}
    thing = run.object(module)
    symbol = thing.symbol if isinstance(thing, Opaque) else ""
    inner = constant(thing.param("dropout")) if isinstance(thing, Opaque) else ...
    drops = isinstance(inner, float) and inner > 0
    if short(symbol) in MINDING or symbol.startswith("torchvision.models.") or drops:
        run.minding[short(symbol)] = None
    before = run.data(call.get(0))
    training = mode_of(run, module)
    place = len(run.events)
    run.applying += 1
    try:
        yield
    finally:
        run.applying -= 1
    if not run.applying:
        _emit_forward(run, module, call, training, before, True, place)


def placed(run: Run, module: Value, result: Value) -> Value:
    """What a module gives, on the device that the module was moved to, where nothing else is known of it."""
    thing, device = run.object(result), device_of(run, run.state.get((module, ON_DEVICE)))  # type: ignore[arg-type]
    if isinstance(thing, Data) and thing.kind == "tensor" and thing.device is None and _is_told(device):
        run.update(result, replace(thing, device=device_key(device)))
    elif isinstance(result, TupleValue):
        for item in result.items:
            placed(run, module, item)
    return result


def _is_told(device: Value | None) -> bool:
    return device is not None and not isinstance(device, Unknown)


def emit_if_in_a_mode(run: Run, callee: Value, call: Call) -> None:
    """Tells of something that is called and is known to be a module only since it was put in a mode."""
    if not run.applying and run.state.get((callee, "training")) is not None:
        run.minding = {}
        _emit_forward(run, callee, call, mode_of(run, callee), run.data(call.get(0)), False, len(run.events))


def _emit_forward(
    run: Run, module: Value, call: Call, training: bool | None, x: Data | None, known: bool, place: int
) -> None:
    base = run.circumstances(call.node)
    device, minding = run.state.get((module, ON_DEVICE)), tuple(run.minding)
    event = Forward(*base, module, training, gradients(run), x, run.place(call.node), minding, device, known)
    # It began before what happened inside it.
    run.events.insert(place, event)


def mode_of(run: Run, module: Value) -> bool | None:
    found = constant(run.state.get((module, "training")))  # type: ignore[arg-type]
    return found if isinstance(found, bool) else None


def gradients(run: Run) -> bool:
    """Whether gradients are recorded here, as far as it is known."""
    return constant(run.state.get(GRADIENTS)) is not False  # type: ignore[arg-type]


# Tensors of whole numbers with a column for each class, as `one_hot` gives them, are known by this.
ONE_HOT = "one-hot"


# --- losses ------------------------------------------------------------------------------------------


def loss_function(run: Run, call: Call) -> Value:
    """`F.cross_entropy(output, target)`."""
    return _lost(run, call, call.name, None)


def _lost(run: Run, call: Call, kind: str, thing: Opaque | None, maker: Origin | None = None) -> Value:
    output, target = run.data(call.get(0, "input", "x1", "anchor")), run.data(call.get(1, "target", "x2", "positive"))
    base = run.circumstances(call.node)
    operation = output.operation if output is not None else None
    given = call.get(1, "target")
    if isinstance(given, Ref) and given.slot == ONE_HOT and target is not None:
        target = replace(target, form="one-hot integers")
    sizes = shapes.sizes_of(run, call.get(0, "input")), shapes.sizes_of(run, given)
    run.emit(Loss(*base, kind, operation, target, gradients(run), run.place(call.node), maker, output, sizes))
    reduction = constant(call.get(None, "reduction") or (thing.param("reduction") if thing is not None else None))
    each = reduction == "none"
    usual = reduction is ... and call.get(None, "reduction") is None and (thing is None or not thing.param("reduction"))
    learned = merge_learned(*(data.learned for data in (output, target) if data is not None))
    rows = NO_ROWS if usual or reduction in ("mean", "sum", "batchmean") else None
    rank = 0 if rows is not None and not each else None
    graph = gradients(run) and output is not None and output.graph
    device = output.device if output is not None else None
    made = Data(kind="tensor", rows=rows, learned=learned, role="score", rank=rank, graph=graph, device=device)
    return run.alloc(call.node, made)


# --- methods -----------------------------------------------------------------------------------------

# Where a module was moved last is kept under this.
ON_DEVICE = "on device"


def device_of(run: Run, value: Value | None) -> Value | None:
    """The device that is meant: `torch.device(x)` is x."""
    thing = run.object(value)
    if isinstance(thing, Opaque) and thing.symbol == "torch.device" and len(thing.parts) == 1:
        return device_of(run, thing.parts[0])
    return value


def device_key(told: Value | None) -> Value | str | None:
    """A device as tensors remember it: by its name if it has one, else what was given."""
    found = constant(told)
    return found if isinstance(found, str) else told


def device_told(run: Run, name: str, call: Call) -> Value | None:
    """The device that `to(device)`, `to(device=device)`, `cuda()`, `cpu()` names; None where it names none."""
    if name in ("cuda", "cpu"):
        return Const.of(name)
    given = call.get(None, "device") or (call.args[0] if call.args else None)
    found = device_of(run, given)
    other = isinstance(run.object(found), Data) or (isinstance(found, Symbol) and found.name.startswith("torch."))
    return None if other or found == NONE else found


# Methods that give the module itself.
ITSELF = frozenset(
    """
        to cuda cpu xpu half float double bfloat16 type requires_grad_ share_memory to_empty
        """.split()
)
# Methods that give nothing a program goes on with.
SILENT = frozenset("load_state_dict register_parameter register_module set_submodule".split())


def method(run: Run, module: Value, thing: HeapObject | None, name: str, call: Call) -> Value | None:
    """What any module can do; None for what it cannot."""
    if name in ("train", "eval"):
        return put_in_mode(run, module, name, call)
    if name in ITSELF:
        device = device_told(run, name, call) if name in ("to", "cuda", "cpu") else None
        if device is not None:
            run.state.set((module, ON_DEVICE), device)
            base = run.circumstances(call.node)
            run.emit(Moved(*base, module, device, run.place(call.node)))
        return module
    if name in _METHODS:
        return _METHODS[name](run, module, call)
    if name in SILENT:
        return run.alloc(call.node, Opaque(f"torch.nn.Module.{name}", _label(call)))
    if name == "forward":
        return run.call(module, call)
    if name.startswith("register_") and name.endswith("hook"):
        return run.alloc(call.node, Opaque("torch.utils.hooks.RemovableHandle", _label(call)))
    if name in ("append", "extend", "insert", "update", "items", "values", "keys", "pop"):
        held = contents(run, module)
        return run.call(Method(held, name), call) if held != module else None
    return None


def put_in_mode(run: Run, module: Value, name: str, call: Call) -> Value:
    told = constant(call.get(0, "mode")) if call.get(0, "mode") is not None else True
    training = False if name == "eval" else told if isinstance(told, bool) else None
    base = run.circumstances(call.node)
    run.emit(Mode(*base, module, training, run.conditional, run.place(call.node)))
    run.state.set((module, "training"), UNKNOWN if training is None else Const.of(training))
    return module


def _parameters(run: Run, module: Value, call: Call) -> Value:
    """Its weights, one after the other: of each it is known whose it is."""
    one = run.alloc(call.node, Opaque("torch.nn.Parameter", "a parameter", parts=(module,)), "one")
    return run.alloc(call.node, ListObject(None, one))


def _named_parameters(run: Run, module: Value, call: Call) -> Value:
    one = run.alloc(call.node, Opaque("torch.nn.Parameter", "a parameter", parts=(module,)), "one")
    return run.alloc(call.node, ListObject(None, TupleValue((UNKNOWN, one))))


def _inner(run: Run, module: Value, call: Call) -> Value:
    one = run.alloc(call.node, Opaque("torch.nn.Module", "a module"), "one")
    return run.alloc(call.node, ListObject(None, one))


def _named_inner(run: Run, module: Value, call: Call) -> Value:
    one = run.alloc(call.node, Opaque("torch.nn.Module", "a module"), "one")
    return run.alloc(call.node, ListObject(None, TupleValue((UNKNOWN, one))))


def _state_dict(run: Run, module: Value, call: Call) -> Value:
    return run.alloc(call.node, DictObject((), open=True))


def _zero_grad(run: Run, module: Value, call: Call) -> Value:
    base = run.circumstances(call.node)
    thing = run.object(module)
    symbol = thing.symbol if isinstance(thing, Opaque) else ""
    place = run.place(call.node)
    run.emit(ZeroGrad(*base, module, symbol, code_of(call.node), run.conditional, place, thing, True))
    return NONE


def _registered(run: Run, module: Value, call: Call) -> Value:
    """`register_buffer("mean", tensor)`: an attribute."""
    name, value = text_of(call.get(0, "name")), call.get(1, "tensor", "param", "module")
    if name is not None and value is not None:
        run.state.set((module, name), value)
    if value is not None:
        noted(run, module, value)
    held = run.object(contents(run, module))
    if isinstance(held, ListObject) and value is not None:
        items = None if held.items is None else (*held.items, value)
        run.update(contents(run, module), ListObject(items, held.element))
    return NONE


def noted(run: Run, module: Value, value: Value) -> None:
    """Keeps that a value became an attribute of a module by a name that stands in a text."""
    if is_module(run, module):
        known = dict.fromkeys((*_set_by_text(run, module), value))
        run.state.set((module, BY_TEXT), TupleValue(tuple(known)))


def _on_each(run: Run, module: Value, call: Call) -> Value:
    """`apply(function)`: on every module inside."""
    function = call.get(0, "fn")
    if function is not None:
        inner = run.alloc(call.node, Opaque("torch.nn.Module", "a module"), "one")
        run.call(function, Call(call.node, [inner], {}))
    return module


_METHODS = {
    "parameters": _parameters,
    "buffers": _parameters,
    "named_parameters": _named_parameters,
    "named_buffers": _named_parameters,
    **dict.fromkeys(("children", "modules"), _inner),
    **dict.fromkeys(("named_children", "named_modules"), _named_inner),
    "state_dict": _state_dict,
    "zero_grad": _zero_grad,
    **dict.fromkeys(("register_buffer", "register_parameter", "add_module", "register_module"), _registered),
    "apply": _on_each,
}


def modules_of(run: Run, value: Value | None, depth: int = 0) -> tuple[Value, ...]:
    """The modules whose weights these are: `parameters()` of one or several, lists and groups of them."""
    if value is None or depth > 6:
        return ()
    found: list[Value] = []
    thing = run.object(value)
    inner: tuple[Value, ...] = ()
    if isinstance(value, (TupleValue, Either)):
        inner = value.items if isinstance(value, TupleValue) else value.options
    elif isinstance(thing, ListObject):
        inner = thing.items if thing.items is not None else (thing.element,)
    elif isinstance(thing, DictObject):
        given = thing.get("params")
        inner = (given,) if given is not None else ()
    elif isinstance(thing, Opaque) and thing.symbol == "torch.nn.Parameter":
        found += thing.parts
    elif isinstance(thing, Opaque) and thing.symbol.startswith("itertools."):
        inner = thing.parts
    for item in inner:
        found += modules_of(run, item, depth + 1)
    return tuple(dict.fromkeys(found))


def attribute(run: Run, base: Value, thing: Opaque, name: str, node: ast.AST) -> Value | None:
    """Attributes of a library's module: what it was told, its weights, the module inside a wrapper."""
    if not is_module(run, base):
        return None
    told = thing.param(name)
    if told is not None:
        return told
    if name in ("weight", "bias"):
        return run.alloc(node, Data(kind="tensor", rows=NO_ROWS), name)
    if name == "module" and short(thing.symbol) in WRAPPERS and thing.parts:
        return thing.parts[0]
    return None


def _label(call: Call) -> str:
    text = code_of(call.node)
    return text if len(text) <= 60 else f"{code_of(call.node.func)}(...)"[:60]


# Functions that name what was last done to a tensor, as layers do.
OPERATIONS = frozenset(layer.operation for layer in LAYERS.values()) - {""}

FUNCTIONS: dict[str, Model] = {
    **{f"nn.{name}": layer for name in LAYERS},
    **{f"nn.{name}": loss for name in LOSSES},
    **{f"nn.{name}": container for name in sorted(LISTS | DICTS)},
    **{f"nn.functional.{name}": loss_function for name in LOSSES.values()},
    "nn.DataParallel": wrapper,
    "nn.parallel.DataParallel": wrapper,
    "nn.parallel.DistributedDataParallel": wrapper,
    "distributed.fsdp.FullyShardedDataParallel": wrapper,
    "optim.swa_utils.AveragedModel": wrapper,
    "nn.Parameter": parameter,
    "nn.parameter.Parameter": parameter,
    "compile": compiled,
}
