"""Keras: layers and what each does last to a batch, networks in their three spellings, what a training remembers.

A network is an `Estimator` of the kind "network"; what `compile` told it is among its parameters, and a `Sequential`
keeps its layers under "layers". Of a class of the program that derives from `Model` such a one stands behind the
instance. A layer is an `Opaque` by its class.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant, text_of
from mlsense.semantics.events import Compiled, Trained, Watching
from mlsense.semantics.models import scores
from mlsense.semantics.models.effects import Call
from mlsense.semantics.models.torch_modules import short
from mlsense.semantics.regions import NO_ROWS
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Const,
    Data,
    DictObject,
    Either,
    Estimator,
    Form,
    Function,
    Instance,
    ListObject,
    Method,
    Opaque,
    Operation,
    Ref,
    Role,
    Score,
    Symbol,
    TupleValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.values import Place

ROOTS = frozenset(("keras", "tensorflow", "tf_keras"))
# The layers that a batch came through are kept under this, as long as they stand one behind the other.
THROUGH = "came through"
HISTORY = "keras.callbacks.History"
# The dict of numbers, one list for each key, that is an attribute of it.
NUMBERS = f"{HISTORY}.history"
# Callbacks that add the learning rate and no metric.
_NO_METRICS = ("ReduceLROnPlateau", "LearningRateScheduler")
# Callbacks that look at one of these numbers, and which of their arguments says at which.
_MONITORS = {"EarlyStopping": 0, "ReduceLROnPlateau": 0, "ModelCheckpoint": 1}


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer does to a batch.

    `operation` is what it does, named as for PyTorch's; empty: nothing that a loss would care for. `parameters` are its
    first ones in order; the one named by `units` says how many numbers or channels a row has afterwards, "same" that it
    is as many as before. With `activates` the parameter `activation` names what is done after that.
    """

    operation: str = ""
    parameters: str = ""
    units: str = ""
    activates: bool = False


def _layers(*groups: tuple[Layer, str]) -> dict[str, Layer]:
    return {name: layer for layer, names in groups for name in names.split()}


def _each_dimension(text: str) -> str:
    return " ".join(f"{name}{dimensions}D" for name in text.split() for dimensions in (1, 2, 3))


LAYERS: dict[str, Layer] = _layers(
    (Layer("linear", "units activation", "units", activates=True), "Dense"),
    (
        Layer(
            "convolution",
            "filters kernel_size strides padding data_format dilation_rate groups activation",
            "filters",
            activates=True,
        ),
        _each_dimension("Conv"),
    ),
    (
        Layer("convolution", "filters kernel_size strides padding", "filters", activates=True),
        _each_dimension("ConvTranspose").replace("ConvTranspose", "Conv").replace("D", "DTranspose"),
    ),
    (
        Layer("convolution", "filters kernel_size strides padding", "filters", activates=True),
        "SeparableConv1D SeparableConv2D",
    ),
    (Layer("recurrent", "units", "units"), "SimpleRNN GRU LSTM"),
    (Layer("embedding", "input_dim output_dim", "output_dim"), "Embedding"),
    (Layer("", "activation", "same", activates=True), "Activation"),
    (Layer("softmax", "axis", "same"), "Softmax"),
    (Layer("relu", "max_value", "same"), "ReLU"),
    (Layer("leaky_relu", "negative_slope", "same"), "LeakyReLU"),
    (Layer("prelu", "", "same"), "PReLU"),
    (Layer("elu", "alpha", "same"), "ELU"),
    (Layer("", units="same"), "Dropout GaussianNoise GaussianDropout AlphaDropout ActivityRegularization Identity"),
    (Layer("", units="same"), _each_dimension("SpatialDropout ZeroPadding Cropping UpSampling")),
    (Layer(""), "Flatten Reshape Permute RepeatVector"),
    (Layer("batch_norm", units="same"), "BatchNormalization"),
    (Layer("layer_norm", units="same"), "LayerNormalization"),
    (Layer("group_norm", units="same"), "GroupNormalization"),
    (
        Layer("pooling", units="same"),
        _each_dimension("MaxPooling AveragePooling GlobalMaxPooling GlobalAveragePooling MaxPool AvgPool"),
    ),
)
# Activations that leave a batch as it is.
_IDLE = frozenset((None, "linear"))

