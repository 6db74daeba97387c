"""The support bundle: packed only when clean, and opened only when it is exactly what one is."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tui_app.findings.bundle.layout import CONTENTS, FORMAT, MANIFEST, BundleError
from tui_app.findings.bundle.packing import LeakError, manifest_of, pack
from tui_app.findings.bundle.unpacking import read_object, read_value, unpack
from tui_app.findings.leaks import Leak

FILES = {name: f'{{"file": "{name}"}}\n'.encode() for name in CONTENTS}
FACTS = {"madeBy": "Syncscope 1.0"}

Entry = tuple[str | zipfile.ZipInfo, bytes]


def test_a_bundle_is_a_zip_of_its_files_and_a_manifest_of_them() -> None:
    data = pack(FILES, FACTS, [])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == [MANIFEST, *CONTENTS]
        assert archive.testzip() is None
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {stat.S_IFREG | 0o600}
        manifest = json.loads(archive.read(MANIFEST))
    assert (manifest["format"], manifest["version"], manifest["madeBy"]) == (FORMAT, 1, "Syncscope 1.0")
    assert [(each["name"], each["size"], each["sha256"]) for each in manifest["files"]] == [
        (name, len(content), hashlib.sha256(content).hexdigest()) for name, content in FILES.items()
    ]
    assert unpack(data) == FILES


def test_the_same_is_packed_into_the_same_bytes() -> None:
    assert pack(FILES, FACTS, []) == pack(FILES, FACTS, [])


@pytest.mark.parametrize("file", CONTENTS)
@pytest.mark.parametrize("content", [b"it is correct-horse-battery", b"sk_prod_4eC39HqLyjWDarjtT1zdp7dc"])
def test_nothing_is_packed_with_a_secret_in_any_file(file: str, content: bytes) -> None:
    with pytest.raises(LeakError) as caught:
        pack({**FILES, file: content}, FACTS, ["correct-horse-battery"])
    [leak] = caught.value.leaks
    assert leak.file == file
    assert caught.value.reason == f"Nothing was written: the leak check found {leak}."
    assert not any(word in caught.value.reason for word in ("correct-horse", "4eC39"))


def test_nothing_is_packed_with_a_secret_in_the_manifest() -> None:
    with pytest.raises(LeakError) as caught:
        pack(FILES, {"madeBy": "correct-horse-battery"}, ["correct-horse-battery"])
    assert caught.value.leaks == [Leak(MANIFEST, "a secret that Syncscope holds")]


def test_what_could_not_be_opened_again_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_app.findings.bundle.unpacking.MOST_UNPACKED", 100)
    with pytest.raises(BundleError, match="unpacks to more"):
        pack(FILES, FACTS, [])


# What somebody else may hand over


def zipped(*entries: Entry, pack_as: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", pack_as) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def entries(**changes: bytes) -> list[Entry]:
    """The entries of a good bundle, but for some."""
    files = {**FILES, **{name.replace("_", ".", 1): content for name, content in changes.items()}}
    return [(MANIFEST, manifest_of(files, FACTS)), *files.items()]


def with_manifest(**changes: Any) -> bytes:
    manifest = json.loads(manifest_of(FILES, FACTS)) | changes
    return zipped((MANIFEST, json.dumps(manifest).encode()), *FILES.items())


def special(mode: int) -> bytes:
    entry = zipfile.ZipInfo("report.md")
    entry.external_attr = mode << 16
    return zipped((MANIFEST, manifest_of(FILES, FACTS)), (entry, b"/etc/passwd"), *list(FILES.items())[1:])


def named(name: str) -> bytes:
    return zipped(*entries()[:-1], (name, b"x"))


def doubled() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return zipped(*entries()[:-1], ("report.md", b"x"))


def encrypted() -> bytes:
    data = bytearray(pack(FILES, FACTS, []))
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1  # in the list of entries
    return bytes(data)


def bomb() -> bytes:
    content = b"\0" * (30 * 1024 * 1024)
    files = {**FILES, "report.md": content}
    return zipped((MANIFEST, manifest_of(files, FACTS)), *files.items())


def many_entries() -> bytes:
    return zipped(*entries(), *((f"{number}.txt", b"") for number in range(5000)))


def one_too_many() -> bytes:
    return zipped(*entries(), ("more.txt", b"x"))


def lying_about_size() -> bytes:
    data = bytearray(pack(FILES, FACTS, []))
    place = data.index(b"report.md", data.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", data, place + 24, len(FILES["report.md"]) - 1)
    return bytes(data)


def other_bytes() -> bytes:
    """As if somebody had changed a file, checksum and all."""
    return zipped((MANIFEST, manifest_of(FILES, FACTS)), *{**FILES, "report.md": b'{"file": "REPORT.md"}\n'}.items())


def flipped() -> bytes:
    data = bytearray(zipped(*entries(), pack_as=zipfile.ZIP_STORED))
    data[data.index(b'{"file": "report.md"}') + 3] ^= 1
    return bytes(data)


def depth(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def deep_manifest() -> bytes:
    return zipped((MANIFEST, depth(100_000)), *FILES.items())


def sha(name: str, value: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(manifest_of(FILES, FACTS))["files"]
    return [each | {"sha256": value} if each["name"] == name else each for each in listed]


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not a zip file"),
    "no zip": (lambda: b"# Report\n" * 100, "not a zip file"),
    "an empty zip": (lambda: zipped(), "not a zip file"),
    "a zip with something before it": (lambda: b"#!/bin/sh\n" + pack(FILES, FACTS, []), "not a zip file"),
    "a zip with something behind it": (lambda: pack(FILES, FACTS, []) + b"more", "does not end as a zip file does"),
    "half a zip": (lambda: pack(FILES, FACTS, [])[:-300], "does not end as a zip file does"),
    "a path out of the folder": (lambda: named("../../.bashrc"), "in another folder: “../../.bashrc”"),
    "a path by backslashes": (lambda: named("..\\evil"), "in another folder"),
    "an absolute path": (lambda: named("/etc/passwd"), "in another folder: “/etc/passwd”"),
    "a folder's file": (lambda: named("sub/report.md"), "in another folder"),
    "a file of no bundle": (lambda: named("evil.exe"), "none of a bundle's files: “evil.exe”"),
    "a name that drives a terminal": (lambda: named("\x1b]0;x\x07"), "none of a bundle's files: “␛]0;x␇”"),
    "a file too many": (one_too_many, "It has 7 entries"),
    "thousands of entries": (many_entries, "It has 5006 entries"),
    "a symbolic link": (lambda: special(stat.S_IFLNK | 0o777), "but a symbolic link"),
    "a device": (lambda: special(stat.S_IFBLK | 0o600), "but a special file"),
    "two of one name": (doubled, "the same name"),
    "an encrypted file": (encrypted, "is encrypted"),
    "a bomb": (bomb, "unpacks to more than 300 times its size"),
    "another way of packing": (lambda: zipped(*entries(), pack_as=zipfile.ZIP_LZMA), "packed in a way"),
    "a file that is longer than it says": (lying_about_size, "It is broken"),
    "a changed byte": (flipped, "It is broken: Bad CRC-32"),
    "a changed file": (other_bytes, "“report.md” was changed after the bundle was made"),
    "a missing file": (lambda: zipped(*entries()[:-1]), "Something is missing in it: environment.json"),
    "no manifest": (lambda: zipped(*FILES.items()), "Something is missing in it: manifest.json"),
    "another format": (lambda: with_manifest(format="other"), "its manifest does not say that it is one"),
    "another version": (lambda: with_manifest(version=2), "made by another version"),
    "a version that is none": (lambda: with_manifest(version="1"), "made by another version"),
    "no list of files": (lambda: with_manifest(files=None), "files: Input should be a valid list"),
    "a list of too little": (lambda: with_manifest(files=[]), "does not list the files that are there"),
    "wrong hashes": (lambda: with_manifest(files=sha("requests.har", "0" * 64)), "“requests.har” was changed"),
    "a hash that is none": (lambda: with_manifest(files=sha("report.md", 7)), "sha256: Input should be"),  # type: ignore[arg-type]
    "a manifest that is no JSON": (
        lambda: zipped((MANIFEST, b"\xff{"), *FILES.items()),
        "cannot be read: it is no JSON",
    ),
    "a manifest that is no object": (lambda: zipped((MANIFEST, b"[]"), *FILES.items()), "is not a JSON object"),
    "a manifest without end": (deep_manifest, "nested too deeply"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_bundle_is_refused_with_the_reason(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, reason = HOSTILE[case]
    data = make()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError) as caught:
        unpack(data)
    assert reason in caught.value.reason
    assert caught.value.reason.isprintable()
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_large_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(FILES, FACTS, [])
    monkeypatch.setattr("tui_app.findings.bundle.unpacking.MOST_PACKED", len(data) - 1)
    with pytest.raises(BundleError, match="larger than a bundle may be"):
        unpack(data)


def test_files_that_are_too_large_together_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(FILES, FACTS, [])
    total = sum(map(len, FILES.values())) + len(manifest_of(FILES, FACTS))
    monkeypatch.setattr("tui_app.findings.bundle.unpacking.MOST_UNPACKED", total - 1)
    with pytest.raises(BundleError, match="unpacks to more than"):
        unpack(data)
    monkeypatch.setattr("tui_app.findings.bundle.unpacking.MOST_UNPACKED", total)
    assert unpack(data) == FILES


def test_json_without_end_or_with_numbers_that_are_none_is_refused() -> None:
    for content in (depth(100_000), b"[" * 100_000, b'{"a": NaN}', b'{"a": Infinity}', b'"' + b"\\ud800" + b'"'):
        with pytest.raises(BundleError, match=r"x\.json cannot be read"):
            read_value(content, "x.json")
    assert read_object(depth(50), "x.json")
