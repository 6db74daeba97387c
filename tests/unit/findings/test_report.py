"""The incident report: its first line, what stands in it, and that no text from elsewhere becomes anything but text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.clocks import START
from tests.unit.findings.test_catalogue import issue
from tests.unit.findings.test_triage import documented, judging
from tests.unit.models.samples import KEY, TOKEN, part, row, sync, sync_of
from tui_app.findings.markdown import code, escaped
from tui_app.findings.report import MOST_ENTRIES, Incident, JournalLine, RequestLine, report
from tui_app.models.actor import Actor
from tui_app.models.connection import ConnectionHealth
from tui_app.models.issue import Issue
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase, Sync

FAILED = sync(Phase.FAILED, status="failed", failureReason="Provider timed out")


def incident(last: Sync | None = FAILED, **fields: Any) -> Incident:
    """An incident whose sync is the connection's newest."""
    return Incident(row(last), **({"sync": last, "server_now": START, "environment": "sandbox"} | fields))


def request(number: int, status: int | None = 200, error: str = "", path: str = "/tsp/v1/syncs") -> RequestLine:
    return RequestLine(number, START, "GET", path, status, 0.05, error=error)


@pytest.mark.parametrize(("facts", "actor"), [case[:2] for case in documented() if "stands still" not in case[0]])
def test_its_first_line_is_the_findings(facts: str, actor: str) -> None:
    known, issues, syncs = judging(facts)
    written = report(Incident(known, issues=issues, sync=known.last_sync, syncs=syncs, server_now=START))
    assert written.split("\n")[0] == f"Next to act: {actor}"


def test_it_says_why_and_what_to_do_without_naming_keys() -> None:
    written = report(Incident(row(None, status="disconnected", standing="disconnected")))
    assert written.startswith("Next to act: the fleet\n\nThe stored credentials no longer work.")
    assert "**What to do:** Send them the link URL.\n" in written
    assert "press" not in written


def test_it_says_what_is_known_of_the_sync() -> None:
    seen = START + timedelta(minutes=1)
    written = report(incident(seen_at=seen))
    assert "`sync_01GV12VR4DJP70GD1ZBK0SDWFH`: failed" in written
    assert "Requested: 2021-01-06 03:24:53 UTC" in written
    assert "Why it failed, in the server's words: “Provider timed out”" in written
    assert "As seen: 2026-11-22 14:03:00 UTC" in written


@pytest.mark.parametrize(
    ("facts", "since"),
    [
        ("connection: connected; sync: failed; because: Invalid password; before: succeeded failed succeeded", 3),
        ("connection: connected; sync: failed; because: Provider timed out; before: failed failed succeeded", 2),
    ],
)
def test_what_several_syncs_tell_began_with_the_first_of_them_and_they_are_listed(facts: str, since: int) -> None:
    known, issues, syncs = judging(facts)
    syncs = [
        each.model_copy(update={"id": f"sync_{place}", "requested_at": START - timedelta(hours=place + 1)})
        for place, each in enumerate(syncs)
    ]
    known = replace(known, last_sync=syncs[0])
    written = report(Incident(known, issues=issues, sync=syncs[0], syncs=syncs, server_now=START))
    assert f"- Since: 2026-11-22 {13 - since}:02:00 UTC, when the first of these" in written
    listed = written.split("## Newest syncs")[1].split("##")[0]
    assert re.findall(r"`sync_(\d)`", listed) == ["0", "1", "2", "3"]


def test_a_cancelled_sync_is_dated_by_itself_and_not_by_an_older_issue() -> None:
    known, issues, _ = judging("connection: connected; sync: failed; because: It was cancelled; issue: data_delayed")
    written = report(Incident(known, issues=issues, sync=known.last_sync, server_now=START))
    assert "- Since: 2026-11-22 14:01:00 UTC, when it was requested" in written


def test_a_look_that_failed_says_nothing_about_the_sync() -> None:
    written = report(incident(problem=Problem(ProblemKind.SERVER, "The server failed", status=503)))
    assert "Could not look last time: The server failed 503. That says nothing about the sync itself." in written


def test_a_sync_that_is_not_the_newest_is_told_from_it() -> None:
    older = sync(Phase.FAILED, id="sync_older", status="failed")
    written = report(incident(FAILED, sync=older, sync_id="sync_older"))
    assert "`sync_older`: failed" in written
    assert "not the connection's newest sync. That is `sync_01GV12VR4DJP70GD1ZBK0SDWFH`, failed" in written


def test_models_are_told_one_by_one() -> None:
    whole = sync_of(part("bills", Phase.FAILED, failure_reason="No rights"), part("invoices", Phase.SUCCEEDED))
    written = report(incident(whole))
    assert "- Bills: failed, attempt 1, “No rights”" in written
    assert "- Invoices: succeeded, attempt 1" in written


def test_issues_come_with_their_meaning_the_open_ones_first() -> None:
    done = Issue.model_validate({"id": "isu_1", "status": "resolved", "error": {"code": "data_delayed"}})
    written = report(incident(issues=[done, issue("permission_missing")]))
    assert written.index("`permission_missing`, open") < written.index("`data_delayed`, resolved")
    assert "The account may not read part of the data at the provider." in written
    assert f"Acts: {Actor.FLEET.value}. Ask the fleet to give the account this right" in written


