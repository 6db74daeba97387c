"""No secret gets into the log: by its shape, by its name, by its value wherever somebody holds it."""

from __future__ import annotations

import gc
import time

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from tui_app.logs.redaction import safe_line, safe_traceback, safe_words
from tui_app.models.connection import ConnectionDraft
from tui_app.models.known_secrets import KNOWN

KEY = "sk_prod_4eC39HqLyjWDarjtT1zdp7dc"
ODD = 'tr0ub4dor&3 "quoted" ünd'


def traceback_of(raising: object, *arguments: object) -> str:
    try:
        raising(*arguments)  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked at
        return safe_traceback(error) + safe_words(error)
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    "text",
    [
        "it said {}",
        "GET /x?api_key={}",
        "{{'Authorization': 'Bearer {}'}}",
        '{{"password": "{}"}}',
        "X-Api-Key: {}",
        "client_secret={} and more",
    ],
)
def test_a_key_or_what_stands_behind_a_secrets_name_is_masked(text: str) -> None:
    for secret in (KEY, "nothing-in-its-shape-tells") if "said" not in text else (KEY,):
        shown = safe_line(text.format(secret))
        assert secret not in shown
        assert "•" in shown


def test_what_somebody_holds_is_masked_as_long_as_it_is_held() -> None:
    held = SecretStr(ODD)
    KNOWN.add(held, lambda kept: [kept.get_secret_value()])
    for form in (ODD, repr(ODD), ODD.replace('"', '\\"'), "tr0ub4dor%263%20%22quoted%22%20%C3%BCnd"):
        assert "tr0ub4dor" not in safe_line(f"x {form} y")
    gc.collect()  # what others held and let go of is no part of this
    before = len(KNOWN)
    del held
    gc.collect()
    assert len(KNOWN) == before - 1
    assert "tr0ub4dor" in safe_line(ODD)


class _Holder:
    __module__ = "tui_app.somewhere"

    def __init__(self) -> None:
        self.draft = ConnectionDraft(provider="x", credentials={"a": SecretStr(ODD)})


def _local_text() -> None:
    password = ODD
    raise ValueError(f"bad: {password}")


def _local_secret() -> None:
    given = SecretStr(ODD)
    raise KeyError(given.get_secret_value())


def _in_a_table() -> None:
    headers = {"X-Api-Key": ODD, "Accept": "anything"}
    raise ValueError(str(headers))


def _in_an_object() -> None:
    holder = _Holder()
    raise ValueError(holder.draft.credentials["a"].get_secret_value())


def _as_a_cause() -> None:
    try:
        _local_text()
    except ValueError as error:
        raise RuntimeError("later") from error


def _in_a_group() -> None:
    try:
        _local_secret()
    except KeyError as error:
        raise ExceptionGroup("several", [error]) from None


@pytest.mark.parametrize("raising", [_local_text, _local_secret, _in_a_table, _in_an_object, _as_a_cause, _in_a_group])
def test_what_the_variables_of_an_error_hold_is_masked_in_what_it_says(raising: object) -> None:
    shown = traceback_of(raising)
    assert "tr0ub4dor" not in shown
    assert getattr(raising, "__name__", "?") in shown  # the function, not its variables
    assert "anything" not in shown or raising is _in_a_table


def test_what_a_validation_quotes_is_left_out() -> None:
    class Model(BaseModel):
        count: int

    def validate() -> None:
        Model.model_validate({"count": "x" * 30 + KEY + "y" * 30})

    with pytest.raises(ValidationError) as caught:
        validate()
    assert "xxx" in str(caught.value)
    shown = safe_traceback(caught.value)
    assert "xxx" not in shown
    assert "yyy" not in shown
    assert "unable to parse string as an integer" in shown


def test_an_error_that_cannot_be_told_is_told_by_its_name() -> None:
    class BadError(Exception):
        def __str__(self) -> str:
            raise RuntimeError(KEY)

    def bad() -> None:
        raise BadError

    assert "BadError" in traceback_of(bad)
    assert KEY not in traceback_of(bad)


def test_an_error_without_end_has_one() -> None:
    def deeper(number: int) -> None:
        deeper(number + 1)

    shown = traceback_of(deeper, 0)
    assert "RecursionError" in shown
    assert len(shown) < 50_000


def test_code_that_names_secrets_stays_readable() -> None:
    shown = traceback_of(_local_text)
    assert "password = ODD" not in shown or "•" not in shown.split("password = ODD")[0]
    assert 'raise ValueError(f"bad: {password}")' in shown


@pytest.mark.parametrize("word", ["x", "token", "input_value=", "password ", "sk_", "a-", "key='", "é"])
def test_a_long_text_takes_no_longer_than_its_length_tells(word: str) -> None:
    def seconds(length: int) -> float:
        text = (word * length)[:length]
        began = time.perf_counter()
        safe_line(text)
        return time.perf_counter() - began

    assert seconds(400_000) < max(100 * seconds(20_000), 1.0)  # twenty times the text; a quadratic one takes 400 times
