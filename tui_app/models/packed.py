"""Many objects in little memory: what lists need of each stays at hand, the rest is packed until somebody asks for it.

An object as a server sent it takes some 4 KB as a model, and 0.2 KB packed: nothing of it is lost, unknown fields
included, and it takes 70 µs to be there again. What was asked for of late is kept open.
"""

from __future__ import annotations

import io
import pickle
import threading
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar, cast

from tui_app.models.connection import Connection, ProviderName, Standing
from tui_app.models.issue import Issue, IssueError, stands
from tui_app.models.remote import Remote
from tui_app.models.sync import Phase, Sync

Model = TypeVar("Model", bound=Remote)

MOST_OPEN = 256
"""Objects that are kept whole at one time, those that were asked for first go first: some screens full, or a page."""

_SAMPLE = 64
"""Objects of one kind whose text the others are packed against, at most: much of it recurs in each."""

_WINDOW = 15  # 32 KB, the largest there is: some forty connections
_EFFORT, _MEMORY = 6, 5

_EPOCH = datetime.fromtimestamp(0, UTC)
_TICK = timedelta(microseconds=1)


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

    __slots__ = ("_kind", "next_sync_at", "tags")

    def __init__(self, packer: Packer, content: bytes, model: Connection) -> None:
        super().__init__(packer, content, model)
        provider: ProviderName = packer.shared(model.provider, (model.provider.name, model.provider.code))
        self._kind: _ConnectionKind = packer.shared(
            _ConnectionKind(model.standing, model.status, provider, model.sync_mode, model.recalled_at),
            (model.standing, model.status, id(provider), model.sync_mode, model.recalled_at),
        )
        self.tags: list[str] = packer.shared(model.tags, tuple(model.tags))
        self.next_sync_at: datetime | None = model.next_sync_at

    @property
    def standing(self) -> Standing:
        """What its status word means."""
        return self._kind.standing

    @property
    def status(self) -> str:
        """The server's own word."""
        return self._kind.status

    @property
    def provider(self) -> ProviderName:
        """Name and code of its provider."""
        return self._kind.provider

    @property
    def sync_mode(self) -> str:
        """When it syncs, in the server's word."""
        return self._kind.sync_mode

    @property
    def recalled_at(self) -> datetime | None:
        """When it was seen, where that was at an earlier start."""
        return self._kind.recalled_at


class _ConnectionKind(NamedTuple):
    """What a connection has in common with many others: one for all of those."""

    standing: Standing
    status: str
    provider: ProviderName
    sync_mode: str
    recalled_at: datetime | None


_NO_IDS: list[str] = []


class PackedSync(Packed):
    """A sync, with its phase and the IDs of its issues at hand."""

    __slots__ = ("issue_ids", "phase")

    def __init__(self, packer: Packer, content: bytes, model: Sync) -> None:
        super().__init__(packer, content, model)
        self.phase: Phase = model.phase
        self.issue_ids: list[str] = model.issue_ids or _NO_IDS


class PackedIssue(Packed):
    """An issue, with what groups it, explains it and tells whose it is at hand."""

    __slots__ = ("connection_id", "error", "first_reported_at", "last_reported_at", "resolution_type", "status")

    def __init__(self, packer: Packer, content: bytes, model: Issue) -> None:
        super().__init__(packer, content, model)
        error = model.error
        self.connection_id: str = model.connection_id
        # One that says more than code and words keeps that to itself.
        self.error: IssueError = error if error.model_extra else packer.shared(error, (error.code, error.message))
        self.first_reported_at: datetime | None = model.first_reported_at
        self.last_reported_at: datetime | None = model.last_reported_at
        self.resolution_type: str | None = packer.shared(model.resolution_type)
        self.status: str = packer.shared(model.status)

    @property
    def is_open(self) -> bool:
        """Whether it still stands, as the object has it."""
        return stands(self.status)


_KINDS: dict[type[Remote], type[Packed]] = {Connection: PackedConnection, Sync: PackedSync, Issue: PackedIssue}


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
        """One object for all of its type that are equal: few words stand in many rows.

        Args:
            value: One of them.
            key: What tells it from others, where it is not fit for that itself.
        """
        return self._common.setdefault((type(value), value if key is None else key), value)

    def _keep_open(self, packed: Packed, model: Remote) -> None:
        with self._lock:
            self._open[packed] = model
            if len(self._open) > MOST_OPEN:
                del self._open[next(iter(self._open))]


def whole(model: Any) -> Any:
    """The object itself, where something packed may stand in for it."""
    return model.whole() if isinstance(model, Packed) else model


class _Writer(pickle.Pickler):
    """Writes a model as the values of its fields in their order: their names would take most of the room."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Remote):
            kind, held = type(value), value.__dict__
            given = sum(1 << place for place, name in enumerate(kind.model_fields) if name in value.model_fields_set)
            values = tuple(held[name] for name in kind.model_fields)
            return _model, (kind, values, given, value.model_extra or None)
        if type(value) is datetime and value.tzinfo is UTC:
            return _moment, ((value - _EPOCH) // _TICK,)
        return NotImplemented


def _text(model: Remote) -> bytes:
    into = io.BytesIO()
    _Writer(into, pickle.HIGHEST_PROTOCOL).dump(model)
    return into.getvalue()


def _model(kind: type[Remote], values: tuple[Any, ...], given: int, extra: dict[str, Any] | None) -> Remote:
    names = tuple(kind.model_fields)
    known = {name for place, name in enumerate(names) if given >> place & 1}
    made = kind.__new__(kind)
    made.__setstate__(
        {
            "__dict__": dict(zip(names, values, strict=True)),
            "__pydantic_extra__": extra or {},
            "__pydantic_fields_set__": known | (extra or {}).keys(),
            "__pydantic_private__": None,
        }
    )
    return made


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _TICK