# The forms of pictures that networks of `applications` were trained on, as `imagenet_utils` calls them, by the modules
# they are in; "none": as they come.
_PREPARED = {
    module: form
    for form, modules in {
        "caffe": "resnet resnet50 vgg16 vgg19",
        "tf": "inception_resnet_v2 inception_v3 mobilenet mobilenet_v2 nasnet resnet_v2 xception",
        "torch": "densenet",
        "none": "convnext efficientnet efficientnet_v2 mobilenet_v3",
    }.items()
    for module in modules.split()
}
# The same by the networks' names.
_WANTED = {
    "ResNet50V2": "tf", "ResNet101V2": "tf", "ResNet152V2": "tf", "ResNet50": "caffe", "ResNet101": "caffe",
    "ResNet152": "caffe", "VGG16": "caffe", "VGG19": "caffe", "InceptionResNetV2": "tf", "InceptionV3": "tf",
    "MobileNetV3Large": "none", "MobileNetV3Small": "none", "MobileNetV2": "tf", "MobileNet": "tf",
    "NASNetLarge": "tf", "NASNetMobile": "tf", "Xception": "tf", "DenseNet121": "torch", "DenseNet169": "torch",
    "DenseNet201": "torch", **{f"EfficientNetB{number}": "none" for number in range(8)},
    **{f"EfficientNetV2{size}": "none" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")},
    **{f"ConvNeXt{size}": "none" for size in ("Tiny", "Small", "Base", "Large", "XLarge")},
}  # fmt: skip

# How a metric's object is called where it is not told; without a name, it is numbered after those made before it.
METRICS: dict[str, str] = {
    "Accuracy": "accuracy",
    "BinaryAccuracy": "binary_accuracy",
    "CategoricalAccuracy": "categorical_accuracy",
    "SparseCategoricalAccuracy": "sparse_categorical_accuracy",
    "TopKCategoricalAccuracy": "top_k_categorical_accuracy",
    "SparseTopKCategoricalAccuracy": "sparse_top_k_categorical_accuracy",
    "MeanSquaredError": "mean_squared_error",
    "RootMeanSquaredError": "root_mean_squared_error",
    "MeanAbsoluteError": "mean_absolute_error",
    "MeanAbsolutePercentageError": "mean_absolute_percentage_error",
    "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error",
    "BinaryCrossentropy": "binary_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "CosineSimilarity": "cosine_similarity",
    "F1Score": "f1_score",
    "FBetaScore": "fbeta_score",
    "R2Score": "r2_score",
    **dict.fromkeys("AUC Precision Recall TruePositives TrueNegatives FalsePositives FalseNegatives".split(), ""),
}
# Callbacks that add nothing to what a training remembers.
SILENT_CALLBACKS = frozenset(
    "EarlyStopping ModelCheckpoint BackupAndRestore TensorBoard CSVLogger TerminateOnNaN ProgbarLogger".split()
)
# What a class of the program may do otherwise than `Model` does.
_OWN_WAYS = "fit compile evaluate train_step test_step make_train_function compute_metrics metrics_names".split()


# --- making ------------------------------------------------------------------------------------------


def layer(run: Run, call: Call) -> Value:
    """A layer with what it was told."""
    names = LAYERS[call.name].parameters.split()
    params = dict(zip(names, call.args, strict=False)) | call.keywords
    if not call.exact or len(call.args) > len(names):
        params.setdefault("activation", UNKNOWN)
    return run.alloc(call.node, Opaque(call.symbol, _label(call), params=tuple(params.items())))


def symbolic(run: Run, call: Call) -> Value:
    """`Input(shape=...)`: a batch that is yet to come."""
    made = run.alloc(call.node, Data())
    run.state.set((made, THROUGH), TupleValue(()))
    return made


def sequential(run: Run, call: Call) -> Value:
    """`Sequential([...])`, or empty and filled by `add`."""
    given = call.get(0, "layers")
    items = () if given is None or given == NONE else run.items_of(given)
    held = run.alloc(call.node, ListObject(items if call.exact else None), "layers")
    return _network(run, call, {"layers": held})


def functional(run: Run, call: Call) -> Value:
    """`Model(inputs, outputs)`."""
    inputs, outputs = call.get(0, "inputs", "input"), call.get(1, "outputs", "output")
    return _network(run, call, {"inputs": inputs or UNKNOWN, "outputs": outputs or UNKNOWN})


def _network(run: Run, call: Call, params: dict[str, Value]) -> Value:
    made = run.origin(call.node)
    thing = Estimator(call.symbol, ("network",), tuple(params.items()), certain=call.exact, made=made)
    return run.alloc(call.node, thing)


def _label(call: Call) -> str:
    text = ast.unparse(call.node)
    return text if len(text) <= 60 else f"{ast.unparse(call.node.func)}(...)"[:60]


def padded(run: Run, call: Call) -> Value:
    """`pad_sequences(sequences)`: as many numbers for each text."""
    data = run.data(call.get(0, "sequences"))
    if data is None:
        return UNKNOWN
    return run.alloc(call.node, Data(kind="array", rows=data.rows, learned=data.learned, rank=2))


# --- applying ----------------------------------------------------------------------------------------


def wants_prepared(symbol: str) -> str | None:
    """The form of pictures that a network of `applications` was trained on."""
    root, _, rest = symbol.partition(".")
    return _WANTED.get(short(symbol)) if root in ROOTS and "applications." in rest else None


def prepares_as(symbol: str) -> str | None:
    """The form that a `preprocess_input` brings pictures into."""
    parts = symbol.split(".")
    known = parts[0] in ROOTS and parts[-1] == "preprocess_input" and "applications" in parts
    return _PREPARED.get(parts[-2]) if known else None


def pretrained(run: Run, call: Call) -> Value:
    """`ResNet50(weights="imagenet")`, with what it was told."""
    return run.alloc(call.node, Opaque(call.symbol, _label(call), params=_told_to(call)))


def _told_to(call: Call) -> tuple[tuple[str, Value], ...]:
    told = dict(zip(("include_top", "weights"), call.args, strict=False)) | call.keywords
    if not call.exact:
        told.setdefault("weights", UNKNOWN)
    return tuple(told.items())


def is_layer(thing: Opaque) -> bool:
    return thing.symbol.partition(".")[0] in ROOTS and ".layers." in thing.symbol


def applied(run: Run, value: Value, thing: Opaque, call: Call) -> Value | None:
    """What a layer makes of the batch it is called with; None for what is no layer."""
    if not is_layer(thing):
        return None
    if thing.param("return_state") is not None:
        return UNKNOWN
    x = run.data(call.get(0, "inputs"))
    operation = _operated(value, thing, x.operation if x is not None else None)
    rows, learned = (x.rows, x.learned) if x is not None else (None, ())
    made = run.alloc(call.node, Data(rows=rows, learned=learned, operation=operation))
    given = call.get(0, "inputs")
    behind = run.state.get((given, THROUGH)) if isinstance(given, Ref) else None
    if isinstance(behind, TupleValue):
        run.state.set((made, THROUGH), TupleValue((*behind.items, value)))
    return made


def _operated(value: Value, thing: Opaque, before: Operation | None) -> Operation | None:
    """What was done last to a batch, once the layer has had it."""
    model = LAYERS.get(short(thing.symbol))
    if model is None or not isinstance(value, Ref) or (model.activates and not thing.params):
        # Without its arguments it was not made here.
        return None
    units = before.units if before is not None and model.units == "same" else None
    if model.units not in ("", "same"):
        told = constant(thing.param(model.units))
        units = told if isinstance(told, int) else None
    name = model.operation
    if model.activates:
        activation = _activation(thing.param("activation"))
        if activation is ...:
            return None
        name = name if activation in _IDLE else str(activation)
    if not name:
        return replace(before, units=units) if before is not None else None
    return Operation(name, units, value.origin)


def _activation(value: Value | None) -> object:
    """An activation by its name, `...` where it is not known."""
    if value is None:
        return None
    if isinstance(value, Symbol):
        return value.name.rpartition(".")[2]
    return constant(value)


def last_operation(run: Run, network: Estimator, depth: int = 0) -> Operation | None:
    """What a network does last, and how many numbers it gives for a row."""
    outputs = network.param("outputs")
    if outputs is not None:
        thing = run.object(outputs)
        return thing.operation if isinstance(thing, Data) else None
    operation: Operation | None = None
    for value in run.items_of(network.param("layers") or UNKNOWN) or ():
        thing = run.object(value)
        if isinstance(thing, Opaque) and is_layer(thing):
            operation = _operated(value, thing, operation)
        elif isinstance(thing, Estimator) and "network" in thing.kinds and depth < 6:
            operation = last_operation(run, thing, depth + 1)
        else:
            operation = None
    return operation


# --- methods of networks -------------------------------------------------------------------------------


def method(run: Run, receiver: Value, network: Estimator, name: str, call: Call) -> Value | None:
    """What a network does otherwise than other estimators; None for the rest."""
    if name in ("add", "pop"):
        held = network.param("layers")
        items = run.items_of(held) if held is not None else None
        if held is not None:
            kept = None if items is None else (*items, *call.args[:1]) if name == "add" else items[:-1]
            run.update(held, ListObject(kept))
        return NONE
    if name == "compile":
        told = replace(network, params=tuple((dict(network.params) | _compiled(call)).items()))
        run.update(receiver, told)
        base = run.circumstances(call.node)
        loss, from_logits = loss_of(run, told)
        run.emit(Compiled(*base, last_operation(run, told), loss, from_logits, run.place(call.node)))
        return NONE
    if name in ("fit", "fit_generator"):
        return _trained(run, receiver, network, call)
    if name == "evaluate":
        return _scores(run, network, call)
    if name == "predict":
        return _predicted(run, network, call)
    return None


def _compiled(call: Call) -> dict[str, Value]:
    """What `compile` is told; the arguments after the first two have changed places between releases."""
    told = dict(zip(("optimizer", "loss"), call.args, strict=False)) | call.keywords
    usual = NONE if call.exact and len(call.args) < 3 and "weighted_metrics" not in told else UNKNOWN
    return {name: told.get(name, usual) for name in ("optimizer", "loss")} | {
        "metrics": told.get("metrics", usual) if usual == NONE else UNKNOWN
    }


def drawn(run: Run, call: Call) -> Value:
    """`plot_model(model)`: looks at a network and leaves it as it is."""
    return UNKNOWN


def _trained(run: Run, receiver: Value, network: Estimator, call: Call) -> Value:
    """The `History` of a training, and the dict of its numbers; the network keeps the history too."""
    keys = _remembered(run, network, call)
    _tell_of_training(run, network, call, _remembered(run, network, call, _NO_METRICS))
    found = DictObject((), open=True, symbol=NUMBERS)
    if keys is not None:
        each = run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS), "number")
        lists = ((key, run.alloc(call.node, ListObject(None, each), ("numbers", key))) for key in keys)
        found = DictObject(tuple(lists), symbol=NUMBERS)
    history = run.alloc(call.node, Opaque(HISTORY, _label(call)), "history")
    run.state.set((history, "history"), run.alloc(call.node, found, "numbers"))
    if isinstance(receiver, Ref):
        run.state.set((receiver, "history"), history)
    return history


