"""What happened while the program was followed: rules subscribe to these and read their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mlsense.semantics.immutable import dataclass

if TYPE_CHECKING:
    from collections.abc import Hashable

    from mlsense.semantics.values import (
        ClassValue,
        Data,
        Estimator,
        FitRecord,
        HeapObject,
        Iterates,
        Method,
        Operation,
        Origin,
        Place,
        Ref,
        Score,
        Sizes,
        Symbol,
        TupleValue,
        Value,
    )


LoopKind = Literal["for", "while"]


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop being run; `text` is its header.

    `targets` and `accumulators` are names: bound by the header; bound before the loop and grown in its body.
    `at_the_end` are those that grow only in the last stretch of the body, which a `continue` above it may skip.
    `over` is what it goes through, seen through `enumerate` and its kind; `reset` are names that every pass makes empty
    or zero before it grows them. `optional`: a pass of the loop around it may leave it out.
    """

    origin: Origin
    kind: LoopKind
    header: Place
    body: Place
    iterates: Iterates
    text: str
    targets: tuple[str, ...]
    accumulators: tuple[str, ...]
    length: int | None = None
    at_the_end: tuple[str, ...] = ()
    over: Value | None = None
    reset: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """`origin` says where and on which call path, `loops` which loops were running, outermost first, callers' included.

    `assumed`: in a function nothing was seen to call, entered with unknown arguments.
    """

    origin: Origin
    loops: tuple[Loop, ...]
    assumed: bool
    statement: Place


@dataclass(frozen=True, slots=True)
class Fit(Event):
    """`estimator.fit(X, y)` in any of its spellings; `record` is what it learned from.

    `leaves` are the steps of a pipeline or container in order, the estimator itself where it has none, None where a
    step is not known. `optional`: it stands under a condition, so that the call it is in may leave it out. `picks`:
    some step takes only columns it is told, or that it chooses.
    """

    name: str
    method: str
    ref: Ref
    before: Estimator
    after: Estimator
    x: Data | None
    y: Data | None
    x_place: Place | None
    record: FitRecord
    call: Place
    leaves: tuple[Estimator, ...] | None
    optional: bool
    picks: bool = False


@dataclass(frozen=True, slots=True)
class Split(Event):
    """Rows are divided: `train_test_split` and its kind. `inputs` in order, each with its place.

    `shuffles`: neighbours may go to different parts; None where that is not known. `drawn` is what the choices of its
    parts are known by where that is not the place: the same split, made before.
    """

    callee: str
    inputs: tuple[Data | None, ...]
    places: tuple[Place, ...]
    call: Place
    shuffles: bool | None = None
    drawn: Hashable = None

    @property
    def selector(self) -> Hashable:
        """What its parts are told apart by."""
        return self.origin if self.drawn is None else self.drawn


@dataclass(frozen=True, slots=True)
class CrossValidate(Event):
    """An estimator is evaluated on every fold of what it is given; `leaves` and `picks` as for a fit."""

    callee: str
    estimator: Estimator | None
    x: Data | None
    y: Data | None
    x_place: Place | None
    call: Place
    leaves: tuple[Estimator, ...] | None
    picks: bool = False
    shuffles: bool | None = None


@dataclass(frozen=True, slots=True)
class Folds(Event):
    """`splitter.split(X, y)`: parts for training and test, one pair after the other; `shuffles` as for a split."""

    callee: str
    inputs: tuple[Data | None, ...]
    call: Place
    shuffles: bool | None = None


@dataclass(frozen=True, slots=True)
class Evaluate(Event):
    """Predictions or a score for rows `x` by a fitted model: what the fit saw and what the rows were shaped by."""

    callee: str
    fit: FitRecord
    x: Data
    call: Place
    is_score: bool


@dataclass(frozen=True, slots=True)
class Select(Event):
    """One of several is chosen by scores: the largest, the first in their order, what is better than the best so far.

    "stopping": a training ends, or the best of its states is kept, by what it scores on rows held out; "search": a
    tuner looks for the settings that score best. `text` is what the program writes for it.
    """

    how: Literal["comparison", "extreme", "order", "stopping", "search"]
    text: str
    scores: tuple[Score, ...]
    call: Place


@dataclass(frozen=True, slots=True)
class Chained(Event):
    """A value is set in what was taken out of a table: `table["a"][rows] = 0`, `table[rows]["a"] = 0`.

    `table` is where the table is written, `taken` what was taken out of it, `target` the whole left side.
    `rows`: what was taken are rows that a mask picks, else a column.
    """

    table: Place
    taken: Place
    target: Place
    rows: bool


