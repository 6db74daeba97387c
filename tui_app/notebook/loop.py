"""The thread on which an explorer's work goes on, whoever waits for it and whoever does not.

A kernel runs its cells on an event loop of its own, which stands still while a cell computes. What belongs to one loop,
as an open profile does, therefore gets a loop that nobody blocks.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from typing import Any, Generic, Self, TypeVar

from tui_app.notebook.errors import closed

T = TypeVar("T")

ENDING = 5.0
"""Seconds that what runs on the loop has to end in, once it is told to."""


class Ready:
    """A result that is there already and may be awaited all the same: a cell reads alike with ``await`` and without.

    Whoever subclasses it needs to do nothing.
    """

    def __await__(self) -> Generator[Any, None, Self]:
        return self._itself().__await__()

    async def _itself(self) -> Self:
        return self


class LoopThread:
    """One daemon thread with an asyncio loop. It runs from the start until :meth:`stop`, or until Python ends.

    Every method may be called from any thread. What waits blocks the thread that called, and nothing else; leaving it
    (Ctrl-C, or a cell that is interrupted) cancels what was waited for.

    Attributes:
        loop: The loop.
    """

    def __init__(self, name: str = "syncscope") -> None:
        self.loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it can be given work."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Have something done on the loop, and wait for nothing. Cancelling the future cancels the work.

        Raises:
            ExplorerError: The loop was stopped.
        """
        if not self.running:
            work.close()
            raise closed()
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Have something done on the loop, and wait for what comes of it.

        Args:
            work: What is done.
            timeout: Seconds to wait; ``None``: as long as it takes.

        Raises:
            TimeoutError: It took longer, and was cancelled.
            ExplorerError: The loop was stopped, before or meanwhile.
            RuntimeError: This is its own thread, which would wait for itself.
        """
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("called on the explorer's own thread, which would wait for itself: await it there")
        future = self.submit(work)
        try:
            return future.result(timeout)
        except concurrent.futures.CancelledError:
            if self.running:
                raise
            raise closed() from None  # it was cancelled because the loop ended
        finally:
            future.cancel()

    async def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done on the loop, and await what comes of it on the loop of whoever calls.

        Raises:
            ExplorerError: The loop was stopped, before or meanwhile.
        """
        caller = asyncio.current_task()
        try:
            return await asyncio.wrap_future(self.submit(work))
        except asyncio.CancelledError:
            if self.running or (caller is not None and caller.cancelling()):
                raise
            raise closed() from None  # nobody cancelled who waits: the loop ended

    def call(self, function: Callable[[], T]) -> T:
        """Call a function on the loop, at once where this is its thread, and wait for what it returns."""
        if threading.current_thread() is self._thread:
            return function()

        async def called() -> T:
            return function()

        return self.run(called())

    def stop(self) -> None:
        """End the loop, and cancel what still runs on it."""
        if self.running:
            with contextlib.suppress(RuntimeError):  # it ended in this very moment
                self.loop.call_soon_threadsafe(self._stopping.set)
        if threading.current_thread() is not self._thread:
            self._thread.join(ENDING)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        await self._stopping.wait()


class Following(Generic[T]):
    """What comes out of the loop one by one, taken with ``for`` or with ``async for``; once, by one reader.

    Args:
        thread: Where it comes from.
        source: What is followed; it runs on that loop.
    """

    def __init__(self, thread: LoopThread, source: AsyncIterator[T]) -> None:
        self._thread = thread
        self._source = source

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                yield self._thread.run(self._next())
            except _Over:
                return

    async def __aiter__(self) -> AsyncIterator[T]:
        while True:
            try:
                yield await self._thread.wait(self._next())
            except _Over:
                return

    async def _next(self) -> T:
        try:
            return await anext(self._source)
        except StopAsyncIteration:
            raise _Over from None  # a future cannot carry the one that it was


class _Over(Exception):
    """Nothing more comes."""
