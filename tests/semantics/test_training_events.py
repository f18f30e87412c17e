"""Training loops: what they gather, hand over and move; what a loop goes through, what a tensor carries."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, TypeVar

from mlsense.analysis import Analyser
from mlsense.semantics.events import (
    Backward,
    Built,
    Defined,
    Event,
    Forward,
    ForwardCalled,
    Gather,
    HandedOver,
    Mode,
    Moved,
)
from mlsense.semantics.values import Const, Data, Opaque
from mlsense.syntax import script

if TYPE_CHECKING:
    from mlsense.semantics.trace import Trace

E = TypeVar("E", bound=Event)

NET = """
import torch
from torch import nn
from tqdm import tqdm

net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 2))
data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.randint(0, 2, (32,)))
loader = torch.utils.data.DataLoader(data, batch_size=8)
"""


def traced(text: str) -> Trace:
    trace = Analyser().analyse(script("example.py", NET + textwrap.dedent(text))).trace
    assert trace is not None
    return trace


def only(trace: Trace, kind: type[E]) -> E:
    found = trace.of(kind)
    assert len(found) == 1
    return found[0]


def test_a_loop_knows_its_loader_through_a_progress_bar_and_enumerate() -> None:
    trace = traced(
        """
        for number, (x, y) in enumerate(tqdm(loader)):
            net(x)
        """
    )
    loop = only(trace, Forward).loops[-1]
    assert loop.iterates == "loader"
    assert loop.over == next(sighting.value for sighting in trace.sightings.values() if sighting.name == "loader")


def test_what_every_pass_makes_empty_is_reset() -> None:
    trace = traced(
        """
        for x, y in loader:
            total = 0
            kept = []
            total += len(x)
            kept.append(net(x))
            fresh = []
        """
    )
    assert only(trace, Forward).loops[-1].reset == ("total", "kept")


def test_a_sum_gathers_what_it_is_made_of_and_a_list_what_it_is_given() -> None:
    trace = traced(
        """
        total, losses = 0, []
        for x, y in loader:
            loss = nn.functional.cross_entropy(net(x), y)
            loss.backward()
            total += loss * 8
            losses.append(loss)
            losses.append(loss.item())
        """
    )
    backward = only(trace, Backward)
    gathered = trace.of(Gather)
    assert [(each.name, each.how) for each in gathered] == [("total", "sum"), ("losses", "list")]
    assert all(backward.receiver in each.values for each in gathered)
    assert all(isinstance(thing, Data) and thing.graph for each in gathered for thing in each.things)


def test_a_forward_tells_of_layers_that_mind_the_mode_and_of_the_device() -> None:
    trace = traced(
        """
        net.to("cuda")
        net(torch.randn(2, 4))
        """
    )
    assert only(trace, Moved).device == Const.of("cuda")
    forward = only(trace, Forward)
    assert forward.minding == ("Dropout",)
    assert forward.device == Const.of("cuda")
    assert forward.x is not None
    assert forward.x.device == "cpu"


def test_a_graph_ends_where_gradients_end() -> None:
    trace = traced(
        """
        out = net(torch.randn(2, 4))
        kept = out.relu().mean()
        cut = out.detach()
        chosen = out.argmax(1)
        with torch.no_grad():
            free = net(torch.randn(2, 4))
        """
    )
    seen = {each.name: each.object for each in trace.sightings.values()}
    graphs = {name: thing.graph for name, thing in seen.items() if isinstance(thing, Data) and thing.kind != "unknown"}
    expected = {"out": True, "kept": True, "cut": False, "chosen": False, "free": False}
    assert {name: graphs[name] for name in expected} == expected


def test_what_is_put_in_a_mode_and_called_is_a_module() -> None:
    trace = traced(
        """
        def validate(model, batches, evaluator):
            model.eval()
            for x, y in batches:
                evaluator.update(model(x), y)
        """
    )
    forward = only(trace, Forward)
    assert (forward.training, forward.known, forward.assumed) == (False, False, True)
    handed = [each.text for each in trace.of(HandedOver)]
    assert handed == ["model", "evaluator.update"]


def test_a_progress_bar_is_no_loader() -> None:
    trace = traced("bar = tqdm(loader)")
    bar = next(sighting.object for sighting in trace.sightings.values() if sighting.name == "bar")
    assert isinstance(bar, Opaque)
    assert bar.symbol == "tqdm.tqdm"


def test_dropout_as_a_function_and_inside_a_layer_minds_the_mode() -> None:
    trace = traced(
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.steps = nn.GRU(4, 8, num_layers=2, dropout=0.1)

            def forward(self, x):
                found, _ = self.steps(x)
                return nn.functional.dropout(found, 0.5, training=self.training)


        Net()(torch.randn(5, 2, 4))
        """
    )
    assert only(trace, Forward).minding == ("GRU", "dropout")


