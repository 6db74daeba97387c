"""Packs a bundle, once the leak check has found nothing in it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from tui_app.findings.bundle.layout import CONTENTS, FORMAT, MANIFEST, VERSION, BundleError
from tui_app.findings.bundle.unpacking import unpack
from tui_app.findings.leaks import Leak, find_leaks

_WHEN = (1980, 1, 1, 0, 0, 0)  # of every entry: when the bundle was made stands in its manifest


class LeakError(BundleError):
    """A secret stands in what was to be written, so nothing was.

    Attributes:
        leaks: What was found, and where.
    """

    def __init__(self, leaks: list[Leak]) -> None:
        told = "; ".join(map(str, leaks))
        super().__init__(
            f"Nothing was written: the leak check found {told}.",
            "This is a mistake of Syncscope's, which should have masked it. Please report it; the secret was not kept.",
        )
        self.leaks = leaks


def manifest_of(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> bytes:
    """The manifest of some files: the format's version, what is in it, and each one's size and SHA-256.

    Args:
        files: Each one's content by its name.
        facts: What else it says: who made it, when, about what.
    """
    listed = [
        {
            "name": name,
            "about": CONTENTS[name],
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in files.items()
    ]
    text = json.dumps({"format": FORMAT, "version": VERSION, **facts, "files": listed}, ensure_ascii=False, indent=2)
    return text.encode() + b"\n"


def pack(
    files: Mapping[str, bytes], facts: Mapping[str, Any], known: Iterable[str], private: Mapping[str, str] | None = None
) -> bytes:
    """Make a bundle. It is opened again before it is handed out, as whoever gets it will open it.

    Args:
        files: Each one's content by its name: those of `CONTENTS`.
        facts: What the manifest says beside the files.
        known: Every secret that is known.
        private: What else must not leave this machine: each text with what it is.

    Raises:
        LeakError: A secret stands in it.
        BundleError: It is too large.
    """
    files = {MANIFEST: manifest_of(files, facts), **files}
    if leaks := find_leaks(files, known, private):
        raise LeakError(leaks)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.external_attr = 0o100600 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    unpack(packed.getvalue())
    return packed.getvalue()
