"""One writes, many read, nobody waits for anybody."""

from __future__ import annotations

import asyncio

from tests.clocks import settle
from tui_app.watch.feed import Feed


async def collected(feed: Feed[int], known: int = 0) -> list[int]:
    return [item async for item in feed.follow(known)]


async def test_every_reader_gets_every_item() -> None:
    feed: Feed[int] = Feed(10)
    readers = [asyncio.ensure_future(collected(feed)) for _ in range(3)]
    for item in range(5):
        await settle()
        feed.put(item)
    feed.close()
    assert await asyncio.gather(*readers) == [[0, 1, 2, 3, 4]] * 3


async def test_nothing_written_after_the_call_is_missed_though_reading_begins_later() -> None:
    feed: Feed[int] = Feed(10)
    feed.put(1)
    reader = feed.follow()
    feed.put(2)
    assert await anext(reader) == 2


async def test_a_reader_may_begin_with_what_is_known() -> None:
    feed: Feed[int] = Feed(2)
    for item in range(5):
        feed.put(item)
    feed.close()
    assert await collected(feed, known=1) == [4]
    assert await collected(feed, known=100) == [3, 4]


async def test_a_slow_reader_misses_the_oldest_and_holds_nobody_up() -> None:
    feed: Feed[int] = Feed(3)
    slow = feed.follow()
    feed.put(0)
    assert await anext(slow) == 0
    for item in range(1, 100):
        feed.put(item)
    feed.close()
    assert [item async for item in slow] == [97, 98, 99]


async def test_after_the_end_nothing_is_written() -> None:
    feed: Feed[int] = Feed(3)
    feed.close()
    feed.put(1)
    assert await collected(feed, known=1) == []
