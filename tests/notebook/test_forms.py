"""HTML, Markdown and plain text of the same blocks: whatever a server says stays text, and nothing is loaded."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from tests.clocks import START
from tui_app.findings.issue_groups import OwnedIssue
from tui_app.findings.triage import triage, triage_sync
from tui_app.models.connection import Connection
from tui_app.models.fleet import FleetRow
from tui_app.models.observation import Observation
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase, Sync
from tui_app.notebook.chart import HistoryChart
from tui_app.notebook.entry_tables import journal_table
from tui_app.notebook.html import COLOURS, to_html
from tui_app.notebook.issue_tables import issues_table, sync_issues_table
from tui_app.notebook.markdown import to_markdown
from tui_app.notebook.pieces import Bar, Blocks, Callout, Grid, Heading, Says, Span, plain
from tui_app.notebook.plain import cells, to_text
from tui_app.notebook.sync_card import SyncState
from tui_app.notebook.tables import MOST_SHOWN, Column, Shows, Table, heading
from tui_app.notebook.words import finding_callout, last_sync, state_line
from tui_app.watch.journal import Journal

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "an image": "<img src=x onerror=alert(1)>",
    "out of an attribute": "\"><svg onload=alert(1)> ' style='position:fixed",
    "entities": "&lt;script&gt; &#x3c;b&#x3e; &amp;",
    "markdown": "[x](javascript:alert(1)) ![y](https://evil.example/p.png) **b** `c` | d | <b>e</b> $f$",
    "a link by itself": "see https://evil.example and www.evil.example or a@evil.example",
    "a heading": "# one\n## two\n> three\n- four\n\n    five\n---",
    "escape sequences": "\x1b[2J\x1b]0;title\x07\x9b31m",
    "bidi": "abc\u202egpj.exe\u2066\u2069\u200f",
    "line ends": "one\ntwo\r\nthree\ttab\x0b\x0c\u2028end",
    "64 kB": "<" * 65536,
}
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
TAGS = {"div", "span", "br", "table", "thead", "tbody", "tr", "th", "td", "img"}
# What is left of a style in a notebook that nobody trusts, as far as ours use it.
STYLES = re.compile(
    r"(font-size|max-width|min-width|height|border-radius):\d+px|(margin|padding):[\dpx ]+|width:[\d.]+%|max-width:100%"
    r"|line-height:[\d.]+|opacity:0\.\d+|font-weight:600|font-family:monospace|white-space:nowrap|display:block"
    r"|(color|background-color):#[0-9a-f]{6}|background-color:rgba\([\d,.]+\)|(border|background):none"
    r"|border-left:3px solid #[0-9a-f]{6}|border-bottom:1px solid rgba\([\d,.]+\)|border-collapse:collapse"
    r"|text-align:left|vertical-align:top|overflow-x:auto"
)


class Seen(HTMLParser):
    """What a browser would make of a page: its elements, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def inert(blocks: Blocks) -> None:
    """No form of it holds anything but text and what we made."""
    page = Seen(to_html(blocks))
    assert {tag for tag, _ in page.elements} <= TAGS
    for tag, attributes in page.elements:
        allowed = {"style"} | ({"src", "alt", "title", "width", "height"} if tag == "img" else set())
        assert attributes.keys() <= allowed
        assert (attributes.get("src") or "data:").startswith("data:")
        for style in filter(None, (attributes.get("style") or "").split(";")):
            assert STYLES.fullmatch(style), style
    assert not RAW.search(page.text)
    for token in MarkdownIt("commonmark", {"linkify": True}).enable(["table", "linkify"]).parse(to_markdown(blocks)):
        assert token.type not in ("html_block", "fence", "code_block", "hr", "bullet_list_open")
        for child in token.children or ():
            assert child.type not in ("html_inline", "link_open", "image"), token.content
    assert not RAW.search(to_markdown(blocks))
    assert not RAW.search(to_text(blocks))


def an_issue(text: str) -> dict[str, object]:
    return {
        "id": f"isu_{text[:40]}",
        "status": text or "ongoing",
        "connection": "conn_1",
        "error": {"code": text, "message": text},
        "lastReportedAt": "2026-11-22T10:00:00.000Z",
    }


def a_row(text: str) -> FleetRow:
    connection = Connection.model_validate(
        {
            "id": "conn_1",
            "status": text,
            "provider": {"name": text, "code": text},
            "company": {"name": text, "dotNumbers": [text]},
            "externalId": text,
            "tags": [text],
            "syncMode": text,
        }
    )
    sync = a_sync(text, Phase.FAILED)
    return FleetRow(connection, last_sync=sync, looked_at=START, issues=tuple(sync.known_issues))


def a_sync(text: str, phase: Phase, **fields: object) -> Sync:
    sent = {"id": "sync_1", "status": text, "requestedAt": "2026-11-22T13:50:00.000Z", "issues": [an_issue(text)]}
    return Sync.model_validate(sent | {"failureReason": text} | fields).model_copy(update={"phase": phase})


