"""Python that is to do something in every call of a `tf.function` runs only while the function is traced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import innermost, location, node_at, place_in, related, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Traced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    events = trace.of(Traced)
    if not events or trace.once(_runs_eagerly):
        return
    for event in events:
        found = location(trace, event.statement)
        if found is None or (event.how != "list" and not event.loops):
            continue
        yield Draft(
            _message(event),
            found,
            related(trace, (event.place, "TensorFlow makes a graph of this function")),
            _with_tf(trace, event) if event.how == "print" else None,
            Severity.INFORMATION if event.how == "print" else None,
        )


def _runs_eagerly(trace: Trace) -> bool:
    return any("run_functions_eagerly" in each.parsed.text for each in trace.followed)


def _message(event: Traced) -> str:
    begin = f"TensorFlow runs the Python of `{event.function}` once, to make a graph of it"
    text = short(event.text, 30)
    if event.how == "list":
        return (
            f"{begin}: `{text}` gets one thing, which stands for a tensor and has no value, however often the "
            f"function is called. Return it, and append what the call gives."
        )
    if event.how == "counter":
        return (
            f"{begin}: `{text}` is counted up once, not in every call. Count where the function is called, or make it "
            f"a `tf.Variable` and use `assign_add`."
        )
    return f"{begin}: `print` shows `{text}` that once, without its numbers. `tf.print` shows it in every call."


def _with_tf(trace: Trace, event: Traced) -> Fix | None:
    statement = innermost(trace, event.origin.place)
    call = node_at(trace, event.origin.place)
    if statement is None or call is None or "tf" not in trace.uses or call.keywords:  # type: ignore[attr-defined]
        return None
    edit = editing.replaced(trace, place_in(event.origin.place, call.func), "tf.print")  # type: ignore[attr-defined]
    return None if edit is None else Fix("Print with `tf.print`", "safe", (edit,))


RULE = Rule(
    name="tf-function-side-effect",
    family="keras",
    severity=Severity.WARNING,
    summary="A list, a counter or a print in a tf.function works once, while its graph is made.",
    finds="""
        In a function under `@tf.function`, or one that it calls: a list from outside to which a tensor is appended; a
        number that outlives the call, an attribute or a global name, that is counted up; a tensor that is printed.
        """,
    matters="""
        TensorFlow runs the Python of such a function once for each kind of argument, notes which operations it asks
        for, and from then on runs those alone. After a hundred calls the list holds one entry, which has no value, and
        the counter says 1.
        """,
    silent="""
        Lists that the function makes itself; `tf.Variable`, metrics and other objects of TensorFlow; a text that is
        printed, which shows when the function is traced; counters and prints in functions that no loop calls; programs
        that say `tf.config.run_functions_eagerly`.
        """,
    repair="""
        `print` becomes `tf.print`, which is part of the graph. Safe: nothing else changes. For lists and counters there
        is no fix, since the place that calls the function has to change.
        """,
    bad=(
        example(
            """
            import tensorflow as tf

            model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
            optimizer = tf.keras.optimizers.SGD(0.01)
            losses = []


            @tf.function
            def train_step(x, y):
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean(tf.square(model(x) - y))
                gradients = tape.gradient(loss, model.trainable_variables)
                optimizer.apply_gradients(zip(gradients, model.trainable_variables))
                losses.append(loss)  # <- tf-function-side-effect


            x = tf.ones((8, 3))
            for _ in range(5):
                train_step(x, x[:, :1])
            print(len(losses))
            """
        ),
        example(
            """
            import tensorflow as tf


            class Trainer:
                def __init__(self):
                    self.weight = tf.Variable(1.0)
                    self.steps = 0

                @tf.function
                def step(self, x):
                    self.weight.assign_sub(0.1 * tf.reduce_mean(x))
                    self.steps += 1  # <- tf-function-side-effect


            trainer = Trainer()
            for _ in range(10):
                trainer.step(tf.ones(3))
            print(trainer.steps)
            """
        ),
        example(
            """
            import tensorflow as tf

            calls = 0


            @tf.function(reduce_retracing=True)
            def halved(x):
                global calls
                calls += 1  # <- tf-function-side-effect
                return x / 2


            for _ in range(3):
                halved(tf.ones(2))
            print(calls)
            """
        ),
        example(
            """
            import tensorflow as tf


            @tf.function
            def mean_square(x):
                loss = tf.reduce_mean(tf.square(x))
                print(loss)  # <- tf-function-side-effect
                return loss


            for size in range(4):
                mean_square(tf.fill((2,), float(size)))
            """
        ),
    ),
    good=(
        example(
            """
            import tensorflow as tf

            losses = []


            @tf.function
            def loss_of(x):
                return tf.reduce_mean(tf.square(x))


            for size in range(3):
                losses.append(float(loss_of(tf.fill((2,), float(size)))))
            print(losses)
            """
        ),
        example(
            """
            import tensorflow as tf


            @tf.function
            def both(x):
                print("tracing", x.shape)
                parts = []
                for power in range(3):
                    parts.append(tf.reduce_sum(x**power))
                return tf.stack(parts)


            for _ in range(3):
                print(both(tf.ones(2)).numpy())
            """
        ),
        example(
            """
            import tensorflow as tf

            steps = tf.Variable(0)
            mean = tf.keras.metrics.Mean()


            @tf.function
            def step(x):
                steps.assign_add(1)
                mean.update_state(x)
                tf.print("mean", mean.result())


            for _ in range(3):
                step(tf.ones(2))
            print(int(steps))
            """
        ),
        example(
            """
            import tensorflow as tf

            seen = []


            def step(x):
                y = tf.reduce_sum(x)
                seen.append(y)
                return y


            for _ in range(3):
                step(tf.ones(2))
            print(len(seen))
            """
        ),
        example(
            """
            import tensorflow as tf

            tf.config.run_functions_eagerly(True)
            seen = []


            @tf.function
            def step(x):
                seen.append(tf.reduce_sum(x))


            for _ in range(3):
                step(tf.ones(2))
            print(len(seen))
            """
        ),
        example(
            """
            import tensorflow as tf


            class Net(tf.keras.Model):
                def __init__(self):
                    super().__init__()
                    self.layer = tf.keras.layers.Dense(2)
                    self.calls = 0

                def call(self, x):
                    self.calls += 1
                    return self.layer(x)


            net = Net()
            for _ in range(3):
                net(tf.ones((1, 2)))
            print(net.calls)
            """
        ),
    ),
    check=check,
    references=("https://www.tensorflow.org/guide/function",),
)
