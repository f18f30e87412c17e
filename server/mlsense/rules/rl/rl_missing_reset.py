"""A loop that steps an environment through many episodes and never resets it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.option import Option
from mlsense.rules.reading import contains, innermost, location, related, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called
from mlsense.semantics.values import Method, Opaque, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

# No episode of the classic environments is longer: CartPole-v1 ends after 500 steps at the latest.
STEPS = Option("steps", 500, "The length of the longest loop that one episode is taken to last.", least=1)


def check(trace: Trace, steps: int) -> Iterator[Draft]:
    for event in trace.that(_is_stepped, Called):
        if event.loops[-1].kind == "for" and (event.loops[-1].length or 0) <= steps:
            continue
        tree = trace.homes[event.call.unit].parsed.tree if event.call.unit in trace.homes else None
        loop = _loop_around(tree, event.call)
        statement = innermost(trace, event.call)
        found = location(trace, event.call)
        made = event.callee.receiver if isinstance(event.callee, Method) else None
        place = made.origin.place if isinstance(made, Ref) else None
        if loop is None or found is None or place is None or "auto" in written(trace, place, "auto").lower():
            continue
        if _ends_unseen(loop, statement):
            times = f"{event.loops[-1].length:,} times" if event.loops[-1].length else "for ever"
            yield Draft(
                f"The loop calls `step` {times} and neither reads whether the episode is over nor calls `reset`: after "
                "the first episode the environment stands at its end, and what it gives is undefined. Reset it when "
                "it is `terminated or truncated`.",
                found,
                related(trace, (place, "The environment is made here")),
            )


def _is_stepped(event: Called) -> bool:
    """Whether an environment is stepped in a loop that has a known length or no end."""
    thing, callee = event.thing, event.callee
    if not isinstance(thing, Opaque) or not isinstance(callee, Method) or callee.name != "step" or not event.loops:
        return False
    loop = event.loops[-1]
    forever = loop.kind == "while" and loop.text in ("while True", "while 1")
    many = loop.kind == "for" and loop.length is not None
    return thing.symbol in ("gymnasium.make", "gym.make") and not event.guarded and (forever or many)


def _loop_around(tree: ast.stmt | None, place: Place) -> ast.For | ast.While | None:
    """The innermost loop that a call stands in."""
    around = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, (ast.For, ast.While)) and contains(node, place)
    ]
    return max(around, key=lambda node: (node.lineno, node.col_offset), default=None)


def _ends_unseen(loop: ast.For | ast.While, statement: ast.stmt | None) -> bool:
    """Whether nothing in the loop looks at the end of an episode, leaves the loop or resets."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        several = isinstance(target, (ast.Tuple, ast.List))
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        if any(not isinstance(part, ast.Name) for part in parts) or (several and len(parts) not in (4, 5)):
            return False
        over = {part.id for part in (parts[2:-1] if several else parts) if isinstance(part, ast.Name)}
    elif isinstance(statement, ast.Expr):
        over = set()
    else:
        return False
    for node in ast.walk(loop):
        if isinstance(node, (ast.Break, ast.Return, ast.Raise, ast.Yield, ast.Try)):
            return False
        if isinstance(node, ast.Attribute) and "reset" in node.attr:
            return False
        if isinstance(node, ast.Name) and (node.id in over - {"_"} and isinstance(node.ctx, ast.Load)):
            return False
        if isinstance(node, ast.Name) and "reset" in node.id.lower():
            return False
    return True


RULE = Rule(
    name="rl-missing-reset",
    family="rl",
    severity=Severity.WARNING,
    summary="A loop steps an environment beyond the end of its episode.",
    finds="""
        A loop of more than 500 steps, or one for ever, that calls `env.step` of Gymnasium or Gym and neither reads
        `terminated`, `truncated` or `done` nor calls `reset`.
        """,
    matters="""
        An environment that has ended stays ended. Gymnasium warns at most once that further steps are undefined
        behaviour; the rewards go on being added up, and a pole that fell in step 20 is trained on, lying there, for the
        other 980.
        """,
    silent="""
        Shorter loops; loops that read the end in any way, that break, return or call anything with `reset` in its name;
        vector environments and those made with `autoreset` or wrapped in `Autoreset`, which reset themselves; other
        makers' environments.
        """,
    repair="""
        None: where the episode's sum is kept and what begins with a new one is the program's to say. Usual is
        `if terminated or truncated: obs, info = env.reset()`.
        """,
    bad=(
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            obs, info = env.reset(seed=0)
            total = 0.0
            for _ in range(1000):
                obs, reward, terminated, truncated, info = env.step(env.action_space.sample())  # <- rl-missing-reset
                total += reward
            print(total)
            """
        ),
        example(
            """
            import gymnasium

            env = gymnasium.make("MountainCar-v0")
            env.reset(seed=0)
            for step in range(2_000):
                env.step(env.action_space.sample())  # <- rl-missing-reset
            """
        ),
        example(
            """
            import gymnasium as gym


            def collected(env, count):
                seen = []
                obs, _ = env.reset(seed=1)
                for _ in range(count):
                    obs, reward, _, _, _ = env.step(env.action_space.sample())  # <- rl-missing-reset
                    seen.append((obs, reward))
                return seen


            print(len(collected(gym.make("CartPole-v1"), 800)))
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("Acrobot-v1")
            env.reset(seed=0)
            rewards = []
            for _ in range(600):
                result = env.step(0)  # <- rl-missing-reset
                rewards.append(-1.0)
            print(sum(rewards))
            """
        ),
    ),
    good=(
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            obs, info = env.reset(seed=0)
            for _ in range(1000):
                obs, reward, terminated, truncated, info = env.step(env.action_space.sample())
                if terminated or truncated:
                    obs, info = env.reset()
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            env.reset(seed=0)
            for _ in range(10):
                env.step(0)
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            for episode in range(600):
                obs, info = env.reset()
                obs, reward, terminated, truncated, info = env.step(0)
            print(reward)
            """
        ),
        example(
            """
            import gymnasium as gym
            from gymnasium.wrappers import Autoreset

            env = Autoreset(gym.make("CartPole-v1"))
            env.reset(seed=0)
            for _ in range(1000):
                env.step(env.action_space.sample())
            """
        ),
        example(
            """
            import gymnasium as gym

            envs = gym.make_vec("CartPole-v1", num_envs=2)
            envs.reset(seed=0)
            for _ in range(600):
                obs, rewards, terminations, truncations, infos = envs.step(envs.action_space.sample())
            print(rewards)
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            env.reset(seed=0)
            for _ in range(1000):
                result = env.step(env.action_space.sample())
                if result[2] or result[3]:
                    env.reset()
            """
        ),
        example(
            """
            import gymnasium as gym

            env = gym.make("CartPole-v1")
            env.reset(seed=0)
            count = 0
            while True:
                obs, reward, terminated, truncated, info = env.step(0)
                count += 1
                if count == 3:
                    break
            """
        ),
    ),
    check=check,
    options=(STEPS,),
    references=("https://gymnasium.farama.org/api/env/",),
)