def a_state(text: str, phase: Phase, **fields: object) -> SyncState:
    sync, journal, row = a_sync(text, phase, **fields), Journal(), a_row(text)
    journal.add(Observation("conn_1", "sync_1", START, 0.1, sync))
    return SyncState(
        text,
        text,
        "sync_1",
        START,
        sync,
        START,
        entries=tuple(journal.entries),
        finding=triage_sync(row, sync),
        basis=text,
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_server_says_stays_text_in_every_form(text: str) -> None:
    row = a_row(text)
    problem = Problem(ProblemKind.SERVER, "The server failed", message=text)
    owned = [OwnedIssue(issue, row) for issue in row.issues or ()]
    state = a_state(text, Phase.RUNNING, progress=45)
    inert(state.blocks())
    inert(a_state(text, Phase.FAILED).blocks())
    inert(SyncState(text, text, "sync_1", START, problem=problem).blocks())
    inert(journal_table(state).blocks())
    inert(sync_issues_table(state).blocks())
    inert(issues_table(owned, START, "Issues", text).blocks())
    inert(HistoryChart(text, [a_sync(text, Phase.FAILED), a_sync(text, Phase.RUNNING)], START).blocks())
    inert((finding_callout(triage(row, row.issues or ())), Says((state_line(row.state), last_sync(row, START)))))


def test_a_name_is_read_as_it_was_written() -> None:
    page = Seen(to_html((Heading((Span("O'Brien & <Sons>"),)),)))
    assert page.text == "O'Brien & <Sons>"


def test_colours_can_be_read_on_white_and_on_black() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    for colour in COLOURS.values():
        assert 1.05 / (luminance(colour) + 0.05) >= 3
        assert (luminance(colour) + 0.05) / 0.05 >= 3


def test_all_forms_say_the_same() -> None:
    blocks = (
        Heading((Span("Prairie Lines", strong=True),)),
        Callout("error", (plain("Next to act: the fleet"),)),
        Bar(45.0, "accent", plain("45 %")),
        Grid(("Issue", "Who"), ((plain("permission_missing"), plain("the fleet")),)),
    )
    assert to_text(blocks).splitlines() == [
        "Prairie Lines",
        "  Next to act: the fleet",
        "━━━━━━━━━━━━━━────────────────  45 %",
        "Issue               Who",
        "permission_missing  the fleet",
    ]
    assert to_markdown(blocks).split("\n\n") == [
        "### **Prairie Lines**",
        "> Next to act: the fleet  ",
        "45 %",
        "| Issue | Who |\n| --- | --- |\n| permission_missing | the fleet |\n",
    ]
    for words in ("Prairie Lines", "Next to act: the fleet", "45 %", "permission_missing"):
        assert words in Seen(to_html(blocks)).text


def test_columns_of_text_line_up_whatever_the_script() -> None:
    rows = ((plain("漢字運送"), plain("a")), (plain("Ödega\u030ard"), plain("b")))
    lines = to_text((Grid(("Name", "X"), rows),)).splitlines()
    assert {cells(line[:-1]) for line in lines} == {10}


def test_a_bar_stays_within_itself() -> None:
    for percent in (-5.0, 130.0):
        assert cells(to_text((Bar(percent, "accent", ()),)).rstrip()) == 30
    assert "width:100.0%" in to_html((Bar(130.0, "accent", ()),))


def test_a_card_says_how_far_it_is_and_then_how_it_ended() -> None:
    running = to_text(a_state("in_progress", Phase.RUNNING, progress=45, failureReason=None).blocks())
    assert "◐ in progress  ·  45 %  ·  12 min so far" in running
    ended = a_state("completed", Phase.SUCCEEDED, failureReason=None, completedAt="2026-11-22T13:59:00.000Z")
    assert "✓ Completed with 1 issue" in to_text(ended.blocks())
    assert "after 9 min" in to_text(ended.blocks())
    assert "in_progress" not in to_text(ended.blocks())


def test_a_look_that_failed_says_nothing_of_the_sync() -> None:
    state = SyncState("A", "B", "s", START, problem=Problem(ProblemKind.SERVER, "The server failed", message="boom"))
    text = to_text(state.blocks())
    assert "Could not look: The server failed." in text
    assert "The sync itself may well be running" in text
    assert "boom" in text


def test_the_drawing_is_whole_and_tells_outcomes_apart_without_colour() -> None:
    syncs = [
        a_sync("completed", Phase.SUCCEEDED, completedAt="2026-11-22T14:00:00.000Z"),
        a_sync("failed", Phase.FAILED),
        a_sync("in_progress", Phase.RUNNING),
    ]
    chart = HistoryChart("Prairie Lines", syncs, START)
    drawing = ElementTree.fromstring(chart.svg)
    running, failed, completed, _ = list(drawing)
    assert completed.get("fill") != "none"
    assert failed.tag.endswith("circle")  # nobody knows how long it took
    assert (running.get("fill"), running.get("stroke-dasharray")) == ("none", "3 2")
    [image] = [attributes for tag, attributes in Seen(to_html(chart.blocks())).elements if tag == "img"]
    data = (image["src"] or "").removeprefix("data:image/svg+xml;base64,")
    assert base64.b64decode(data).decode() == chart.svg
    assert chart._repr_mimebundle_()["image/svg+xml"] == chart.svg
    assert to_text(chart.blocks()).splitlines()[1] == "█·▇"


def test_a_long_table_shows_its_beginning_and_says_so() -> None:
    rows = list(range(MOST_SHOWN + 7))
    table = Table(
        rows, [Column("n", "count", int)], [Shows("N", lambda n: plain(str(n)))], heading=heading("Ns", len(rows))
    )
    lines = repr(table).splitlines()
    assert len(lines) == MOST_SHOWN + 3
    assert lines[-1].startswith("… and 7 more")
    assert len(table.records()) == len(rows)
    assert (table[3], table[-1], table[1:3], len(table), list(table)) == (3, 56, [1, 2], 57, rows)
    assert not isinstance(table, list)
