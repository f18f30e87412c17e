"""A model is trained by a program that draws numbers at random and sets no seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import location
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Called, Fit
from mlsense.semantics.values import MAIN, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects

# By library, what draws from its global generator.
_DRAWS = {
    "numpy.random.": frozenset(
        """
        rand randn randint random random_sample choice shuffle permutation normal uniform binomial poisson beta gamma
        exponential multivariate_normal standard_normal
        """.split()
    ),
    "torch.": frozenset("rand randn randint randperm normal bernoulli multinomial rand_like randn_like".split()),
    "random.": frozenset("random randint uniform choice choices sample shuffle gauss randrange".split()),
}
_SEED = {"numpy.random.": "np.random.seed(0)", "torch.": "torch.manual_seed(0)", "random.": "random.seed(0)"}


def check(trace: Trace) -> Iterator[Draft]:
    draws = trace.that(_draws, Called)
    if not draws or seeds_something(trace):
        return
    learns = bool(trace.that(_learns, Fit))
    descends = bool(trace.that(_descends, Backward))
    if not (learns or descends):
        return
    first = draws[0]
    found = location(trace, first.call)
    if found is not None:
        seed = _SEED[_generator(first.callee.name) or "random."]
        yield Draft(
            f"The program trains a model on numbers drawn at random, and nothing sets a seed: every run gives another "
            f"result. `{seed}` at the top makes runs alike.",
            found,
        )


def _generator(name: str) -> str | None:
    return next((root for root, names in _DRAWS.items() if name.startswith(root) and name[len(root) :] in names), None)


def _draws(event: Called) -> bool:
    drawn = isinstance(event.callee, Symbol) and _generator(event.callee.name) is not None
    # A generator of its own may have been seeded.
    seeded = any(name in ("generator", "random_state") for name, _ in event.keywords)
    return drawn and not seeded and not event.assumed and event.call.unit.module == MAIN


def _learns(event: Fit) -> bool:
    return not event.assumed


def _descends(event: Backward) -> bool:
    return not event.assumed


def seeds_something(trace: Trace) -> bool:
    """Whether the program speaks of seeds at all, be it by the name of a function or a variable of its own."""
    return bool(trace.that(_sets_seed, Called)) or bool(trace.kept(_names_of_seeds, _names_of_seeds))


def seeds_numpy(trace: Trace) -> bool:
    """Whether NumPy's global generator is seeded, or a function that is not known may do it."""
    if any(event.callee.name not in _OTHER_SEEDS for event in trace.that(_sets_seed, Called)):
        return True
    names = trace.kept(_names_of_seeds, _names_of_seeds)
    return any(name not in ("seed", "random_seed") and not name.isupper() for name in names)


_OTHER_SEEDS = ("random.seed", "torch.manual_seed", "torch.cuda.manual_seed", "torch.cuda.manual_seed_all")


def _sets_seed(event: Called) -> bool:
    return "seed" in event.callee.name.rpartition(".")[2] or event.callee.name == "numpy.random.set_state"


def _names_of_seeds(effects: Effects) -> Iterator[str]:
    """The names with `seed` in them that a statement reads."""
    for key in effects.keys:
        if isinstance(key, tuple) and len(key) == 2 and isinstance(key[1], str) and "seed" in key[1].lower():
            yield key[1]


RULE = Rule(
    name="seed-missing",
    family="repro",
    severity=Severity.HINT,
    summary="A model is trained on numbers drawn at random, and nothing sets a seed.",
    finds="""
        A program that fits or trains a model and draws numbers from the global generator of NumPy, PyTorch or Python,
        without any word of a seed. It is told once, at the first draw.
        """,
    matters="""
        Every run starts from other numbers and ends in another model. A result cannot be shown again, and whether a
        change helped or a draw was lucky cannot be told apart.
        """,
    silent="""
        Programs that set any seed, or have a name with `seed` in it; generators of their own, such as
        `np.random.default_rng(0)`; programs that train nothing; functions that nothing calls.
        """,
    repair="There is none: where a seed belongs, and how many generators there are, is for you to say.",
    bad=(
        example(
            """
            import numpy as np
            from sklearn.linear_model import LinearRegression

            X = np.random.rand(100, 2)  # <- seed-missing
            y = X @ [1.0, 2.0] + np.random.randn(100)
            print(LinearRegression().fit(X, y).coef_)
            """
        ),
        example(
            """
            import torch

            X = torch.randn(64, 3)  # <- seed-missing
            y = X.sum(dim=1, keepdim=True)
            model = torch.nn.Linear(3, 1)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for _ in range(20):
                optimizer.zero_grad()
                loss = torch.nn.functional.mse_loss(model(X), y)
                loss.backward()
                optimizer.step()
            print(loss.item())
            """
        ),
        example(
            """
            import random

            from sklearn.datasets import load_wine
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            rows = list(range(len(X)))
            random.shuffle(rows)  # <- seed-missing
            model = DecisionTreeClassifier(random_state=0).fit(X[rows[:100]], y[rows[:100]])
            print(model.score(X[rows[100:]], y[rows[100:]]))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.cluster import KMeans


            def cloud(count):
                return np.random.normal(size=(count, 2))  # <- seed-missing


            print(KMeans(3, n_init=1, random_state=0).fit(cloud(60)).cluster_centers_)
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np
            from sklearn.linear_model import LinearRegression

            np.random.seed(0)
            X = np.random.rand(100, 2)
            print(LinearRegression().fit(X, X.sum(axis=1)).coef_)
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.linear_model import LinearRegression

            rng = np.random.default_rng(0)
            X = rng.normal(size=(100, 2))
            print(LinearRegression().fit(X, X.sum(axis=1)).coef_)
            """
        ),
        example(
            """
            import numpy as np

            walk = np.random.randn(1000).cumsum()
            print(walk.min(), walk.max())
            """
        ),
        example(
            """
            import torch


            def seed_all(number):
                torch.manual_seed(number)


            seed_all(1)
            model = torch.nn.Linear(3, 1)
            model(torch.randn(4, 3)).sum().backward()
            print(model.weight.grad)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            print(DecisionTreeClassifier().fit(X, y).get_depth())
            """
        ),
        example(
            """
            import torch

            generator = torch.Generator().manual_seed(0)
            X = torch.randn(8, 3, generator=generator)
            model = torch.nn.Linear(3, 1)
            model(X).sum().backward()
            print(model.bias.grad)
            """
        ),
    ),
    check=check,
    recommended=False,
)
