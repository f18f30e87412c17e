"""An environment of Gymnasium used as those of the old Gym were: four values of a step, one of a reset."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.versions import within
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import innermost, location, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called
from mlsense.semantics.values import Method, Opaque

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

_PARTS = 5
_NEW_GYM = ">=0.26"


def check(trace: Trace) -> Iterator[Draft]:
    observations: set[str] = set()
    resets: list[tuple[str, Place]] = []
    for event in trace.that(_is_environments, Called):
        callee = event.callee
        library = _library(event)
        if not isinstance(callee, Method) or library is None or not _is_new(trace, library):
            continue
        statement = innermost(trace, event.call)
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        if place_in(event.call, statement.value) != event.call:
            continue
        target = statement.targets[0]
        if callee.name == "step" and isinstance(target, (ast.Tuple, ast.List)):
            observations.update(part.id for part in target.elts[:1] if isinstance(part, ast.Name))
            starred = any(isinstance(part, ast.Starred) for part in target.elts)
            found = location(trace, place_in(event.call, target))
            if not starred and len(target.elts) != _PARTS and found is not None:
                edits = _five_names(trace, event.call, statement, target)
                fix = Fix("Unpack the five values of a step", "safe", edits) if edits else None
                yield Draft(_step_message(library, len(target.elts)), found, fix=fix)
        elif callee.name == "reset" and isinstance(target, ast.Name):
            resets.append((target.id, place_in(event.call, target)))
    for name, place in resets:
        found = location(trace, place)
        if name in observations and found is not None and not _first_taken(trace, name):
            edit = editing.replaced(trace, place, f"{name}, _")
            fix = Fix.of(f"Unpack as `{name}, _`", "safe", edit)
            yield Draft(_reset_message(name), found, fix=fix)


def _is_environments(event: Called) -> bool:
    """Whether a method of an environment is called."""
    return isinstance(event.callee, Method) and not event.guarded and _library(event) is not None


def _library(event: Called) -> str | None:
    """The library whose environment it is: made by `make`, or wrapped by one of its wrappers."""
    thing = event.thing
    if not isinstance(thing, Opaque):
        return None
    root, _, rest = thing.symbol.partition(".")
    known = root in ("gymnasium", "gym") and (rest == "make" or rest.startswith("wrappers."))
    return root if known else None


def _is_new(trace: Trace, library: str) -> bool:
    if library == "gymnasium":
        return True
    return within(trace.versions.in_force("gym").version or "", _NEW_GYM) is True


def _first_taken(trace: Trace, name: str) -> bool:
    """Whether the program takes an item of what it calls so, or unpacks it later."""
    if "isinstance" in trace.uses:
        return True
    for unit in dict.fromkeys(unit for unit, _ in trace.uses.get(name, ())):
        for node in ast.walk(trace.homes[unit].parsed.tree or ast.Pass()):
            if isinstance(node, (ast.Subscript, ast.Starred, ast.Assign)) and _is_name(node.value, name):
                return True
    return False


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _five_names(trace: Trace, call: Place, statement: ast.Assign, target: ast.Tuple | ast.List) -> tuple[Edit, ...]:
    """`obs, reward, done, info` as five names, and `done` made of the two that took its place."""
    names = [part.id for part in target.elts if isinstance(part, ast.Name)]
    taken = {"terminated", "truncated"} & set(names) or any(name in trace.uses for name in ("terminated", "truncated"))
    if len(names) != _PARTS - 1 or taken:
        return ()
    observation, reward, done, info = names
    text = ", ".join((observation, reward, "terminated", "truncated", info))
    first = editing.replaced(trace, place_in(call, target), text)
    if done == "_":
        return () if first is None else (first,)
    second = editing.inserted_after(trace, place_in(call, statement), [f"{done} = terminated or truncated"])
    return (first, second) if first is not None and second is not None else ()


def _step_message(library: str, names: int) -> str:
    return (
        f"`step` of {library} gives five values (observation, reward, terminated, truncated, info), and {names} names "
        f"take them: this line will raise. An episode is over when it is `terminated or truncated`."
    )


def _reset_message(name: str) -> str:
    return (
        f"`reset` gives two values, the observation and `info`: `{name}` becomes the pair of them, where after `step` "
        f"it is the observation. Unpack as `{name}, _`."
    )


RULE = Rule(
    name="gym-step-api",
    family="rl",
    severity=Severity.ERROR,
    summary="An environment of Gymnasium is used as those of the old Gym were.",
    finds="""
        `obs, reward, done, info = env.step(action)` with an environment of Gymnasium, or of Gym 0.26 and later; and
        `obs = env.reset()` where `obs` is the observation everywhere else.
        """,
    matters="""
        `step` gives five values since the end of an episode is told in two: `terminated` (the task is over) and
        `truncated` (the time is). Unpacked into four names it raises. `reset` gives the observation and a dict; taken
        for the observation, that pair goes into the model.
        """,
    silent="""
        Environments of other makers, among them the vector environments of Stable-Baselines3, which give four values;
        older versions of Gym; a starred name; code inside `try`; `reset()[0]`.
        """,
    repair="""
        Unpacks five names and makes the old `done` of the two new ones; the loop goes on as it was meant. Safe where
        the four names are plain and `terminated` and `truncated` are free.
        """,
    bad=(
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            obs, _ = env.reset(seed=0)
            done = False
            while not done:
                obs, reward, done, info = env.step(env.action_space.sample())  # <- gym-step-api
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            state, _ = env.reset(seed=0)
            total = 0.0
            for _ in range(10):
                state, reward, done, _ = env.step(0)  # <- gym-step-api
                total += reward
                if done:
                    break
            print(total)
            """
        ),
        example(
            """
            import gymnasium


            def episode(env):
                obs, _ = env.reset(seed=1)
                done = False
                while not done:
                    action = env.action_space.sample()
                    obs, reward, done, info = env.step(action)  # <- gym-step-api
                return reward


            print(episode(gymnasium.make("MountainCar-v0")))
            """
        ),
        example(
            """
            import gymnasium as gym
            from gymnasium.wrappers import TimeLimit

            env = TimeLimit(gym.make("CartPole-v1"), max_episode_steps=20)
            obs = env.reset(seed=0)  # <- gym-step-api
            for _ in range(30):
                obs, reward, done, info = env.step(1)  # <- gym-step-api
                if done:
                    break
            print(obs)
            """
        ),
    ),
    good=(
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            obs, info = env.reset(seed=0)
            done = False
            while not done:
                obs, reward, terminated, truncated, info = env.step(env.action_space.sample())
                done = terminated or truncated
            print(reward)
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            obs = env.reset(seed=0)[0]
            obs, reward, *over, info = env.step(0)
            print(any(over))
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            env.reset(seed=0)
            result = env.step(0)
            obs, reward = result[:2]
            print(reward)
            """
        ),
        example(
            """
            class Env:
                def reset(self):
                    return 0

                def step(self, action):
                    return action, 1.0, True, {}


            env = Env()
            obs = env.reset()
            obs, reward, done, info = env.step(1)
            print(reward)
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            obs = env.reset(seed=0)
            if isinstance(obs, tuple):
                obs, _ = obs
            obs, reward, terminated, truncated, info = env.step(0)
            print(obs.shape)
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            env.reset(seed=0)
            try:
                obs, reward, done, info = env.step(0)
            except ValueError:
                obs, reward, terminated, truncated, info = env.step(0)
            print(reward)
            """
        ),
    ),
    check=check,
    references=("https://gymnasium.farama.org/introduction/migration_guide/",),
    raises=("ValueError",),
)
