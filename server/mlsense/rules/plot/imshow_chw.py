"""An image whose channels come first is shown."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import is_certain
from mlsense.rules.reading import location, node_at, place_in, related, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import calls_at, is_changed
from mlsense.semantics.events import Called
from mlsense.semantics.models.matplotlib import AXES
from mlsense.semantics.values import Const, Data, ListObject, Method, Opaque, Symbol, TupleValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Value

# What makes arrays and tensors of the sizes it is given: one by one, or all in one.
_SIZES = frozenset(
    "torch.rand torch.randn torch.zeros torch.ones torch.empty numpy.zeros numpy.ones numpy.empty numpy.random.rand "
    "numpy.random.randn numpy.random.random".split()
)
# What gives images with their channels first, always.
_IMAGES = frozenset(
    "torchvision.utils.make_grid torchvision.io.read_image torchvision.io.decode_image "
    "torchvision.transforms.functional.to_tensor torchvision.transforms.functional.pil_to_tensor".split()
)
# What leaves the sizes as they are.
_KEEPING = frozenset(
    "to cpu cuda detach clone contiguous float double half numpy clamp clip abs sigmoid tanh astype copy".split()
)
_COLOURS = (3, 4)
_DEEPEST = 6


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_shows, Called):
        node = node_at(trace, event.call)
        argument = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if argument is None or isinstance(argument, ast.Starred):
            continue
        given = event.args[0]
        made = _made(trace, event, given)
        place = place_in(event.call, argument)
        found = location(trace, place)
        if made is None or found is None:
            continue
        maker, sizes = made
        shape = f"({', '.join(map(str, sizes))})" if sizes else "channels first, (C, H, W)"
        name, grey = written(trace, place, "the image"), sizes[:1] == (1,)
        advice = "take the one channel, `[0]`" if grey else f"turn it with `{_turned(maker, event, name)}`"
        message = f"`imshow` wants the colours last, and `{name}` is {shape}: it raises TypeError. To show it {advice}."
        pairs = () if maker.call == place else ((maker.call, "channels first"),)
        yield Draft(message, found, related(trace, *pairs), fix=_fix(trace, event, argument))


def _shows(event: Called) -> bool:
    if not event.args or not is_certain(event) or event.assumed:
        return False
    if isinstance(event.callee, Symbol):
        return event.callee.name == "matplotlib.pyplot.imshow"
    return event.callee.name == "imshow" and isinstance(event.thing, Opaque) and event.thing.symbol == AXES


def _made(trace: Trace, event: Called, value: Value, depth: int = 0) -> tuple[Called, tuple[int, ...]] | None:
    """What made an image with its channels first, and its sizes, where they are known; None where it is not one."""
    makers = calls_at(trace, value)
    if len({maker.callee.name for maker in makers}) != 1 or depth > _DEEPEST or is_changed(trace, value):
        return None
    maker = makers[-1]
    name = maker.callee.name
    if isinstance(maker.callee, Method):
        kept = name in _KEEPING and isinstance(maker.thing, Data)
        return _made(trace, maker, maker.callee.receiver, depth + 1) if kept else None
    if name in _IMAGES:
        return maker, ()
    sizes = _sizes(maker) if name in _SIZES else None
    if sizes is None or len(sizes) != 3 or sizes[0] not in (1, *_COLOURS) or sizes[2] in (1, *_COLOURS):
        return None
    return maker, sizes


def _sizes(maker: Called) -> tuple[int, ...] | None:
    """The sizes that are written out: `(3, 224, 224)`."""
    given: tuple[Value, ...] = maker.args
    if len(given) == 1:
        whole = given[0]
        thing = maker.object(whole)
        items = thing.items if isinstance(thing, ListObject) else whole.items if isinstance(whole, TupleValue) else None
        given = tuple(items) if items is not None else given
    numbers = [each.value for each in given if isinstance(each, Const) and isinstance(each.value, int)]
    return tuple(numbers) if maker.exact and len(numbers) == len(given) else None


def _turned(maker: Called, event: Called, name: str) -> str:
    thing = event.object(event.args[0])
    array = thing.kind == "array" if isinstance(thing, Data) else maker.callee.name.startswith("numpy.")
    return f"{name}.{'transpose' if array else 'permute'}(1, 2, 0)"


def _fix(trace: Trace, event: Called, argument: ast.expr) -> Fix | None:
    made = _made(trace, event, event.args[0])
    thing = event.object(event.args[0])
    place = place_in(event.call, argument)
    name = editing.text_at(trace, place)
    plain = isinstance(argument, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    if (
        made is None
        or name is None
        or not plain
        or not isinstance(thing, Data)
        or thing.kind not in ("tensor", "array")
    ):
        return None
    if not made[1]:
        return None
    text = f"{name}[0]" if made[1][0] == 1 else _turned(made[0], event, name)
    return Fix.of(f"Write `{text}`", "safe", editing.replaced(trace, place, text))


RULE = Rule(
    name="imshow-chw",
    family="plot",
    severity=Severity.ERROR,
    summary="`imshow` is given an image whose channels come first.",
    finds="""
        `plt.imshow(image)` or `ax.imshow(image)` of a tensor or array whose sizes are written where it is made,
        `torch.rand(3, 224, 224)`, or of what always has its channels first: `make_grid`, `to_tensor` and `read_image`
        of torchvision. Also after `cpu()`, `detach()`, `numpy()` and the like.
        """,
    matters="""
        PyTorch keeps images as channels, height, width; matplotlib wants height, width, channels and raises TypeError,
        `Invalid shape (3, 224, 224) for image data`.
        """,
    silent="""
        Images whose sizes are not known, that were turned with `permute` or `transpose`, cut or changed; grey images of
        two dimensions; code inside `try`.
        """,
    repair="""
        Adds `.permute(1, 2, 0)`, of arrays `.transpose(1, 2, 0)`, and `[0]` where there is one channel. Safe: only what
        is shown changes.
        """,
    bad=(
        example(
            """
            import matplotlib.pyplot as plt
            import torch

            image = torch.rand(3, 224, 224)
            plt.imshow(image)  # <- imshow-chw
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import numpy as np

            figure, axes = plt.subplots()
            axes.imshow(np.zeros((3, 32, 32)))  # <- imshow-chw
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import torch


            def show(image):
                plt.imshow(image.detach().cpu().numpy())  # <- imshow-chw


            show(torch.randn(3, 64, 48).sigmoid())
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import torch

            digit = torch.zeros(1, 28, 28)
            plt.imshow(digit, cmap="gray")  # <- imshow-chw
            """
        ),
    ),
    good=(
        example(
            """
            import matplotlib.pyplot as plt
            import torch

            image = torch.rand(3, 224, 224)
            plt.imshow(image.permute(1, 2, 0))
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import numpy as np

            plt.imshow(np.zeros((32, 32, 3)))
            plt.imshow(np.random.rand(28, 28))
            plt.imshow(np.ones((28, 28, 1)))
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import torch

            digit = torch.zeros(1, 28, 28)
            plt.imshow(digit[0], cmap="gray")
            plt.imshow(digit.squeeze())
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import torch

            batch = torch.rand(3, 28, 28)
            for image in batch:
                plt.imshow(image)
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import numpy as np

            image = np.moveaxis(np.zeros((3, 32, 32)), 0, -1)
            plt.imshow(image)
            plt.imshow(np.zeros((3, 32, 32)).T)
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import torch

            image = torch.rand(3, 8, 8)
            try:
                plt.imshow(image)
            except TypeError:
                plt.imshow(image.permute(1, 2, 0))
            """
        ),
    ),
    check=check,
    raises=("TypeError",),
)
