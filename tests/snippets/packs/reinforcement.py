"""How the snippets of reinforcement learning are tried out: each agent must do clearly better than chance."""

from __future__ import annotations

from typing import Any

from snippets.running import Case

# The networks are so small that a second thread costs more than it helps.
ONE = "import torch\n\ntorch.set_num_threads(1)\n"
WINE = """\
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

X, y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)
"""


def case(before: str = "", after: str = "", **more: Any) -> Case:
    return Case(before, after, environment="snippets-torch", **more)


CASES = {
    "ml-rl-loop": case(
        after="assert len(returns) == 100 and 15 < np.mean(returns) < 30", prints="return of 100 episodes"
    ),
    "ml-rl-env": case(
        after="""\
env.action_space.seed(0)


def month(order):
    observation, _ = env.reset(seed=3)
    total, done, days = 0.0, False, 0
    while not done:
        observation, reward, terminated, truncated, info = env.step(order(observation))
        assert env.observation_space.contains(observation)
        total, days, done = total + reward, days + 1, terminated or truncated
    assert terminated and not truncated and days == 30
    return total


up_to = lambda level: lambda observation: max(0, level - round(observation[0] * 20))
assert month(up_to(9)) > month(lambda observation: 0)
assert month(up_to(9)) > month(lambda observation: env.action_space.sample())
assert month(up_to(9)) == month(up_to(9))
"""
    ),
    "ml-rl-wrap": case(
        after="assert steps == 200 and episode_return < -200 and abs(observation).max() < 10", prints="in 200 steps"
    ),
    "ml-rl-vector": case(after="assert len(returns) > 100 and 15 < np.mean(returns) < 30", prints="return of "),
    "ml-rl-value-iteration": case(
        # Of the lake's whole worth, 0.74 of all episodes reach its goal within 100 steps.
        after="assert 0.6 < np.mean(returns) < 0.85 and (values >= 0).all()",
        prints="return of the best policy: 0.",
    ),
    "ml-rl-qlearning": case(after="assert total == -13, total", prints="return of the learned policy: -13.0"),
    "ml-rl-sarsa": case(
        after="assert -40 < np.mean(returns[-100:]) and np.mean(returns[:20]) < -80", prints="while exploring"
    ),
    "ml-rl-dqn": case(ONE, "assert np.mean(returns[-20:]) > 60 > np.mean(returns[:20]), returns[-20:]"),
    "ml-rl-reinforce": case(ONE, "assert history[-1] > 80 > history[0]", prints="update 30: return"),
    "ml-rl-ppo": case(
        ONE,
        "assert mean > 80\n"
        'same, _ = evaluate_policy(PPO.load("agent.zip"), test_env, n_eval_episodes=5)\n'
        "assert same > 60",
        prints="return of 20 episodes",
    ),
    "ml-rl-callbacks": case(
        ONE,
        "from stable_baselines3.common.evaluation import evaluate_policy\n\n"
        "again, _ = evaluate_policy(best, Monitor(gym.make('CartPole-v1')), n_eval_episodes=10)\n"
        "assert again > 60 and watch.best_mean_reward > 60",
        prints="best return ",
    ),
    "ml-rl-evaluate": case(
        after="""\
always, _ = evaluate(gym.make("CartPole-v1"), lambda observation: 0)
assert mean > 4 * always and 0 < half < mean
""",
        prints="return ",
    ),
    "ml-rl-bandit-greedy": case(after="assert counts.argmax() == 2 and regret < 0.5 * rounds * 0.09 * 0.5"),
    "ml-rl-bandit-ucb": case(after="assert counts[2] / rounds > 0.8 and regret < 600"),
    "ml-rl-bandit-thompson": case(after="assert best[2] > 0.95 and regret < 120 and abs(best.sum() - 1) < 1e-9"),
    "ml-rl-bandit-context": case(WINE, "assert np.mean(rewards[half:]) > 0.85", prints="second half: 0.9"),
}
