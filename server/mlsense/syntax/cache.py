"""A cache whose size is counted in characters."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class TextCache(Generic[T]):
    """Keeps what was made of the texts used last, up to a number of characters in all.

    A count of entries, as `functools.lru_cache` has, bounds nothing here: at every keystroke in a class of
    2,000 lines another tree of that size is added. May be used from several threads.
    """

    def __init__(self, characters: int) -> None:
        self._limit = characters
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, text: str) -> T | None:
        """What is kept for the text, None if nothing is."""
        with self._lock:
            value = self._kept.get(text)
            if value is not None:
                self._kept.move_to_end(text)
            return value

    def put(self, text: str, value: T) -> T:
        """Keep the value for the text, and return it."""
        with self._lock:
            if text not in self._kept:
                self._size += len(text) + 1
            self._kept[text] = value
            self._kept.move_to_end(text)
            while self._size > self._limit and len(self._kept) > 1:
                dropped, _ = self._kept.popitem(last=False)
                self._size -= len(dropped) + 1
        return value