def _tell_of_training(run: Run, network: Estimator, call: Call, keys: tuple[str, ...] | None) -> None:
    base = run.circumstances(call.node)
    x, y = run.data(call.get(0, "x")), run.data(call.get(1, "y"))
    loss, _ = loss_of(run, network)
    operation, layers = last_operation(run, network), _layer_names(run, network)
    places = _place_of(run, call, 0, "x"), _place_of(run, call, 1, "y")
    watching = tuple(_watching(run, call.get(5, "callbacks")))
    run.emit(Trained(*base, operation, loss, x, y, layers, *places, run.place(call.node), keys, watching))


def _watching(run: Run, callbacks: Value | None) -> Iterator[Watching]:
    for value in run.items_of(callbacks) or () if callbacks is not None else ():
        thing = run.object(value)
        name = short(thing.symbol) if isinstance(thing, Opaque) else ""
        if isinstance(value, Ref) and isinstance(thing, Opaque) and name in _MONITORS:
            told, best = thing.param("monitor"), thing.param("save_best_only")
            if name != "ModelCheckpoint" or (best is not None and constant(best) is True):
                directed = thing.param("mode") is not None
                yield Watching(name, "val_loss" if told is None else text_of(told), directed, value.origin.place)


def _place_of(run: Run, call: Call, position: int, name: str) -> Place | None:
    node = call.node
    if not isinstance(node, ast.Call):
        return None
    named = (each.value for each in node.keywords if each.arg == name)
    found = node.args[position] if position < len(node.args) else next(named, None)
    return None if found is None else run.place(found)


