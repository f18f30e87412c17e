"""What is said of TensorFlow's names: of its own, of Keras inside it, of what it keeps of version 1."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType

import pytest

from mlsense.analysis import Analyser, Settings
from mlsense.knowledge.library import Offer, library
from mlsense.knowledge.versions import Pin, Versions
from mlsense.rules.succession import change_of, successor
from mlsense.syntax import script

RULES = frozenset(("removed-api", "unknown-attribute", "unknown-keyword", "keyword-only", "deprecated-api"))


def said(text: str, version: str = "2.21") -> list[str]:
    """What the rules of names say of a program with some version of TensorFlow."""
    versions = Versions(pinned=(("tensorflow", Pin(f"=={version}", "requirements.txt")),))
    report = Analyser().analyse(script("x.py", text), Settings.of(select=RULES, versions=versions))
    return [finding.message for finding in report.findings]


@pytest.mark.parametrize(
    ("version", "text", "told"),
    [
        ("2.21", "import tensorflow as tf\ntf.Session()", "`tf.compat.v1.Session`"),
        ("2.21", "import tensorflow as tf\ntf.log(3.0)", "`tf.math.log`"),
        ("2.21", "import tensorflow as tf\ntf.random_normal([2])", "`tf.random.normal`"),
        ("2.0", "import tensorflow as tf\ntf.set_random_seed(1)", "`tf.random.set_seed`"),
        ("2.21", "from tensorflow.contrib import rnn", "`tf_slim`"),
        ("2.21", "import tensorflow as tf\ntf.layers.dense(3, 2)", "`tf.keras.layers`"),
        ("2.21", "import tensorflow as tf\ntf.estimator.Estimator", "removed in tensorflow 2.16"),
        ("2.13", "import tensorflow as tf\ntf.keras.layers.TFSMLayer", "comes with keras 3.0"),
        ("2.21", "from tensorflow.keras.utils import np_utils", "`tensorflow.keras.utils`"),
        ("2.21", "from tensorflow.keras.wrappers.scikit_learn import KerasClassifier", "`scikeras.wrappers`"),
        (
            "2.21",
            "import tensorflow as tf\ntf.keras.losses.mean_squared_error",
            "`keras.losses.mean_squared_error`",
        ),
        (
            "2.21",
            "import tensorflow as tf\ntf.keras.optimizers.Adam(lr=0.1)",
            "removed in keras 3.0 (you have tensorflow",
        ),
        ("2.21", "import tensorflow as tf\ntf.keras.layers.Dense(3, activatoin='relu')", "`activation`"),
        ("2.12", "import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.predict_classes(3)", "`np.argmax("),
        ("2.12", "import tensorflow as tf\ntf.reduce_mean([1.0], keep_dims=True)", "`keepdims`"),
    ],
)
def test_it_says_what_took_the_place_of_a_name(version: str, text: str, told: str) -> None:
    messages = said(text, version)
    assert len(messages) == 1
    assert told in messages[0]


@pytest.mark.parametrize(
    ("version", "text"),
    [
        # Loaded when it is asked for.
        ("2.21", "import tensorflow as tf\ntf.compat.v1.layers.dense(3, 2)\ntf.compat.v1.nn.rnn_cell.LSTMCell(3)"),
        # Modules that are not for users, which the base leaves out.
        ("2.21", "from tensorflow.tools.docs import doc_controls\nimport tensorflow.tsl.protobuf"),
        ("2.21", "from tensorflow.python.framework import ops\nfrom tensorflow.core.protobuf import config_pb2"),
        ("2.15", "from tensorflow.keras.optimizers.legacy import SGD\nSGD(lr=0.1, decay=0.1).learning_rate"),
        ("2.21", "import tensorflow as tf\ntf.keras.optimizers.legacy.SGD().apply_gradients([])"),
        # Keras 2 in the place of Keras 3.
        ("2.21", 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\nimport tensorflow as tf\n'
         "model = tf.keras.Sequential()\nmodel.fit_generator(3)\ntf.keras.layers.experimental.preprocessing"),
        ("1.15", "import tensorflow as tf\ntf.Session()\ntf.placeholder(tf.float32)\ntf.contrib.layers"),
        ("2.21", "try:\n    import tensorflow.contrib as contrib\nexcept ImportError:\n    contrib = None"),
        ("2.21", "import tensorflow as tf\nif tf.__version__ < '2':\n    tf.enable_eager_execution()"),
        ("2.21", "import tensorflow as tf\nlayer = tf.keras.layers.Dense(3)\nlayer.kernel\nlayer(3)\n"
         "data = tf.data.Dataset.from_tensor_slices([1]).batch(2).prefetch(tf.data.AUTOTUNE)\ndata.take(1)"),
    ],
)  # fmt: skip
def test_it_is_silent(version: str, text: str) -> None:
    assert said(text, version) == []


@pytest.fixture(scope="module")
def offered() -> Offer:
    """Of the installed TensorFlow; few have it."""
    installed = pytest.importorskip("tensorflow").__version__
    known = library("tensorflow")
    found = known.at(installed) if known is not None else None
    if found is None or not found.exact:
        pytest.skip(f"TensorFlow {installed} is not in the base")
    return found


def there(dotted: str) -> bool:
    """Whether a program that imports what it asks for has this name."""
    first, *rest = dotted.split(".")
    found: object = importlib.import_module(first)
    for name in rest:
        first += f".{name}"
        try:
            found = getattr(found, name)
        except (AttributeError, ImportError):
            try:
                found = importlib.import_module(first)
            except ImportError:
                return False
    return found is not None


def names(of: Offer) -> set[str]:
    """All that some version has in its modules, Keras's among them, as a program of TensorFlow calls it."""
    keras = library("keras")
    assert keras is not None
    found = set()
    for each, prefix in ((of.library, ""), (keras, "tensorflow.")):
        for older in map(each.at, each.versions):
            assert older is not None
            for module in each._modules:
                if "._" not in module and ".compat." not in module and older._known(module) is not None:
                    found |= {f"{prefix}{module}.{name}" for name in older.known_children(module)}
    return found


def test_what_is_said_to_be_gone_is_gone_and_what_took_its_place_is_there(offered: Offer) -> None:
    gone = [name for name in sorted(names(offered)) if change_of(offered, name) is not None]
    assert len(gone) > 500
    assert [name for name in gone if there(name)] == []
    new = {found.name for name in gone if (found := successor(offered, name)) is not None}
    assert len(new) > 100
    assert [name for name in sorted(new) if not there(name)] == []


def test_functions_take_all_that_the_base_leaves_no_place_for(offered: Offer) -> None:
    told, wrong = 0, []
    for module in offered.library._modules:
        if "._" in module or ".compat." in module or offered._known(module) is None or not there(module):
            continue
        for name in offered.known_children(module):
            entry = offered.find(f"{module}.{name}")
            thing = real(f"{module}.{name}") if entry is not None and entry.kind == "function" else None
            if entry is None or entry.signature is None or entry.accepts_any or thing is None:
                continue
            try:
                parameters = inspect.signature(thing).parameters.values()
            except (TypeError, ValueError):
                continue
            told += 1
            taken = {each.name for each in entry.signature}
            if any(each.name not in taken or each.kind is each.VAR_KEYWORD for each in parameters):
                wrong.append(f"{module}.{name}")
    assert wrong == []
    assert told > 300


def real(dotted: str) -> object:
    module, _, name = dotted.rpartition(".")
    found = importlib.import_module("tensorflow")
    for part in module.split(".")[1:]:
        found = getattr(found, part, None)
        if not isinstance(found, ModuleType):
            return None
    return getattr(found, name, None)