@dataclass(frozen=True, slots=True)
class Root(Event):
    """A root is drawn of numbers at `of` that are made of scores; `name` is the function, empty for the operator."""

    name: str
    scores: tuple[Score, ...]
    of: Place
    conditional: bool
    guarded: bool


@dataclass(frozen=True, slots=True)
class Shown(Event):
    """Numbers at `what` that are made of scores below zero are printed or put into a text, after a `label`."""

    label: str
    scores: tuple[Score, ...]
    what: Place
    conditional: bool


@dataclass(frozen=True, slots=True)
class Backward(Event):
    """Gradients are computed: `loss.backward()`. `plain`: nothing was told to it, such as to keep the graph."""

    receiver: Value
    text: str
    plain: bool
    conditional: bool
    call: Place


@dataclass(frozen=True, slots=True)
class Step(Event):
    """A step of `receiver`, written as `text`; `symbol` is what made the receiver, where that is known.

    `thing` is the receiver as it was, `plain` says that nothing was told to the step, such as a closure or an action.
    """

    receiver: Value
    symbol: str
    text: str
    conditional: bool
    call: Place
    thing: HeapObject | None
    plain: bool


@dataclass(frozen=True, slots=True)
class ZeroGrad(Event):
    """Gradients of `receiver`, an optimiser or a model, are cleared; the rest as for a step."""

    receiver: Value
    symbol: str
    text: str
    conditional: bool
    call: Place
    thing: HeapObject | None
    plain: bool


@dataclass(frozen=True, slots=True)
class Mode(Event):
    """A module is put into training or evaluation mode; `training` None: into which is not known."""

    receiver: Value
    training: bool | None
    conditional: bool
    call: Place


@dataclass(frozen=True, slots=True)
class Forward(Event):
    """A module is applied to a batch, not as a layer of another. `gradients`: they are recorded.

    `training` is the mode it was put in last; None: it was put in none, or it is not known in which. `minding` are the
    layers in it, by their class, that do something else in training; `device` is where it was moved, "cpu" or what was
    given for it. `known`: its class is; else it is taken for a module since it was put in a mode.
    """

    receiver: Value
    training: bool | None
    gradients: bool
    x: Data | None
    call: Place
    minding: tuple[str, ...]
    device: Hashable
    known: bool


@dataclass(frozen=True, slots=True)
class Defined(Event):
    """A class of the program that derives from something of a library is defined, at `place`."""

    cls: ClassValue
    place: Place


@dataclass(frozen=True, slots=True)
class Built(Event):
    """A module of a class of the program has been made: its `__init__` has run.

    `unseen` are the attributes that hold layers with weights in plain lists, dicts and tuples, where PyTorch does not
    look, and in no registered attribute besides: each with its value, and whether it holds modules and nothing else.
    `layers` are those that are layers themselves.
    """

    cls: ClassValue
    unseen: tuple[tuple[str, HeapObject | TupleValue, bool], ...]
    layers: tuple[tuple[str, HeapObject], ...]


@dataclass(frozen=True, slots=True)
class ForwardCalled(Event):
    """`forward` of a module is called by its name. `own`: of the object whose method this is."""

    receiver: Value
    own: bool
    call: Place


