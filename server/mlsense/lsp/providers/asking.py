"""How providers are asked: together or one after the other, each on its own account."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
    from typing import Any

logger = logging.getLogger(__name__)

Provider = TypeVar("Provider")
Answer = TypeVar("Answer")


async def together(
    questions: Sequence[Coroutine[Any, Any, Answer]],
    limit: float,
    enough: Callable[[Answer], bool] = lambda answer: False,
) -> list[Answer | None]:
    """The answers, in order, that came within `limit` seconds; None for those that are late or failed.

    Where one is there at once and is `enough`, those after it are not asked.
    """
    tasks: list[asyncio.Future[Answer]] = []
    try:
        for number, question in enumerate(questions):
            tasks.append(asyncio.ensure_future(question))
            await asyncio.sleep(0)
            done = _result(tasks[-1]) if tasks[-1].done() else None
            if done is not None and enough(done):
                for unasked in questions[number + 1 :]:
                    unasked.close()
                break
        if tasks:
            await asyncio.wait(tasks, timeout=limit)
    finally:
        for task in tasks:
            task.cancel()
    return [_result(task) for task in tasks] + [None] * (len(questions) - len(tasks))


async def first(providers: Iterable[Provider], ask: Callable[[Provider], Awaitable[Answer | None]]) -> Answer | None:
    """The answer of the first provider that has one."""
    for provider in providers:
        try:
            answer = await ask(provider)
        except Exception:
            logger.exception("a provider failed")
        else:
            if answer is not None:
                return answer
    return None


def _result(task: asyncio.Future[Answer]) -> Answer | None:
    if not task.done() or task.cancelled():
        return None
    error = task.exception()
    if error is None:
        return task.result()
    logger.error("a provider failed", exc_info=error)
    return None
