"""Reading the open issues: page by page, usable from the first, and never less known than before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from tests.clocks import START, FakeClock, settle, until
from tests.unit.workspace.bench import a_list, an_issue, opened
from tests.unit.workspace.test_fleet_reading import ISSUES, terminal
from tui_app.api.base import IssueQuery
from tui_app.api.errors import ApiError
from tui_app.changes import Change, IssuesChanged
from tui_app.models.issue import Issue
from tui_app.models.packed import Packer
from tui_app.models.page import Page, Unreadable
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Sync
from tui_app.workspace.open_issues import FRESH, RECOUNT, OpenIssues

DOWN = ApiError(Problem(ProblemKind.SERVER, "The server failed"))
FORBIDDEN = ApiError(Problem(ProblemKind.FORBIDDEN, "Not allowed"))


def issues(*numbers: int, **fields: Any) -> Page[Issue]:
    return Page([Issue.model_validate(an_issue(number, number) | fields) for number in numbers])


class Server:
    """Hands out its pages one by one, each when it is let go.

    Attributes:
        pages: What is listed; an error in place of a page is raised there.
        asked: How often the list was begun.
    """

    def __init__(self, *pages: Page[Issue] | ApiError) -> None:
        self.pages = list(pages)
        self.asked = 0
        self.go = asyncio.Semaphore(0)

    async def issues(self, query: IssueQuery) -> AsyncIterator[Page[Issue]]:
        assert query.status == "ongoing"
        self.asked += 1
        for page in self.pages:
            await self.go.acquire()
            if isinstance(page, ApiError):
                raise page
            yield page

    async def let(self, pages: int = 1) -> None:
        for _ in range(pages):
            self.go.release()
        await settle()


class Bench:
    """Open issues on such a server, whose time stands still."""

    def __init__(self, *pages: Page[Issue] | ApiError) -> None:
        self.server, self.clock = Server(*pages), FakeClock()
        self.changes: list[Change] = []
        self.counted = 0
        self.tasks: list[asyncio.Task[None]] = []
        api: Any = self.server
        self.open = OpenIssues(
            api,
            self.clock,
            Packer(),
            self._count,
            server_now=self.clock.now,
            publish=self.changes.append,
            spawn=self.spawn,
        )

    async def _count(self) -> None:
        self.counted += 1

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    @property
    def ids(self) -> list[str]:
        return [issue.id for issue in self.open.issues]


async def test_what_the_first_page_brought_can_be_used_while_the_others_are_read() -> None:
    bench = Bench(issues(1, 2), issues(3))
    bench.open.read_again()
    await bench.server.let()
    reading = bench.open.reading
    assert bench.ids == ["isu_1", "isu_2"]
    assert (reading.loading, reading.read, reading.page_at, reading.whole_at) == (True, 2, START, None)
    assert bench.open.of("conn_1") is None  # a count that is not the whole is none
    await bench.server.let()
    assert bench.ids == ["isu_1", "isu_2", "isu_3"]
    assert (bench.open.reading.loading, bench.open.reading.read, bench.open.reading.whole_at) == (False, 3, START)
    assert [len(bench.open.of(f"conn_{number}") or ()) for number in (1, 3, 9)] == [1, 1, 0]
    assert bench.counted == 1


async def test_an_issue_whose_row_cannot_be_read_this_time_is_still_open() -> None:
    bench = Bench(issues(1, 2, 3))
    bench.open.read_again()
    await bench.server.let()
    named, unnamed = Unreadable(0, "isu_1", "no status"), Unreadable(1, "", "not an object")
    bench.server.pages = [Page(issues(3).items, unreadable=[named])]
    bench.open.read_again()
    await bench.server.let()
    assert sorted(bench.ids) == ["isu_1", "isu_3"]
    assert [len(bench.open.of(f"conn_{number}") or ()) for number in (1, 2, 3)] == [1, 0, 1]
    bench.server.pages = [Page(issues().items, unreadable=[unnamed])]
    bench.open.read_again()
    await bench.server.let()
    assert sorted(bench.ids) == ["isu_1", "isu_3"]  # it may be about either


async def test_every_step_is_told() -> None:
    bench = Bench(issues(1), issues(2))
    bench.open.read_again()
    for _ in range(2):
        await bench.server.let()
        assert set(bench.changes) == {IssuesChanged()}
        bench.changes.clear()


async def test_reading_again_keeps_what_was_seen_until_the_end_shows_that_it_is_gone() -> None:
    bench = Bench(issues(1, 2))
    bench.open.read_again()
    await bench.server.let()
    bench.server.pages = [issues(3), issues(2)]
    bench.open.read_again()
    await bench.server.let()
    assert bench.ids == ["isu_1", "isu_2", "isu_3"]
    await bench.server.let()
    assert bench.ids == ["isu_3", "isu_2"]


async def test_a_reading_that_breaks_off_leaves_what_was_seen_and_its_age() -> None:
    bench = Bench(issues(1, 2))
    bench.open.read_again()
    await bench.server.let()
    await bench.clock.advance(120)
    bench.server.pages = [issues(3), FORBIDDEN]
    bench.open.read_again()
    await bench.server.let(2)
    reading = bench.open.reading
    assert bench.ids == ["isu_1", "isu_2", "isu_3"]
    assert reading.problem == FORBIDDEN.problem
    assert (reading.whole_at, reading.page_at, reading.read) == (START, bench.clock.now(), 1)
    assert bench.open.of("conn_3") == ()  # counted is what was whole
    assert not reading.loading


async def test_whoever_asks_while_it_is_read_is_not_given_a_second_reading() -> None:
    bench = Bench(issues(1))
    for _ in range(3):
        bench.open.read_again()
        await settle()
    assert bench.server.asked == 1


async def test_counts_that_are_asked_for_meanwhile_are_made_once_and_after_it() -> None:
    bench = Bench(issues(1))
    for _ in range(4):
        bench.spawn(bench.open.count())
    await settle()
    assert bench.server.asked == 1
    await bench.server.let()
    assert bench.server.asked == 2
    await bench.server.let(4)
    assert (bench.server.asked, bench.counted) == (2, 2)


async def test_an_issue_that_is_resolved_while_they_are_read_does_not_come_back_with_an_older_page() -> None:
    bench = Bench(issues(1, 2), issues(3, 4), issues(5))
    bench.open.read_again()
    await bench.server.let()
    for number in (1, 3):
        resolved = Issue.model_validate(an_issue(number, number) | {"status": "resolved"})
        assert bench.open.resolve(resolved) == f"conn_{number}"
    assert bench.ids == ["isu_2"]
    await bench.server.let()
    assert bench.ids == ["isu_2", "isu_4"]
    await bench.server.let()
    assert bench.ids == ["isu_2", "isu_4", "isu_5"]
    bench.server.pages = [issues(1)]  # met again since
    bench.open.read_again()
    await bench.server.let()
    assert bench.ids == ["isu_1"]


async def test_what_a_server_lists_although_it_is_resolved_is_left_out() -> None:
    bench = Bench(issues(1, status="resolved"), issues(2, status="a word of its own"))
    bench.open.read_again()
    await bench.server.let(2)
    assert bench.ids == ["isu_2"]


async def test_rows_that_cannot_be_read_are_told_and_lose_no_others() -> None:
    broken = Unreadable(1, "isu_9", "status is missing")
    bench = Bench(Page(issues(1).items, [broken]))
    bench.open.read_again()
    await bench.server.let()
    assert (bench.ids, bench.open.unreadable) == (["isu_1"], [broken])


async def test_who_comes_to_look_has_them_read_where_that_was_long_ago_or_never() -> None:
    bench = Bench(issues(1))
    bench.open.look()
    await bench.server.let()
    bench.open.look()
    await bench.clock.advance(FRESH - 1)
    bench.open.look()
    await settle()
    assert bench.server.asked == 1
    await bench.clock.advance(1)
    bench.open.look()
    await bench.server.let()
    assert bench.server.asked == 2


async def test_what_failed_is_not_tried_by_looking_but_by_itself_or_by_hand() -> None:
    bench = Bench(DOWN)
    keeping = asyncio.create_task(bench.open.keep())
    bench.open.look()
    await bench.server.let()
    bench.open.look()
    await settle()
    assert bench.server.asked == 1
    bench.server.pages = [FORBIDDEN]
    await bench.clock.advance(RECOUNT)
    await bench.server.let()
    assert bench.server.asked == 2
    await bench.clock.advance(RECOUNT * 5)  # trying again does not mend what is not allowed
    assert bench.server.asked == 2
    bench.server.pages = [issues(1)]
    bench.open.read_again()
    await bench.server.let()
    assert (bench.ids, bench.open.reading.problem) == (["isu_1"], None)
    keeping.cancel()


async def test_a_sync_that_meets_a_new_one_has_them_read_a_little_later() -> None:
    bench = Bench(issues(1))
    keeping = asyncio.create_task(bench.open.keep())
    bench.open.look()
    await bench.server.let()
    for ids, asked in ((["isu_1"], 1), (["isu_1", "isu_2"], 2), (["isu_2"], 2)):
        bench.open.meet(Sync(id="sync_1", status="completed", requested_at=START, issues=list(ids)))
        await bench.clock.advance(RECOUNT + 1)
        await bench.server.let()
        assert bench.server.asked == asked
    keeping.cancel()


async def test_an_open_profile_reads_them_by_itself() -> None:
    server = terminal()
    server.routes[ISSUES] = a_list(an_issue(1, 0), an_issue(2, 1))
    async with opened(server, start=False) as (workspace, _):
        await workspace.read_fleet()
        await until(lambda: workspace.open_issues.reading.whole_at is not None)
        assert [issue.connection_id for issue in workspace.open_issues.issues] == ["conn_0", "conn_1"]
        assert [row.open_issues for row in workspace.rows] == [1, 1, 0]