def test_a_module_that_was_loaded_takes_modes() -> None:
    trace = traced(
        """
        from transformers import AutoModel, Trainer

        loaded = AutoModel.from_pretrained("a")
        loaded.eval()
        loaded(torch.zeros(1, 4))
        Trainer(loaded).train()
        """
    )
    assert only(trace, Forward).training is False
    assert [event.training for event in trace.of(Mode)] == [False]


CLASSES = """
        class Inner(nn.Module):
            def __init__(self):
                super().__init__()
                self.weights = nn.Linear(2, 2)

            def forward(self, x):
                return self.weights(x)


        class Outer(nn.Module):
            def __init__(self, depth, given):
                super().__init__()
                self.named = nn.Linear(2, 2)
                self.again = [self.named]
                self.known = [Inner(), Inner()]
                self.grown = []
                for _ in range(depth):
                    self.grown.append((nn.Conv1d(2, 2, 1), nn.ReLU()))
                self.by_name = {"one": nn.Linear(2, 2)}
                self.without = [nn.ReLU(), nn.Dropout()]
                self.given = [given, given]

            def forward(self, x):
                return self.named.forward(x) + self.first(x)

            def first(self, x):
                return self.forward(x)
"""


def test_a_module_that_was_made_tells_which_layers_are_where_pytorch_does_not_look() -> None:
    built = {event.cls.name: event for event in traced(CLASSES).of(Built)}
    assert [name for name, _ in built["Inner"].layers] == ["weights"]
    assert not built["Inner"].unseen
    assert [name for name, _ in built["Outer"].layers] == ["named"]
    assert [(name, plain) for name, _, plain in built["Outer"].unseen] == [
        ("known", True),
        ("grown", False),
        ("by_name", True),
    ]


def test_layers_in_containers_that_are_not_known_hide_nothing() -> None:
    trace = traced(
        """
        class Net(nn.Module):
            def __init__(self, sizes):
                super().__init__()
                self.layers = [nn.Linear(size, size) for size in sizes]
                self.net = nn.Sequential(*self.layers)

        Net([1, 2])
        """
    )
    assert not only(trace, Built).unseen


def test_layers_set_under_names_in_texts_are_registered() -> None:
    trace = traced(
        """
        class Net(nn.Module):
            def __init__(self, depth):
                super().__init__()
                self.one = [nn.Linear(2, 2) for _ in range(depth)]
                self.other = [nn.Linear(2, 2) for _ in range(depth)]
                self.free = [nn.Linear(2, 2) for _ in range(depth)]
                for number, layer in enumerate(self.one):
                    setattr(self, f"one{number}", layer)
                for number, layer in enumerate(self.other):
                    self.add_module(f"other{number}", layer)

        Net(2)
        """
    )
    assert [name for name, _, _ in only(trace, Built).unseen] == ["free"]


def test_forward_called_by_name_is_told_of_with_whose_it_is() -> None:
    called = {event.call.line: event.own for event in traced(CLASSES).of(ForwardCalled)}
    assert sorted(called.values()) == [False, True]
    assert not traced("class Form:\n    def forward(self): ...\n\nForm().forward()").of(ForwardCalled)


def test_classes_that_derive_from_libraries_tell_of_themselves() -> None:
    trace = traced(
        """
        from somewhere import Base

        class Plain: ...
        class Net(nn.Module): ...
        class Mixed(Base, nn.Module): ...
        class Wide(make_base(), nn.Module): ...
        """
    )
    found = {event.cls.name: event.cls.bases_known for event in trace.of(Defined)}
    assert found == {"Net": True, "Mixed": True, "Wide": False}