def _layer_names(run: Run, network: Estimator) -> tuple[str, ...] | None:
    """The classes of the layers one behind the other, in their order."""
    held, outputs = network.param("layers"), network.param("outputs")
    items = run.items_of(held) if held is not None else None
    through = run.state.get((outputs, THROUGH)) if isinstance(outputs, Ref) else None
    if isinstance(through, TupleValue):
        items = through.items
    found = [run.object(item) for item in items] if items is not None else [None]
    # What `Input` gives stands for the batch.
    things = [thing for thing in found if not isinstance(thing, Data)]
    names = tuple(short(thing.symbol) for thing in things if isinstance(thing, Opaque) and is_layer(thing))
    return names if len(names) == len(things) else None


def loss_of(run: Run, network: Estimator) -> tuple[str, bool | None]:
    """The loss a network was compiled with, by the name of its function, and whether it is told to expect logits."""
    told = network.param("loss")
    thing = run.object(told)
    if isinstance(told, Const) and isinstance(told.value, str):
        return _SHORT_LOSSES.get(told.value.lower(), _LOSSES.get(told.value, told.value)), False
    if isinstance(told, Symbol) and told.name.partition(".")[0] in ROOTS:
        name = told.name.rpartition(".")[2]
        return _SHORT_LOSSES.get(name.lower(), name if name.islower() else _LOSSES.get(name, "")), False
    if isinstance(thing, Opaque) and thing.symbol.partition(".")[0] in ROOTS and short(thing.symbol) in _LOSSES:
        expected = constant(thing.param("from_logits")) if thing.param("from_logits") is not None else False
        return _LOSSES[short(thing.symbol)], expected if isinstance(expected, bool) else None
    return "", None


