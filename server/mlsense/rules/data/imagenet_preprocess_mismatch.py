"""A network of `keras.applications` is given pictures that were prepared for another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called
from mlsense.semantics.models.keras import prepares_as, wants_prepared
from mlsense.semantics.values import Either, Method, Opaque, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

# What the pictures look like afterwards.
_LOOKS = {
    "caffe": "values around 0, up to 150, blue before red",
    "tf": "values from -1 to 1",
    "torch": "values around 0, up to 2.7",
    "none": "values from 0 to 255",
}


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_differs, Called):
        found = location(trace, event.call)
        given = event.args[0]
        images, network = event.object(given), event.thing
        if found is None or not isinstance(images, Opaque) or not isinstance(network, Opaque):
            continue
        name, module = network.symbol.rpartition(".")[2], images.symbol.split(".")[-2]
        wanted, prepared = wants_prepared(network.symbol), prepares_as(images.symbol)
        place = given.origin.place if isinstance(given, Ref) else None
        yield Draft(
            f"`{name}` was trained on pictures with {_LOOKS[wanted or 'none']}; `preprocess_input` of `{module}` gives "
            f"{_LOOKS[prepared or 'none']}, and the predictions are far off. Take `preprocess_input` from the module "
            f"that `{name}` is in.",
            found,
            related(trace, (place, f"prepared as `{module}` wants it")),
        )


def _differs(event: Called) -> bool:
    network = event.thing
    if not isinstance(network, Opaque) or not event.args or isinstance(event.args[0], Either):
        return False
    wanted = wants_prepared(network.symbol)
    images, weights = event.object(event.args[0]), network.param("weights")
    own = weights is not None and constant(weights) != "imagenet"
    if wanted is None or own or not isinstance(images, Opaque) or not isinstance(event.callee, Method):
        return False
    prepared = prepares_as(images.symbol) if event.callee.name in ("predict", "__call__") else None
    return prepared is not None and prepared != wanted


RULE = Rule(
    name="imagenet-preprocess-mismatch",
    family="data",
    severity=Severity.WARNING,
    summary="A network of `keras.applications` gets pictures prepared for another one.",
    finds="""
        `predict` or a call of a network of `keras.applications` on what `preprocess_input` of another module of it
        gave, where the two prepare pictures in different ways.
        """,
    matters="""
        Each of these networks was trained on pictures in one of four forms: blue before red with the mean taken out
        (VGG, ResNet), from -1 to 1 (Inception, Xception, MobileNet, ResNetV2, NASNet), normalised by channel
        (DenseNet), or as they come (EfficientNet, ConvNeXt, MobileNetV3). Pictures in another form look alike to Python
        and foreign to the network: nothing fails, and the classes are wrong.
        """,
    silent="""
        Modules that prepare pictures in the same way, such as `vgg16` and `resnet50`; pictures prepared in any other
        way; networks made without their weights (`weights=None`), which learn from whatever they get.
        """,
    repair="""
        There is none: which of the two is meant, network or preparation, only the author knows.
        """,
    bad=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            from keras.applications import ResNet50
            from keras.applications.mobilenet_v2 import preprocess_input


            def classes_of(images):
                model = ResNet50(weights="imagenet")
                images = preprocess_input(images)
                return model.predict(images)  # <- imagenet-preprocess-mismatch
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np
            from keras.utils import img_to_array, load_img


            def look(path):
                network = keras.applications.MobileNetV2()
                image = np.expand_dims(img_to_array(load_img(path, target_size=(224, 224))), axis=0)
                image = keras.applications.vgg16.preprocess_input(image)
                return network.predict(image, verbose=0)  # <- imagenet-preprocess-mismatch
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras.applications.densenet import DenseNet121
            from keras.applications.resnet50 import preprocess_input


            def network(classes):
                base = DenseNet121(include_top=False, weights="imagenet", pooling="avg")
                base.trainable = False
                inputs = keras.Input((64, 64, 3))
                features = base(preprocess_input(inputs))  # <- imagenet-preprocess-mismatch
                return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(features))
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            from keras.applications import EfficientNetB0, inception_v3


            def features_of(images):
                body = EfficientNetB0(include_top=False, pooling="avg")
                return body.predict(inception_v3.preprocess_input(images))  # <- imagenet-preprocess-mismatch
            """
        ),
    ),
    good=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            from keras.applications.resnet50 import ResNet50, preprocess_input


            def classes_of(images):
                model = ResNet50(weights="imagenet")
                return model.predict(preprocess_input(images))
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            from keras.applications import VGG16, resnet50


            def classes_of(images):
                return VGG16().predict(resnet50.preprocess_input(images))
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            from keras.applications import Xception, inception_v3


            def classes_of(images):
                return Xception().predict(inception_v3.preprocess_input(images))
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            from keras.applications import EfficientNetB0, efficientnet


            def classes_of(images):
                model = EfficientNetB0()
                return model.predict(images), model.predict(efficientnet.preprocess_input(images))
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import numpy as np
            from keras.applications import MobileNetV2
            from keras.applications.vgg16 import preprocess_input

            model = MobileNetV2(weights=None, classes=4)
            print(model.predict(preprocess_input(np.full((1, 224, 224, 3), 90.0))).shape)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            from keras.applications import MobileNetV2, ResNet50, mobilenet_v2, resnet50


            def compared(images):
                found = []
                for network, prepare in ((ResNet50, resnet50), (MobileNetV2, mobilenet_v2)):
                    found.append(network().predict(prepare.preprocess_input(images.copy())))
                return found
            """
        ),
    ),
    check=check,
    references=("Keras, [Applications](https://keras.io/api/applications/)",),
)
