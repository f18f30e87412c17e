"""How providers are asked: together or one after the other, each on its own account."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

logger = logging.getLogger(__name__)

Provider = TypeVar("Provider")
Answer = TypeVar("Answer")


async def together(questions: Sequence[Awaitable[Answer]], limit: float) -> list[Answer | None]:
    """The answers, in order, that came within `limit` seconds; None for those that are late or failed."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    try:
        if tasks:
            await asyncio.wait(tasks, timeout=limit)
    finally:
        for task in tasks:
            task.cancel()
    return [_result(task) for task in tasks]


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