# Losses by their classes.
_LOSSES: dict[str, str] = {
    "BinaryCrossentropy": "binary_crossentropy",
    "BinaryFocalCrossentropy": "binary_focal_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "CategoricalFocalCrossentropy": "categorical_focal_crossentropy",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "MeanSquaredError": "mean_squared_error",
    "MeanAbsoluteError": "mean_absolute_error",
    "MeanAbsolutePercentageError": "mean_absolute_percentage_error",
    "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error",
    "KLDivergence": "kl_divergence",
    "Huber": "huber",
    "LogCosh": "log_cosh",
    "Hinge": "hinge",
    "SquaredHinge": "squared_hinge",
    "CategoricalHinge": "categorical_hinge",
    "Poisson": "poisson",
    "CosineSimilarity": "cosine_similarity",
}
_SHORT_LOSSES = {
    "bce": "binary_crossentropy",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
}


def loss(run: Run, call: Call) -> Value:
    """A loss's object with what it was told; of those that may be given probabilities the first says which."""
    params = dict(call.keywords)
    if call.args and call.name.endswith("Crossentropy") and "Focal" not in call.name:
        params.setdefault("from_logits", call.args[0])
    if not call.exact:
        params.setdefault("from_logits", UNKNOWN)
    return run.alloc(call.node, Opaque(call.symbol, _label(call), params=tuple(params.items())))


# --- data sets -----------------------------------------------------------------------------------------

# By name: rows for training and for testing, classes, and whether they are pictures.
DATASETS: dict[str, tuple[int, int, int | None, bool]] = {
    "mnist": (60_000, 10_000, 10, True),
    "fashion_mnist": (60_000, 10_000, 10, True),
    "cifar10": (50_000, 10_000, 10, True),
    "cifar100": (50_000, 10_000, 100, True),
    "imdb": (25_000, 25_000, 2, False),
    "reuters": (8_982, 2_246, 46, False),
    "boston_housing": (404, 102, None, False),
    "california_housing": (16_512, 4_128, None, False),
}


def load_data(run: Run, call: Call) -> Value:
    """`mnist.load_data()`: the training part and the test part, each features and target."""
    name = call.symbol.split(".")[-2]
    train, test, classes, pictures = DATASETS[name]
    whole = not call.args and not call.keywords
    if name == "cifar100":
        mode = constant(call.get(0, "label_mode")) if call.get(0, "label_mode") is not None else "fine"
        classes = {"fine": 100, "coarse": 20}.get(mode) if isinstance(mode, str) else None
    halves = []
    for part, count in (("training", train), ("test", test)):
        rows = run.source(
            call.node,
            f"{name}.load_data() ({part} part)",
            ("dataset", "keras", name, part),
            count if whole or pictures else None,
        )
        x = Data(kind="array", rows=rows, role="features", scale="pixels" if pictures else "raw")
        form: Form = "integer" if classes is not None else ""
        y = Data(kind="array", rows=rows, role="target", form=form, classes=classes)
        halves.append(TupleValue((run.alloc(call.node, x, (part, "x")), run.alloc(call.node, y, (part, "y")))))
    return TupleValue(tuple(halves))