@dataclass(frozen=True, slots=True)
class Loss(Event):
    """A loss is computed: `kind` is PyTorch's function for it, `operation` what the model did last to give `output`.

    `made` is where the object that computes it was made; None for a function. `sizes` are those of output and target.
    """

    kind: str
    operation: Operation | None
    target: Data | None
    gradients: bool
    call: Place
    made: Origin | None = None
    output: Data | None = None
    sizes: tuple[Sizes | None, Sizes | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Widened(Event):
    """Two tensors are put together entry by entry, one column with one row of numbers: a table comes out.

    `name` is the operator or method, `sizes` are theirs, `places` where they stand.
    """

    name: str
    sizes: tuple[Sizes, Sizes]
    places: tuple[Place, Place]
    call: Place


@dataclass(frozen=True, slots=True)
class Misfit(Event):
    """A layer, of class `layer`, gets a tensor of `sizes` that it cannot take: it wants `wants` along `axis`.

    Or a tensor is to be brought into a shape that its numbers do not fill: then `layer` is the method. `before` is the
    operation that gave the tensor. `made` is where the layer was made.
    """

    layer: str
    wants: int
    got: int
    axis: int
    sizes: Sizes
    before: Operation | None
    made: Origin | None
    call: Place


@dataclass(frozen=True, slots=True)
class Compiled(Event):
    """A network of Keras is told what to train for: `loss` by the name of its function, empty where it is not known.

    `operation` is what the network does last; `from_logits` what the loss was told, None where that is not known.
    """

    operation: Operation | None
    loss: str
    from_logits: bool | None
    call: Place


@dataclass(frozen=True, slots=True)
class Watching:
    """A callback of Keras, by the name of its class, and the number it looks at, None where that is not known.

    `directed`: it was told, or may have been told, whether more of it is better.
    """

    name: str
    monitor: str | None
    directed: bool
    made: Place


@dataclass(frozen=True, slots=True)
class Trained(Event):
    """A network of Keras is trained on rows `x` with labels `y`; `compiled` is the loss it was compiled with.

    `layers` are the classes of its layers, in their order, `keys` the numbers its history keeps; None where they are
    not known. `watching` are the callbacks that choose by one of these.
    """

    operation: Operation | None
    loss: str
    x: Data | None
    y: Data | None
    layers: tuple[str, ...] | None
    x_place: Place | None
    y_place: Place | None
    call: Place
    keys: tuple[str, ...] | None
    watching: tuple[Watching, ...]


@dataclass(frozen=True, slots=True)
class Scaler(Event):
    """`scale`, `unscale_`, `step` or `update` of a gradient scaler."""

    receiver: Value
    method: str
    call: Place


@dataclass(frozen=True, slots=True)
class Clip(Event):
    """Gradients are clipped: of these modules, as far as they are known."""

    modules: tuple[Value, ...]
    text: str
    call: Place


@dataclass(frozen=True, slots=True)
class Gather(Event):
    """In a loop something takes in values: `total += loss`, `total = total + loss`, `losses.append(loss)`.

    `name` is written so; `values` are what is added, all that stand in a sum or product. `gradients`: they are recorded
    there, so that the sum has a graph if a value has one; a list keeps what it is given as it is.
    """

    name: str
    values: tuple[Value, ...]
    things: tuple[HeapObject | None, ...]
    how: Literal["sum", "list"]
    gradients: bool
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Traced(Event):
    """In a function of which TensorFlow makes a graph, Python does what the graph does not.

    A list of outside takes something in, a number of outside is counted up, what the graph computes is printed; `text`
    says which. `function` is defined at `place`.
    """

    how: Literal["list", "counter", "print"]
    text: str
    function: str
    place: Place


@dataclass(frozen=True, slots=True)
class HandedOver(Event):
    """In a loop code that is not followed, written as `text`, gets these values, and what they hold."""

    text: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Moved(Event):
    """A module is moved to a device: "cpu", or what was given for it."""

    receiver: Value
    device: Hashable
    call: Place


@dataclass(frozen=True, slots=True)
class Return(Event):
    """A return inside a loop. `unconditional`: every pass that gets here leaves the loop named last in `inside`."""

    inside: tuple[Loop, ...]
    unconditional: bool
    names: tuple[str, ...]
    generator: bool


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """A `break` or `continue` that every pass of `loop` reaches, unless another one ended it before."""

    how: Literal["break", "continue"]
    loop: Loop


@dataclass(frozen=True, slots=True)
class Looped(Event):
    """A loop was gone through, and what stands below it runs.

    `bound` are plain names that every pass binds anew before it reads them, `breaks`: some `break` may end it early.
    `otherwise`: it has an `else`.
    """

    loop: Loop
    bound: tuple[str, ...]
    breaks: bool
    otherwise: bool


@dataclass(frozen=True, slots=True)
class Called(Event):
    """Something of a library is called: a function, a class, or a method of `thing`, which is as it was before.

    `exact`: no `*args` or `**kwargs` of unknown content. `objects` are those behind the receiver's parts and the
    arguments, and behind the items of those that hold some. `guarded`: where it fails, the program goes on.
    `optional`: it stands under a condition, here or in the code that led here.
    """

    callee: Symbol | Method
    thing: HeapObject | None
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    objects: tuple[tuple[Ref, HeapObject], ...]
    exact: bool
    guarded: bool
    optional: bool
    call: Place

    def object(self, value: Value | None) -> HeapObject | None:
        """What an argument, or an item of one, refers to."""
        return next((thing for ref, thing in self.objects if ref == value), None)

    def argument(self, position: int | None, *names: str) -> Value | None:
        """The argument at a position or under one of its names."""
        for name, value in self.keywords:
            if name in names:
                return value
        return self.args[position] if position is not None and position < len(self.args) else None


@dataclass(frozen=True, slots=True)
class Item(Event):
    """`thing[key]`, of something a library made; the key is `...` where it is not known.

    `guarded` and `optional` as for a call.
    """

    receiver: Value
    thing: HeapObject
    key: Hashable
    guarded: bool
    optional: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Unfollowed(Event):
    """A call whose target or effect is not known."""

    reason: str
    text: str