def test_requests_that_failed_come_first_and_the_last_ones_after_them() -> None:
    lines = [request(1, 503, "The server failed"), *(request(number) for number in range(2, 30)), request(30, None)]
    told = report(incident(requests=lines)).split("## Requests that matter")[1]
    failed, last = told.split("The last ones:")
    assert "Failed: 2 of 30." in failed
    assert re.findall(r"- #(\d+),", failed) == ["1", "30"]
    assert "#1, 2026-11-22 14:02:00 UTC: `GET` /tsp/v1/syncs → 503, 50 ms: The server failed" in failed
    assert re.findall(r"- #(\d+),", last) == [str(number) for number in range(21, 31)]
    assert "→ no answer" in last


def test_a_long_journal_keeps_its_first_line_and_its_newest() -> None:
    lines = [JournalLine(START + timedelta(seconds=second), f"step {second}") for second in range(MOST_ENTRIES + 50)]
    told = report(incident(journal=lines)).split("## Journal")[1].split("## Issues")[0]
    assert told.count("\n- ") == MOST_ENTRIES + 1
    assert "step 0\n- … 50 more …\n- 2026-11-22 14:02:51 UTC: step 51" in told
    assert f"step {MOST_ENTRIES + 49}" in told


def test_what_could_not_be_read_is_said() -> None:
    assert "Not read: its issues: No answer" in report(incident(gaps=["its issues: No answer"]))


HOSTILE = (
    "# Heading",
    "[click](https://evil.com)",
    "![image](https://evil.com/x.png)",
    "<script>alert(1)</script>",
    "<https://evil.com>",
    "https://evil.com/x",
    "www.evil.com",
    "mailto:a@evil.com",
    "mail@evil.com",
    "@everybody",
    "one\n# two\n- three",
    "one\r\n\r\n---\r\ntwo",
    "`code` ``` and **bold** _it_ ~~gone~~",
    "| a | b |\n|---|---|",
    "[ref]: https://evil.com",
    "&lt;script&gt; &#60;img&#62;",
    "$x^2$ \\[y\\] \\# \\",
    "\x1b]8;;https://evil.com\x07here\x1b[2J\u202e\u200b",
)


ALLOWED = {"inline", "text", "softbreak", "code_inline", "strong_open", "strong_close", "hr"} | {
    f"{kind}_{end}" for kind in ("heading", "paragraph", "bullet_list", "list_item") for end in ("open", "close")
}
"""What a report is made of, in the words of a reader of Markdown."""


def reader() -> MarkdownIt:
    """Reads Markdown as code forges do, and makes a link of whatever looks like one."""
    made = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    assert made.linkify is not None
    made.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    return made


def pieces(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from pieces(token.children or ())


def everywhere(text: str) -> Incident:
    """An incident in which a text stands wherever one from elsewhere may."""
    failed = sync(Phase.FAILED, id=text, status=text, failureReason=text, providerRequests=[text])
    fields: dict[str, Any] = {
        "company": {"name": text, "dotNumbers": [text]},
        "provider": {"name": text},
        "externalId": text,
        "hindrance": text,
        "health": ConnectionHealth(healthy=False, code=text, message=text, resolution=text),
        "standing": "unhealthy",
    }
    found = Issue.model_validate({"id": text, "status": text, "error": {"code": text, "message": text}})
    return Incident(
        row=row(failed, **fields),
        issues=[found],
        sync=failed,
        journal=[JournalLine(START, text)],
        requests=[request(1, 500, text, text)],
        problem=Problem(ProblemKind.SERVER, text, message=text),
        profile=text,
        kind=text,
        made_by=text,
        gaps=[text],
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text_wherever_they_stand(text: str) -> None:
    written = report(everywhere(text))
    assert all(character.isprintable() or character == "\n" for character in written)
    headings = [line for line in written.split("\n") if line.startswith("#")]
    assert headings[1:] == ["## Sync", "## Journal", "## Issues", "## Requests that matter"]
    assert not re.search(r"(?<!`)www\.", written)  # a forge makes a link of that, and this reader does not
    read = reader().parse(written)
    assert {token.type for token in pieces(read)} <= ALLOWED
    bold = [token for token in pieces(read) if token.type == "strong_open"]
    assert len(bold) == written.count("**What to do:**") == 1


def test_the_reader_of_markdown_that_these_tests_use_finds_what_is_not_escaped() -> None:
    links = [text for text in HOSTILE if any(token.type == "link_open" for token in pieces(reader().parse(text)))]
    assert {"mail@evil.com", "https://evil.com/x"} <= set(links)
    found = {token.type for text in HOSTILE for token in pieces(reader().parse(text))}
    assert found >= {"image", "html_block", "heading_open", "table_open", "s_open", "em_open", "hr"}


def test_text_that_is_harmless_is_left_as_it_is() -> None:
    for text in ("Frank's Trucking", "A & B, Inc. (west) - 100 %", "progress 40 → 55", "a_b_c", "Sync #1 – done!"):
        assert escaped(text).replace("\\#", "#") == text
    assert code("conn_01GV12") == "`conn_01GV12`"
    assert code("`x`") == "\\`x\\`"


def test_secrets_in_a_servers_words_are_masked() -> None:
    failed = sync(Phase.FAILED, status="failed", failureReason=f"Refused {TOKEN}")
    written = report(incident(failed, journal=[JournalLine(START, f"key {KEY}")]), lambda text: text.replace("x", "x"))
    assert TOKEN[12:] not in written.replace("\\", "")
    assert KEY[12:] not in written.replace("\\", "")
    assert "con_tkn_22vU••••••••" in written


def test_a_mask_of_ones_own_is_asked_before_anything_is_escaped() -> None:
    secret = "p*ss_w[rd]"
    written = report(incident(journal=[JournalLine(START, f"with {secret}")]), lambda text: text.replace(secret, "•"))
    assert "with •" in written
