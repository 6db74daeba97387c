"""What there is to copy for a customer of an open issue: the message, with the link to sign in or a place for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_app.findings.customer import LINK, message_for, needs_link
from tui_app.models.text import safe_text
from tui_app.screens.copies import Copy

if TYPE_CHECKING:
    from tui_app.findings.issue_groups import IssueGroup, OwnedIssue
    from tui_app.models.connection import Connection
    from tui_app.models.issue import Issue


def group_message(group: IssueGroup) -> Copy:
    """The message about one code that fits every customer who has it: nothing in it is about one of them."""
    providers = {issue.provider for issue in group.issues}
    provider = providers.pop() if len(providers) == 1 else ""
    issues = [each.issue for each in group.issues if each.meaning.actor is group.meaning.actor]
    return _copy("m", "this code", f"about {group.code}, for any customer", issues, "", provider, quoted=False)


def issue_messages(issue: OwnedIssue, others: Sequence[OwnedIssue]) -> list[Copy]:
    """The messages to one customer.

    Args:
        issue: What they are about.
        others: All open issues of the same connection, this one among them.
    """
    connection = issue.row.connection if issue.row is not None else None
    company, provider = _company(connection), issue.provider
    signed_out = connection is not None and connection.standing.value in ("disconnected", "unauthorised")
    whom = f"for {company}" if company else "for the customer"
    one, all_of_them = [issue.issue], [each.issue for each in others]

    def copy(key: str, label: str, what: str, issues: Sequence[Issue], url: str = "") -> Copy:
        return _copy(key, label, f"{what}, {whom}", issues, company, provider, signed_out=signed_out, url=url)

    found = [copy("m", "this issue", f"about {issue.issue.error.code}", one)]
    if len(others) > 1:
        found.append(copy("a", "all its issues", f"about all {len(others)} open issues", all_of_them))
    url = connection.link_url if connection is not None else None
    if url and needs_link(all_of_them, signed_out=signed_out):
        most = all_of_them if len(others) > 1 else one
        found.append(copy("l", "with its link", "with the link where they sign in", most, url))
    return found


def _company(connection: Connection | None) -> str:
    """What a customer calls themselves; empty where only IDs and references are known."""
    if connection is None:
        return ""
    account = connection.account.name if connection.account is not None else None
    return safe_text(connection.title or connection.company.name or account or "", 120)


def _copy(
    key: str,
    label: str,
    what: str,
    issues: Sequence[Issue],
    company: str,
    provider: str,
    *,
    signed_out: bool = False,
    url: str = "",
    quoted: bool = True,
) -> Copy:
    def text() -> str:
        link = safe_text(url) or LINK
        return message_for(issues, company, provider, signed_out=signed_out, link=link, quoted=quoted)

    place = ""
    if needs_link(issues, signed_out=signed_out) and not url:
        place = f"; {LINK} stands where the link belongs"
    return Copy(
        key,
        label,
        f"{what}{place}",
        f"a message {what}{place}",
        text,
        question="Whoever has this link can sign in for this customer. Copy the message with it?" if url else "",
    )
