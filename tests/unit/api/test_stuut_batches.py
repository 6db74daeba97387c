"""Which jobs are of one sync, and what became of each: another run's outcome is never taken for ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.api.stuut_support import BATCH, OTHER, at, job, listed, model
from tui_app.api.stuut_batches import (
    BY_BATCH,
    BY_TIME,
    NOT_LISTED,
    OVERTAKEN,
    SWITCHED_OFF,
    TOGETHER,
    Part,
    answered,
    batches_in,
    id_of,
    look,
)
from tui_app.api.stuut_memory import Memory
from tui_app.api.stuut_reading import connection_row, read_job
from tui_app.api.stuut_wire import ModelRow
from tui_app.models.sync import Phase

NAMES = {"invoices": "Invoices", "payments": "Payments"}
ENDS = ["complete", "failed", "cancelled"]


def rows(*models: dict[str, Any]) -> tuple[ModelRow, ...]:
    """Models as they are listed."""
    return connection_row(listed(*models)).models


def asked(*jobs: dict[str, Any]) -> tuple[Part, ...]:
    """The parts of a sync that was requested here, as the answer named them."""
    return answered((), [read_job(one) for one in jobs], NAMES)


def ours(status: str = "running", made: float = 10, **fields: Any) -> dict[str, Any]:
    """The job of invoices that was requested here."""
    return job("ours", "invoices", made=made, status=status, **fields)


def seen(part_of: dict[str, Any], *models: dict[str, Any], whole: bool = True) -> Part:
    """What one look makes of a sync of one job."""
    (part,) = look(BATCH, asked(part_of), rows(*models), whole=whole)
    return part


class TestGroups:
    """Jobs put together to syncs."""

    def test_the_batch_id_is_the_syncs_id(self) -> None:
        assert id_of([read_job(ours())]) == BATCH

    def test_without_one_it_is_the_first_jobs_id(self) -> None:
        jobs = [
            job("b", "x", made=2, batch_id=None),
            job("z", "x", made=1, batch_id=None),
            job("y", "x", made=1, batch_id=None),
        ]
        assert id_of([read_job(one) for one in jobs]) == "y"

    def test_an_empty_batch_id_is_none(self) -> None:
        found = batches_in(rows(model("invoices", ours(batch_id=""))))

        assert list(found) == ["ours"]
        assert found["ours"][0].inference == BY_TIME

    def test_one_batch_id_is_one_sync_however_far_apart_its_jobs_were_made(self) -> None:
        found = batches_in(rows(model("a", job("1", "a", made=0)), model("b", job("2", "b", made=600))))

        assert {sync_id: [part.job.id for part in parts] for sync_id, parts in found.items()} == {BATCH: ["1", "2"]}
        assert [part.inference for part in found[BATCH]] == ["", ""]

    @pytest.mark.parametrize(
        ("second", "together"),
        [
            ({"made": 10 + 5 / 60}, True),
            ({"made": 10 + 6 / 60}, False),
            ({"made": 10, "is_one_off": False}, False),
            ({"made": 10, "is_one_off": None}, False),
        ],
    )
    def test_without_batch_ids_jobs_of_one_moment_and_one_cause_are_one_sync(
        self, second: dict[str, Any], together: bool
    ) -> None:
        first = job("1", "a", made=10, batch_id=None)
        found = batches_in(rows(model("a", first), model("b", job("2", "b", batch_id=None, **second))))

        assert list(found) == (["1"] if together else ["1", "2"] if second.get("is_one_off", 1) else ["2", "1"])

    def test_a_chain_of_jobs_each_near_the_next_does_not_grow_without_end(self) -> None:
        step = TOGETHER.total_seconds() / 60 * 0.8
        models = [model(str(n), job(str(n), str(n), made=n * step, batch_id=None)) for n in range(4)]

        assert list(batches_in(rows(*models))) == ["0", "2"]

    @given(st.permutations(range(5)))
    def test_the_order_of_the_models_makes_no_other_syncs(self, order: list[int]) -> None:
        minutes = [0, 0.03, 0.5, 0.53, 9]
        models = [model(str(n), job(str(n), str(n), made=minutes[n], batch_id=None)) for n in order]
        found = batches_in(rows(*models))

        assert {sync_id: {part.job.id for part in parts} for sync_id, parts in found.items()} == {
            "0": {"0", "1"},
            "2": {"2", "3"},
            "4": {"4"},
        }


class TestWhatBecameOfAPart:
    """One look at a sync that was requested here."""

    @pytest.mark.parametrize(("status", "phase"), [("running", Phase.RUNNING), ("complete", Phase.SUCCEEDED)])
    def test_its_own_job_is_taken_as_it_is(self, status: str, phase: Phase) -> None:
        part = seen(ours("queued"), model("invoices", ours(status, modified_at=at(11))))

        assert (part.phase, part.job.status, part.note, part.inference) == (phase, status, "", "")

    def test_its_own_job_is_found_whatever_model_lists_it_and_whatever_batch_it_names(self) -> None:
        part = seen(ours("queued"), model("ledger-7", ours("complete", modified_at=at(11), batch_id=None)))

        assert (part.phase, part.name) == (Phase.SUCCEEDED, "Ledger-7")

    @pytest.mark.parametrize(
        "later",
        [
            job("s1", "invoices", made=12, status="complete", batch_id=OTHER, is_one_off=False),
            job("s1", "invoices", made=12, status="scheduled", batch_id=None, is_one_off=False),
            job("s1", "invoices", made=12, status="running", batch_id=OTHER),
            job("s1", "invoices", made=10.02, status="complete", batch_id=None),
        ],
        ids=["scheduled", "scheduled without a batch", "requested by another", "of the same moment without a batch"],
    )
    @pytest.mark.parametrize("batch", [BATCH, None])
    def test_a_later_run_in_its_place_means_that_its_end_was_not_seen(
        self, later: dict[str, Any], batch: str | None
    ) -> None:
        part = seen(ours(batch_id=batch), model("invoices", later))

        assert (part.phase, part.note) == (Phase.LOST, OVERTAKEN)
        assert (part.job.id, part.job.status) == ("ours", "running")

    @pytest.mark.parametrize("status", ENDS)
    def test_what_had_ended_before_stays_as_it_was_seen(self, status: str) -> None:
        before = asked(ours(status))
        later = job("s1", "invoices", made=12, status="running", batch_id=OTHER)
        for models in ([model("invoices", later)], [model("invoices", is_read_enabled=False)], [model("invoices")], []):
            assert look(BATCH, before, rows(*models)) == before

    @pytest.mark.parametrize("last", [None, job("old", "invoices", made=1, status="complete", batch_id=OTHER)])
    def test_a_model_that_was_switched_off_meanwhile_loses_its_part(self, last: dict[str, Any] | None) -> None:
        part = seen(ours(), model("invoices", last, is_read_enabled=False))

        assert (part.phase, part.note, part.job.status) == (Phase.LOST, SWITCHED_OFF, "running")

    def test_a_model_that_was_switched_off_while_its_job_is_listed_is_followed_on(self) -> None:
        part = seen(ours(), model("invoices", ours(attempt=1, modified_at=at(11)), is_read_enabled=False))

        assert (part.phase, part.note, part.job.attempt) == (Phase.RUNNING, "", 1)

    @pytest.mark.parametrize(
        "models",
        [
            [],
            [model("payments")],
            [model("invoices")],
            [model("invoices", is_read_enabled=None)],
            [model("invoices", job("old", "invoices", made=1, status="complete", batch_id=OTHER))],
            [model("invoices", job("old", "invoices", made=1, status="failed", batch_id=None))],
            [model("invoices", job("same", "invoices", made=10, status="complete", batch_id=OTHER))],
        ],
        ids=["no models", "no such model", "no job", "not said", "older", "older without a batch", "same moment"],
    )
    def test_what_is_merely_not_listed_stays_as_last_seen_and_is_followed_on(self, models: list[Any]) -> None:
        part = seen(ours(), *models)

        assert (part.phase, part.note, part.job.status) == (Phase.RUNNING, NOT_LISTED, "running")

    def test_the_note_goes_once_it_is_listed_again(self) -> None:
        before = look(BATCH, asked(ours()), rows())
        (part,) = look(BATCH, before, rows(model("invoices", ours())))

        assert (before[0].note, part.note) == (NOT_LISTED, "")

    def test_an_older_state_is_no_news(self) -> None:
        part = seen(ours("running", modified_at=at(15)), model("invoices", ours("queued", modified_at=at(14))))
        assert part.job.status == "running"

        part = seen(ours("running", modified_at=at(15)), model("invoices", ours("queued", modified_at=None)))
        assert part.job.status == "running"

    def test_where_nothing_says_when_it_changed_the_answer_stands(self) -> None:
        part = seen(ours("queued", modified_at=None), model("invoices", ours("complete", modified_at=None)))

        assert part.phase is Phase.SUCCEEDED

    def test_another_id_in_the_same_batch_is_the_same_part(self) -> None:
        again = job("again", "invoices", made=12, status="complete")
        part = seen(ours(), model("invoices", again))

        assert (part.job.id, part.phase, part.inference) == ("again", Phase.SUCCEEDED, BY_BATCH)

    def test_another_id_in_the_same_batch_does_not_undo_an_end(self) -> None:
        before = asked(ours("failed"))

        assert look(BATCH, before, rows(model("invoices", job("again", "invoices", made=12)))) == before

    def test_of_one_model_the_job_of_another_entity_is_a_part_beside_it(self) -> None:
        beside = job("beside", "invoices", made=10, status="complete", entity_id="e2")
        parts = look(BATCH, asked(ours(entity_id="e1")), rows(model("invoices", beside)))

        assert [(part.job.id, part.phase, part.note) for part in parts] == [
            ("ours", Phase.RUNNING, NOT_LISTED),
            ("beside", Phase.SUCCEEDED, ""),
        ]

    def test_one_new_job_takes_the_place_of_one_part_and_no_more(self) -> None:
        before = asked(ours(), job("twin", "invoices", made=10, status="running"))
        parts = look(BATCH, before, rows(model("invoices", job("again", "invoices", made=12))))

        assert [part.job.id for part in parts] == ["again", "twin"]


class TestFurtherJobs:
    """Jobs of a sync that were not known of before."""

    def test_a_job_with_its_batch_id_joins(self) -> None:
        parts = look(
            BATCH, asked(ours()), rows(model("invoices", ours()), model("new", job("n", "new", made=11))), whole=True
        )

        assert [part.job.id for part in parts] == ["ours", "n"]
        assert parts[1].name == "New"

    def test_to_a_sync_that_was_requested_here_nothing_is_added_by_time(self) -> None:
        models = rows(
            model("invoices", ours(batch_id=None)),
            model("new", job("n", "new", made=10, status="failed", batch_id=None)),
        )

        assert len(look("ours", asked(ours(batch_id=None)), models, whole=True)) == 1

    def test_to_one_that_was_found_in_the_list_it_is(self) -> None:
        first = rows(model("invoices", ours(batch_id=None)), model("new"))
        second = rows(model("invoices", ours(batch_id=None)), model("new", job("n", "new", made=10.05, batch_id=None)))
        known = look("ours", (), first)
        parts = look("ours", known, second)

        assert [(part.job.id, part.inference) for part in parts] == [("ours", BY_TIME), ("n", BY_TIME)]

    def test_where_two_runs_lie_that_close_together_nothing_is_told_by_time(self) -> None:
        known = look(
            "ours",
            (),
            rows(
                model("invoices", ours("complete", batch_id=None)),
                model("payments", job("p", "payments", made=10.01, batch_id=None)),
            ),
        )
        now = rows(
            model("invoices", job("k1", "invoices", made=10.05, batch_id=None)),
            model("payments", job("p", "payments", made=10.01, batch_id=None)),
            model("new", job("k2", "new", made=10.06, status="failed", batch_id=None)),
        )

        assert [part.job.id for part in look("ours", known, now)] == ["ours", "p"]

    def test_a_sync_that_was_never_seen_is_told_from_the_list_alone(self) -> None:
        models = rows(model("invoices", ours("complete")), model("payments", job("p", "payments", batch_id=OTHER)))

        assert [part.job.id for part in look(BATCH, (), models)] == ["ours"]
        assert [part.job.id for part in look(OTHER, (), models)] == ["p"]
        assert look("nowhere", (), models) == ()

    def test_a_second_answer_with_the_same_jobs_does_not_set_them_back(self) -> None:
        first = asked(ours("complete", modified_at=at(12)))

        for changed in (at(11), at(13)):
            assert answered(first, [read_job(ours("queued", modified_at=changed))], NAMES) == first


@dataclass
class Server:
    """A server that lists of each model its newest job, and what it once answered.

    Attributes:
        last: Each model's newest job.
        on: Which models are switched on.
        ever: The states that our jobs were ever in, by their IDs.
    """

    batch: str | None
    minute: int = 100
    last: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    on: set[str] = field(default_factory=set)
    ever: dict[str, set[str]] = field(default_factory=dict)
    answers: list[tuple[ModelRow, ...]] = field(default_factory=list)

    def requested(self, models: Sequence[str]) -> list[dict[str, Any]]:
        """Make our jobs."""
        self.on = set(models)
        made = [job(f"ours-{name}", name, made=self.minute, batch_id=self.batch) for name in models]
        self.last = dict(zip(models, made, strict=True))
        self.ever = {one["id"]: {one["status"]} for one in made}
        return made

    def happens(self, event: str, name: str, word: str) -> None:
        """Let something happen to a model."""
        self.minute += 1
        newest = self.last[name]
        if event == "moves" and newest is not None and newest["status"] not in ENDS:
            self.last[name] = newest | {
                "status": word,
                "modified_at": at(self.minute),
                "attempt": newest["attempt"] + 1,
            }
            if newest["id"] in self.ever:
                self.ever[newest["id"]].add(word)
        elif event in ("scheduled", "other") and name in self.on:
            identity = f"{event}-{name}-{self.minute}"
            batch = None if self.batch is None else f"{event}-{self.minute}"
            self.last[name] = job(
                identity, name, made=self.minute, status=word, batch_id=batch, is_one_off=event == "other"
            )
        elif event == "off":
            self.on.discard(name)
            self.last[name] = None if word == "queued" else newest
        elif event == "on":
            self.on.add(name)

    def answer(self, missing: str | None = None) -> tuple[ModelRow, ...]:
        """What the list shows now, maybe without one of the models."""
        return rows(
            *(
                model(name, newest, is_read_enabled=name in self.on)
                for name, newest in self.last.items()
                if name != missing
            )
        )


MODELS = ["invoices", "payments", "customers"]
events = st.tuples(
    st.sampled_from(["moves", "moves", "moves", "scheduled", "other", "off", "on", "look", "look", "old look", "gap"]),
    st.sampled_from(MODELS),
    st.sampled_from(["queued", "running", "pending_retry", "a_new_word", *ENDS]),
    st.integers(0, 30),
)


@given(batch=st.sampled_from([BATCH, None]), story=st.lists(events, max_size=40))
def test_no_story_turns_an_end_back_or_takes_another_runs_outcome_for_ours(
    batch: str | None, story: list[tuple[str, str, str, int]]
) -> None:
    server = Server(batch)
    parts = asked(*server.requested(MODELS))
    sync_id = batch or "ours-invoices"
    answers = [server.answer()]
    for event, name, word, number in [*story, ("look", "", "", 0)]:
        if event not in ("look", "old look", "gap"):
            server.happens(event, name, word)
            answers.append(server.answer())
            continue
        shown = (
            answers[number % len(answers)] if event == "old look" else server.answer(name if event == "gap" else None)
        )
        before, parts = parts, look(sync_id, parts, shown, whole=True)

        assert [part.job.id for part in parts] == [f"ours-{name}" for name in MODELS]
        for was, is_now in zip(before, parts, strict=True):
            assert is_now.job.status in server.ever[is_now.job.id]
            if was.phase.is_final:
                assert is_now == was
            if is_now.phase in (Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED):
                assert server.ever[is_now.job.id] & set(ENDS) == {is_now.job.status}
            assert (is_now.phase is Phase.LOST) == (is_now.note in (OVERTAKEN, SWITCHED_OFF))
            assert is_now.job.changed >= was.job.changed


@given(batch=st.sampled_from([BATCH, None]), story=st.lists(events, max_size=25))
def test_once_every_model_has_a_later_run_the_whole_is_over(
    batch: str | None, story: list[tuple[str, str, str, int]]
) -> None:
    server = Server(batch)
    parts = asked(*server.requested(MODELS))
    for event, name, word, _ in story:
        server.happens(event, name, word)
    for name in MODELS:
        server.happens("on", name, "")
        server.happens("scheduled", name, "running")
    parts = look(batch or "ours-invoices", parts, server.answer(), whole=True)

    assert all(part.phase is Phase.LOST for part in parts)


class TestMemory:
    """The syncs that are known here."""

    def test_a_sync_is_known_by_its_connection_and_its_id(self) -> None:
        memory, parts = Memory(), asked(ours())
        memory.keep("c1", BATCH, parts, whole=True)

        assert memory.of("c1", BATCH).parts == parts
        assert memory.of("c1", BATCH).whole
        assert memory.of("c2", BATCH).parts == ()
        assert memory.syncs_of_jobs("c1") == {"ours": BATCH}
        assert memory.syncs_of_jobs("c2") == {}

    def test_of_more_than_fit_those_are_forgotten_that_were_looked_at_longest_ago(self) -> None:
        memory = Memory(most=3)
        for number in (1, 2, 3, 1, 4):
            memory.keep("c1", f"s{number}", asked(job(f"j{number}", "invoices")), whole=True)

        assert len(memory) == 3
        assert [bool(memory.of("c1", f"s{number}").parts) for number in (1, 2, 3, 4)] == [True, False, True, True]
        assert memory.syncs_of_jobs("c1") == {"j1": "s1", "j3": "s3", "j4": "s4"}

    def test_it_holds_five_hundred(self) -> None:
        memory = Memory()
        for number in range(600):
            memory.keep(f"c{number}", "s", asked(job(f"j{number}", "invoices")), whole=False)

        assert len(memory) == 500
        assert memory.syncs_of_jobs("c99") == {}
        assert memory.syncs_of_jobs("c100") == {"j100": "s"}