def to_categorical(run: Run, call: Call) -> Value:
    """One column for each class."""
    data = run.data(call.get(0, "x", "y"))
    told = constant(call.get(1, "num_classes"))
    classes = told if isinstance(told, int) else data.classes if data is not None else None
    rows, learned = (data.rows, data.learned) if data is not None else (None, ())
    kind = data.kind if data is not None and data.kind == "tensor" else "array"
    made = Data(kind=kind, rows=rows, learned=learned, role="target", rank=2, form="one-hot", classes=classes)
    return run.alloc(call.node, made)


def _remembered(run: Run, network: Estimator, call: Call, besides: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """The keys of what a training remembers, but for what callbacks `besides` add; None where they are not known."""
    names = metrics_of(run, network)
    split, data = call.get(6, "validation_split"), call.get(7, "validation_data")
    hidden = {"validation_freq", "validation_steps", "initial_epoch"} & call.keywords.keys()
    if names is None or hidden or not call.exact or not _adds_nothing(run, call.get(5, "callbacks"), besides):
        return None
    if constant(call.get(3, "epochs")) == 0:
        return None
    if any(isinstance(value, (Unknown, Either)) for value in (split, data) if value is not None):
        return None
    own = ("loss", *names)
    kept_apart = (split is not None and constant(split) not in (None, 0)) or (data is not None and data != NONE)
    return (*own, *(f"val_{name}" for name in own)) if kept_apart else own


def metrics_of(run: Run, network: Estimator) -> tuple[str, ...] | None:
    """How the metrics of a network with one output are called; None where it is not known."""
    told = network.param("metrics")
    outputs = network.param("outputs")
    one = outputs is None or outputs == NONE or isinstance(run.object(outputs), Data)
    if told is None or not one or network.handed_over:
        return None
    if told == NONE:
        return ()
    thing = run.object(told)
    items = run.items_of(told) if isinstance(thing, ListObject) or isinstance(told, TupleValue) else None
    names = [_metric_name(run, item) for item in items] if items is not None else [None]
    known = [name for name in names if name is not None]
    return tuple(known) if len(set(known)) == len(names) else None


def _metric_name(run: Run, value: Value) -> str | None:
    if isinstance(value, Symbol):
        name = value.name.rpartition(".")[2]
        return name if name.islower() else None
    if isinstance(value, Function):
        return value.name if value.name != "lambda" and not value.decorators else None
    thing = run.object(value)
    if isinstance(thing, Opaque) and thing.symbol.partition(".")[0] in ROOTS and ".metrics." in thing.symbol:
        told = thing.param("name")
        return METRICS.get(short(thing.symbol)) or None if told is None else text_of(told)
    return text_of(value)


def metric(run: Run, call: Call) -> Value:
    """A metric's object, with the name it is given; a name given by position is not looked for."""
    params = dict(call.keywords)
    if call.args or not call.exact:
        params.setdefault("name", UNKNOWN)
    return run.alloc(call.node, Opaque(call.symbol, _label(call), params=tuple(params.items())))


def callback(run: Run, call: Call) -> Value:
    """What watches a training, with what it was told."""
    params, position = dict(call.keywords), _MONITORS.get(short(call.symbol), 0)
    if len(call.args) > position:
        params.setdefault("monitor", call.args[position])
    if not call.exact:
        params.setdefault("monitor", UNKNOWN)
        params.setdefault("mode", UNKNOWN)
    return run.alloc(call.node, Opaque(call.symbol, _label(call), params=tuple(params.items())))


def _adds_nothing(run: Run, callbacks: Value | None, besides: tuple[str, ...]) -> bool:
    """Whether none of the callbacks puts numbers of its own into the history."""
    if callbacks is None or callbacks == NONE:
        return True
    items = run.items_of(callbacks)
    things = [run.object(item) for item in (items if items is not None else (callbacks,))]
    return all(
        isinstance(thing, Opaque)
        and thing.symbol.partition(".")[0] in ROOTS
        and (short(thing.symbol) in SILENT_CALLBACKS or short(thing.symbol) in besides)
        for thing in things
    )


def _scores(run: Run, network: Estimator, call: Call) -> Value:
    """The loss, and after it the metrics where there are some."""
    names = metrics_of(run, network)
    x = run.data(call.get(0, "x"))
    known = network.fitted is not None and x is not None
    found = (Score("evaluate", run.origin(call.node), network.fitted, x.rows),) if known and x is not None else ()
    if names is None or not call.exact or "return_dict" in call.keywords:
        return run.alloc(call.node, ListObject(None, scores.number(run, call.node, found)), "scores")
    if not names:
        return scores.number(run, call.node, found)
    numbers = (scores.number(run, call.node, found, name) for name in ("loss", *names))
    return run.alloc(call.node, ListObject(tuple(numbers)), "scores")


def _predicted(run: Run, network: Estimator, call: Call) -> Value:
    """What the last layer gives for each row: probabilities where that ends in a softmax or sigmoid."""
    x = run.data(call.get(0, "x"))
    operation = last_operation(run, network)
    role: Role = "probability" if operation is not None and operation.name in ("softmax", "sigmoid") else "prediction"
    record = network.fitted
    return run.alloc(
        call.node,
        Data(
            kind="array",
            rows=x.rows if x is not None else None,
            role=role,
            fits=(record,) if record is not None else (),
            learned=x.learned if x is not None else (),
            operation=operation,
        ),
    )


# --- classes of the program ------------------------------------------------------------------------------


def is_network(thing: Instance) -> bool:
    """Whether it is of a class that the program derives from Keras's `Model`."""
    names = thing.cls.library_bases()
    return any(name.partition(".")[0] in ROOTS and name.endswith((".Model", ".Sequential")) for name in names)


def inherited(run: Run, receiver: Value, thing: Instance, name: str, call: Call) -> Value | None:
    """What `Model` gives to a class of the program; None for what does not go through it."""
    if name not in ("compile", "fit", "evaluate", "predict") or not isinstance(receiver, Ref) or not is_network(thing):
        return None
    behind = Ref(receiver.origin, (receiver.slot, "network"))
    network = run.object(behind)
    if not isinstance(network, Estimator) or name == "compile":
        outputs = _outputs(thing)
        if outputs == NONE and name == "compile":
            # What it makes of some batch shows what it does last.
            made = run.call(receiver, Call(call.node, [run.alloc(call.node, Data(), "batch")], {}))
            outputs = made if isinstance(run.object(made), Data) else NONE
        network = Estimator("keras.Model", ("network",), (("outputs", outputs),), certain=False)
        run.update(behind, network)
    found = run.call(Method(behind, name), call)
    if name == "fit" and isinstance(found, Ref):
        run.state.set((receiver, "history"), found)
    return found


def _outputs(thing: Instance) -> Value:
    """Nothing where the class is trained as `Model` is and gives one output; else they are not known."""
    forward = thing.cls.member("call")
    node = forward.node if isinstance(forward, Function) else None
    several = node is None or any(
        isinstance(part, ast.Return) and isinstance(part.value, (ast.Tuple, ast.List, ast.Dict))
        for part in ast.walk(node)
    )
    own = several or any(thing.cls.member(name) is not None for name in _OWN_WAYS)
    return UNKNOWN if own else NONE


# Where the layers were before Keras 2.4 put all of them in one module.
_OLD_MODULES = "core convolutional pooling recurrent embeddings normalization advanced_activations noise".split()

FUNCTIONS: dict[str, Model] = {
    "Sequential": sequential,
    "Model": functional,
    "Input": symbolic,
    "pad_sequences": padded,
    "utils.plot_model": drawn,
    **{f"{module}.{name}": layer for module in ("layers", *_OLD_MODULES) for name in LAYERS},
    **{f"metrics.{name}": metric for name in METRICS},
    **{f"losses.{name}": loss for name in _LOSSES},
    **{f"{name}.load_data": load_data for name in DATASETS},
    **dict.fromkeys(_WANTED, pretrained),
    "utils.to_categorical": to_categorical,
    "utils.np_utils.to_categorical": to_categorical,
    **{f"callbacks.{name}": callback for name in ("EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau")},
}
