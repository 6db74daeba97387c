"""The thread that an explorer's work goes on on: whoever waits is blocked alone, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.clocks import until
from tui_app.notebook.errors import ExplorerError
from tui_app.notebook.loop import Following, LoopThread, Ready


@pytest.fixture
def thread() -> Iterator[LoopThread]:
    made = LoopThread("test")
    yield made
    made.stop()


async def answer() -> int:
    return 42


async def numbers() -> AsyncIterator[int]:
    for number in range(3):
        await asyncio.sleep(0)
        yield number


def test_what_is_run_runs_there_and_its_result_comes_back(thread: LoopThread) -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert thread.run(where()) == "test"


async def test_awaiting_leaves_the_callers_loop_free(thread: LoopThread) -> None:
    begun, go_on = threading.Event(), asyncio.Event()

    async def waits() -> str:
        begun.set()
        await go_on.wait()
        return "done"

    waiting = asyncio.create_task(thread.wait(waits()))
    await until(begun.is_set)  # this loop turns while that one works
    thread.loop.call_soon_threadsafe(go_on.set)
    assert await waiting == "done"


async def test_a_call_from_a_loop_that_runs_does_not_deadlock(thread: LoopThread) -> None:
    assert thread.run(answer()) == 42  # as a cell of a kernel calls


def test_waiting_for_itself_is_refused_and_not_waited_for(thread: LoopThread) -> None:
    async def inside() -> int:
        return thread.run(answer())

    with pytest.raises(RuntimeError, match="would wait for itself"):
        thread.run(inside(), timeout=5)


def test_a_function_is_called_there_from_any_thread_its_own_too(thread: LoopThread) -> None:
    async def inside() -> str:
        return thread.call(lambda: threading.current_thread().name)

    assert thread.call(lambda: threading.current_thread().name) == "test"
    assert thread.run(inside()) == "test"


def test_who_waits_no_longer_cancels_what_was_waited_for(thread: LoopThread) -> None:
    cancelled = threading.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(TimeoutError):
        thread.run(for_ever(), timeout=0.01)
    assert cancelled.wait(5)


def test_what_waits_when_it_stops_is_cancelled_and_nothing_more_is_taken(thread: LoopThread) -> None:
    cancelled = threading.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    waiting = thread.submit(for_ever())
    thread.call(lambda: None)  # it has begun
    thread.stop()
    assert cancelled.is_set()
    assert waiting.cancelled()
    with pytest.raises(ExplorerError, match="closed"):
        thread.run(answer())
    thread.stop()  # once more does no harm


async def test_who_waits_while_it_stops_is_told_that_it_is_closed(thread: LoopThread) -> None:
    begun = [threading.Event(), threading.Event()]

    async def for_ever(begins: threading.Event) -> None:
        begins.set()
        await asyncio.Event().wait()

    blocked = asyncio.create_task(asyncio.to_thread(lambda: thread.run(for_ever(begun[0]))))
    awaiting = asyncio.create_task(thread.wait(for_ever(begun[1])))
    for each in begun:
        await until(each.is_set)
    await asyncio.to_thread(thread.stop)
    for waiting in (blocked, awaiting):
        with pytest.raises(ExplorerError, match="closed"):
            await waiting


async def test_who_is_cancelled_while_waiting_is_cancelled_all_the_same(thread: LoopThread) -> None:
    begun = threading.Event()

    async def for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    waiting = asyncio.create_task(thread.wait(for_ever()))
    await until(begun.is_set)
    thread.stop()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_what_comes_out_of_it_is_taken_with_for(thread: LoopThread) -> None:
    assert list(Following(thread, numbers())) == [0, 1, 2]


async def test_what_comes_out_of_it_is_taken_with_async_for(thread: LoopThread) -> None:
    assert [number async for number in Following(thread, numbers())] == [0, 1, 2]


def test_an_error_comes_out_as_it_was_raised(thread: LoopThread) -> None:
    async def breaks() -> AsyncIterator[int]:
        yield 1
        raise ValueError("broken")

    taken = iter(Following(thread, breaks()))
    assert next(taken) == 1
    with pytest.raises(ValueError, match="broken"):
        next(taken)


async def test_a_result_that_is_there_may_be_awaited_and_is_itself() -> None:
    class Result(Ready):
        pass

    result = Result()
    assert await result is result
