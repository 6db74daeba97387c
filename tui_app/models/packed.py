"""Many objects in little memory: what lists need of each stays at hand, the rest is packed until somebody asks for it.

An object as a server sent it takes some 4 KB as a model, and 0.3 KB packed: nothing of it is lost, unknown fields
included, and it takes 50 µs to be there again. What was asked for of late is kept open.
"""

from __future__ import annotations

import pickle
import threading
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from tui_app.models.connection import Connection, ProviderName, Standing
from tui_app.models.issue import Issue
from tui_app.models.remote import Remote
from tui_app.models.sync import Phase, Sync

Model = TypeVar("Model", bound=Remote)

MOST_OPEN = 512
"""Objects that are kept whole at one time, those that were asked for first go first: some screens full, or a page."""

_SAMPLE = 8
"""Objects of one kind whose text the others are packed against: most of it recurs in each."""

_WINDOW = 13  # 8 KB, as much as the sample: a larger one packs little better and costs more to prepare
_EFFORT, _MEMORY = 6, 5


class Packed:
    """Stands in for an object: whatever is asked of it is answered as by the whole one.

    Attributes:
        id: The server's ID.
    """

    __slots__ = ("_content", "_packer", "id")

    id: str

    def __init__(self, packer: Packer, content: bytes, model: Any) -> None:
        self._packer = packer
        self._content = content
        self.id = model.id

    def whole(self) -> Any:
        """The object itself."""
        return self._packer.whole(self, self._content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole(), name)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, Packed) and other._packer is self._packer and other._content == self._content:
            return True
        return bool(self.whole() == whole(other))

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return repr(self.whole())


class PackedConnection(Packed):
    """A connection, with what the list tells, sorts and finds it by at hand."""

    __slots__ = ("next_sync_at", "provider", "recalled_at", "standing", "status", "sync_mode", "tags")

    def __init__(self, packer: Packer, content: bytes, model: Connection) -> None:
        super().__init__(packer, content, model)
        self.standing: Standing = model.standing
        self.status: str = packer.shared(model.status)
        self.provider: ProviderName = packer.shared(model.provider, (model.provider.name, model.provider.code))
        self.sync_mode: str = packer.shared(model.sync_mode)
        self.tags: list[str] = packer.shared(model.tags, ("tags", *model.tags))
        self.recalled_at: datetime | None = packer.shared(model.recalled_at)
        self.next_sync_at: datetime | None = model.next_sync_at


_NO_IDS: list[str] = []


class PackedSync(Packed):
    """A sync, with its phase and the IDs of its issues at hand."""

    __slots__ = ("issue_ids", "phase")

    def __init__(self, packer: Packer, content: bytes, model: Sync) -> None:
        super().__init__(packer, content, model)
        self.phase: Phase = model.phase
        self.issue_ids: list[str] = model.issue_ids or _NO_IDS


_KINDS: dict[type[Remote], type[Packed]] = {Connection: PackedConnection, Sync: PackedSync, Issue: Packed}


class _Kind:
    """How objects of one kind are packed: against a sample of them."""

    def __init__(self, stands_in: type[Packed], sample: Sequence[bytes]) -> None:
        self.stands_in = stands_in
        self.sample = b"".join(sample)[-(2**_WINDOW) :]
        self._begun = zlib.compressobj(_EFFORT, zlib.DEFLATED, -_WINDOW, _MEMORY, zdict=self.sample)

    def pack(self, text: bytes) -> bytes:
        packing = self._begun.copy()
        return packing.compress(text) + packing.flush()

    def unpack(self, content: bytes) -> bytes:
        return zlib.decompressobj(-_WINDOW, zdict=self.sample).decompress(content)


class Packer:
    """Packs the objects of one profile. What it packed against holds some of them: it goes with the profile.

    Objects may be asked for on any thread: the history's writes them down.
    """

    def __init__(self) -> None:
        self._kinds: dict[type[Packed], _Kind] = {}
        self._open: dict[Packed, Remote] = {}
        self._common: dict[Any, Any] = {}
        self._lock = threading.Lock()

    def prime(self, models: Sequence[Remote]) -> None:
        """Take these as the sample of their kind, where there is none yet."""
        if models and (stands_in := _KINDS[type(models[0])]) not in self._kinds:
            self._kinds[stands_in] = _Kind(stands_in, [_text(each) for each in models[:_SAMPLE]])

    def pack(self, model: Model) -> Model:
        """What stands in for an object; that itself where it does so already."""
        given: object = model
        if isinstance(given, Packed):
            return model
        self.prime([model])
        kind = self._kinds[_KINDS[type(model)]]
        packed = kind.stands_in(self, kind.pack(_text(model)), model)
        self._keep_open(packed, model)
        return cast(Model, packed)

    def whole(self, packed: Packed, content: bytes) -> Remote:
        """The object that something packed stands in for."""
        found = self._open.get(packed)
        if found is None:
            found = cast(Remote, pickle.loads(self._kinds[type(packed)].unpack(content)))
            self._keep_open(packed, found)
        return found

    def shared(self, value: Any, key: Any = None) -> Any:
        """One object for all that are equal: few words stand in many rows."""
        return self._common.setdefault(value if key is None else key, value)

    def _keep_open(self, packed: Packed, model: Remote) -> None:
        with self._lock:
            self._open[packed] = model
            if len(self._open) > MOST_OPEN:
                del self._open[next(iter(self._open))]


def whole(model: Any) -> Any:
    """The object itself, where something packed may stand in for it."""
    return model.whole() if isinstance(model, Packed) else model


def _text(model: Remote) -> bytes:
    return pickle.dumps(model, pickle.HIGHEST_PROTOCOL)
