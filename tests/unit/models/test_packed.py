"""What is packed answers as the object that it stands in for, and takes a fraction of its room."""

from __future__ import annotations

import pickle
import zlib
from dataclasses import replace

from tests.unit.models.samples import TOKEN, connection, open_issue, row, sync
from tui_app.models.connection import ProviderName
from tui_app.models.issue import IssueError
from tui_app.models.packed import MOST_OPEN, Packed, Packer, whole
from tui_app.models.sync import Phase


def filled(packer: Packer) -> None:
    """Ask for so many others that none of those before is kept whole."""
    for number in range(MOST_OPEN):
        packer.pack(open_issue(number))


def test_everything_comes_back_unknown_fields_and_secrets_too() -> None:
    packer = Packer()
    sent = connection(surprise={"deep": [1, None, "ø"]}, lastSync=None)
    packed = packer.pack(sent)
    filled(packer)
    assert whole(packed) is not sent
    assert whole(packed) == sent
    assert whole(packed).model_fields_set == sent.model_fields_set
    assert packed.to_json() == sent.to_json()
    assert packed.to_json()["surprise"] == {"deep": [1, None, "ø"]}
    assert packed.token is not None
    assert packed.token.get_secret_value() == TOKEN


def test_what_lists_ask_for_is_answered_without_unpacking() -> None:
    packer = Packer()
    seen, packed = connection(), packer.pack(connection())
    running = packer.pack(sync(Phase.RUNNING))
    filled(packer)
    packer._kinds.clear()  # nothing can be unpacked any more
    for name in ("id", "status", "standing", "sync_mode", "tags", "provider", "recalled_at"):
        assert getattr(packed, name) == getattr(seen, name)
    assert running.phase is Phase.RUNNING


def test_what_issues_are_grouped_by_is_answered_without_unpacking() -> None:
    packer = Packer()
    seen = open_issue(1)
    packed = packer.pack(seen)
    filled(packer)
    packer._kinds.clear()
    for name in (
        "id",
        "status",
        "is_open",
        "connection_id",
        "error",
        "first_reported_at",
        "last_reported_at",
        "resolution_type",
    ):
        assert getattr(packed, name) == getattr(seen, name)


def test_an_error_that_says_more_than_others_of_its_words_keeps_it() -> None:
    packer, plain = Packer(), open_issue(1)
    more = plain.model_copy(update={"error": IssueError.model_validate(plain.error.to_json() | {"field": "vin"})})
    assert packer.pack(plain).error.to_json() == plain.error.to_json()
    assert packer.pack(more).error.to_json() == more.error.to_json()


def test_equal_words_of_different_kinds_are_not_taken_for_each_other() -> None:
    packer = Packer()
    tagged = packer.pack(connection(tags=["a", "b"], provider={"name": "a", "code": "b"}))
    failed = packer.pack(open_issue(1).model_copy(update={"error": IssueError(code="a", message="b")}))
    assert tagged.provider == ProviderName(name="a", code="b")
    assert tagged.tags == ["a", "b"]
    assert failed.error == IssueError(code="a", message="b")


def test_it_is_packed_once_and_equals_its_object() -> None:
    packer = Packer()
    packed = packer.pack(connection())
    assert packer.pack(packed) is packed
    assert packed == connection()
    assert packed == Packer().pack(connection())
    assert packed != connection(status="archived")


def test_it_shows_no_secret() -> None:
    packed = Packer().pack(connection())
    assert TOKEN not in repr(packed)


def test_one_of_many_takes_a_fraction_of_its_text() -> None:
    packer = Packer()
    made = [connection(id=f"conn_{number}", company={"name": f"Fleet {number}"}) for number in range(50)]
    packer.prime(made)
    packed = [packer.pack(each) for each in made]
    alone = len(zlib.compress(pickle.dumps(made[30])))
    assert isinstance(packed[30], Packed)
    assert len(packed[30]._content) < alone / 6


def test_a_row_of_packed_objects_is_the_row() -> None:
    packer, plain = Packer(), row(sync(Phase.FAILED))
    assert plain.last_sync is not None
    packed = replace(
        plain, connection=packer.pack(plain.connection), last_sync=packer.pack(plain.last_sync), known=plain.haystack
    )
    assert packed == plain
    assert (packed.haystack, packed.state, packed.by_sync) == (plain.haystack, plain.state, plain.by_sync)
