"""Opens a bundle that anybody may have made: in memory, within bounds, and only if it is exactly what one is."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from tui_app.findings.bundle.layout import (
    CONTENTS,
    FORMAT,
    FREE,
    MANIFEST,
    MOST_PACKED,
    MOST_RATIO,
    MOST_UNPACKED,
    VERSION,
    BundleError,
)
from tui_app.models.text import safe_text

_END = struct.Struct("<4s4H2IH")  # a zip's last record: how many entries there are, and where their list is
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000  # the content by either way, and the list of entries
_LIST = 64 * 1024  # bytes of that list: six entries need a few hundred
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    RuntimeError,  # and NotImplementedError, which it is a kind of
)


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    name: str
    size: int = Field(ge=0)
    sha256: str


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    format: str
    version: int
    files: list[_File] = Field(max_length=len(CONTENTS))


def unpack(data: bytes) -> dict[str, bytes]:
    """Every file of a bundle by its name, the manifest left out. Nothing is written anywhere.

    Raises:
        BundleError: It is no bundle, or none that may be opened; the reason says why.
    """
    if len(data) > MOST_PACKED:
        raise BundleError(f"It is larger than a bundle may be ({MOST_PACKED >> 20} MB).")
    _check_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            files = {entry.filename: _content(archive, entry) for entry in entries}
    except _BROKEN as error:
        raise BundleError(f"It is broken: {safe_text(str(error) or type(error).__name__, 120)}.") from error
    _check_manifest(files)
    return {name: files[name] for name in CONTENTS}


def read_object(content: bytes, name: str) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        BundleError: There is none.
    """
    value = read_value(content, name)
    if not isinstance(value, dict):
        raise BundleError(f"{name} is not a JSON object.")
    return value


def read_value(content: bytes, name: str) -> Any:
    """The JSON value in a file, or in a line of one.

    Raises:
        BundleError: There is none, or it is nested deeper than anything that Syncscope writes.
    """
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError as error:
        why = "nested too deeply" if "recursion" in str(error) else "no JSON"
        raise BundleError(f"{name} cannot be read: it is {why}.") from error


def _check_end(data: bytes) -> None:
    """See that it is a zip, and one whose list of entries may be read into memory."""
    if len(data) < _END.size or data[:4] != b"PK\x03\x04":
        raise BundleError("It is no bundle: it is not a zip file.")
    signature, disk, first, here, all_, size, start, comment = _END.unpack(data[-_END.size :])
    if signature != b"PK\x05\x06" or comment or disk or first:
        raise BundleError("It is no bundle, or not all of it: it does not end as a zip file does.")
    if here != all_ or all_ > len(CONTENTS) + 1 or size > _LIST or start + size + _END.size != len(data):
        raise BundleError(f"It has {all_} entries, or a list of them that is not where it should be.")


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    """See that the entries are the files of a bundle, each once, and that they may be read into memory."""
    for entry in entries:
        _check_name(entry.orig_filename)
        _check_entry(entry)
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise BundleError("Two entries have the same name.")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise BundleError(f"It unpacks to more than {MOST_UNPACKED >> 20} MB.")
    if missing := [name for name in (MANIFEST, *CONTENTS) if name not in names]:
        raise BundleError(f"Something is missing in it: {', '.join(missing)}.")


def _check_name(name: str) -> None:
    shown = safe_text(name, 80)
    if "/" in name or "\\" in name or ".." in name:
        raise BundleError(f"An entry would lie in another folder: “{shown}”.")
    if name not in (MANIFEST, *CONTENTS):
        raise BundleError(f"An entry is none of a bundle's files: “{shown}”.")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise BundleError(f"“{name}” is no ordinary file, but a {_KINDS.get(kind, 'special file')}.")
    if entry.flag_bits & _ENCRYPTED:
        raise BundleError(f"“{name}” is encrypted.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BundleError(f"“{name}” is packed in a way that bundles do not use.")
    if entry.file_size > FREE and entry.file_size > MOST_RATIO * entry.compress_size:
        raise BundleError(f"“{name}” unpacks to more than {MOST_RATIO} times its size.")


_KINDS = {stat.S_IFLNK: "symbolic link", stat.S_IFDIR: "folder"}


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The content of an entry: as much as the list of entries says, and not a byte more."""
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise BundleError(f"“{entry.filename}” is not as long as it says.")
    return content


def _check_manifest(files: Mapping[str, bytes]) -> None:
    """See that the files are those that the bundle was made of."""
    said = read_object(files[MANIFEST], MANIFEST)
    if said.get("format") != FORMAT:
        raise BundleError("It is no bundle: its manifest does not say that it is one.")
    if said.get("version") != VERSION:
        raise BundleError(
            "It was made by another version of Syncscope, whose bundles this one cannot open.",
            "Open it with the Syncscope that made it, or a later one.",
        )
    try:
        manifest = _Manifest.model_validate(said)
    except ValidationError as error:
        raise BundleError(f"{MANIFEST} is not what it should be: {_where(error)}.") from error
    listed = {file.name: file for file in manifest.files}
    if set(listed) != set(CONTENTS):
        raise BundleError(f"{MANIFEST} does not list the files that are there.")
    for name, file in listed.items():
        if file.size != len(files[name]) or file.sha256 != hashlib.sha256(files[name]).hexdigest():
            raise BundleError(f"“{name}” was changed after the bundle was made: it is not what {MANIFEST} says.")


def _where(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return safe_text(f"{place}: {first['msg']}", 200)
