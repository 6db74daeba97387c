"""What a support bundle consists of, and how large it may be."""

from __future__ import annotations

FORMAT = "syncscope-bundle"
VERSION = 1

MANIFEST = "manifest.json"
REPORT = "report.md"
HAR = "requests.har"
OBSERVATIONS = "observations.jsonl"
ENVIRONMENT = "environment.json"
CONNECTION = "connection.json"

CONTENTS = {
    REPORT: "the incident report",
    CONNECTION: "the connection, its issues, its syncs and their journals",
    OBSERVATIONS: "every look at its syncs that was kept, a line each",
    HAR: "the requests that concern it, as an HTTP Archive",
    ENVIRONMENT: "versions, system, terminal and server",
}
"""The files beside the manifest, and what is in each."""

MOST_PACKED = 32 * 1024 * 1024
"""Bytes of a bundle."""

MOST_UNPACKED = 96 * 1024 * 1024
"""Bytes of all its files together."""

MOST_RATIO = 300
"""How many times larger than packed a file may be, once it is larger than `FREE` bytes."""

FREE = 1024 * 1024

MOST_LINES = 20_000
"""Observations."""


class BundleError(Exception):
    """A bundle that was not written, or not opened.

    Attributes:
        reason: Why, in a sentence.
        next_step: What to do now; may be empty.
    """

    def __init__(self, reason: str, next_step: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.next_step = next_step
