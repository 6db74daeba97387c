"""Each known provider's credentials are asked for field by field."""

from __future__ import annotations

import pytest

from tui_app.api.credentials import CredentialForm, fields_for, known_providers, wire_value


def one(code: str) -> CredentialForm:
    """The form of a provider that has one."""
    forms = fields_for(code)
    assert forms is not None
    (form,) = forms
    return form


def names(form: CredentialForm) -> list[str]:
    """The names of a form's fields, the optional ones with a question mark."""
    return [field.name + ("" if field.required else "?") for field in form.fields]


def test_every_provider_of_the_description_is_there() -> None:
    assert len(known_providers()) == 273


@pytest.mark.parametrize("code", known_providers())
def test_every_form_asks_for_something_and_hides_what_is_secret(code: str) -> None:
    for form in fields_for(code) or ():
        assert form.label
        assert any(field.required for field in form.fields)
        assert len({field.name for field in form.fields}) == len(form.fields)
        for field in form.fields:
            assert field.label
            assert field.secret == any(
                word in field.name.lower() for word in ("password", "secret", "key", "code", "token")
            )


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("sandbox", ["username", "password"]),
        ("geotab", ["username", "password", "database?"]),
        ("blue-star-eld", ["username", "password", "apiKey"]),
        ("ai-eld", ["clientId", "clientSecret"]),
        ("first-eld", ["apiKey"]),
        ("verizon", ["username", "password", "companyName?", "companyDotNumber?"]),
        ("netradyne", ["tenantName", "clientId?", "clientSecret?"]),
    ],
)
def test_a_provider_has_exactly_its_fields(code: str, fields: list[str]) -> None:
    assert names(one(code)) == fields


@pytest.mark.parametrize("code", ["motive", "samsara"])
def test_some_providers_take_one_of_three_secrets(code: str) -> None:
    forms = fields_for(code)

    assert forms is not None
    assert [names(form) for form in forms] == [["code"], ["refresh_token"], ["apiKey"]]
    assert [form.label for form in forms] == ["Authorization Code", "Refresh Token", "API Key"]


def test_isaac_takes_a_signing_form_or_an_integration() -> None:
    forms = fields_for("isaac")

    assert forms is not None
    signing, integration = forms
    assert (signing.label, integration.label) == ("Signing form", "Integration form")
    assert len(signing.fields) == 8
    assert [field.label for field in integration.fields] == [
        "Integration Username",
        "Integration Password",
        "Authorization Code",
    ]


def test_a_field_is_labelled_as_its_provider_calls_it() -> None:
    assert one("people-net").fields[0].label == "Company ID"
    assert one("geotab").fields[2].placeholder == "optional"


@pytest.mark.parametrize("code", ["unheard-of", "", "GEOTAB"])
def test_a_provider_that_is_not_known_has_no_form(code: str) -> None:
    assert fields_for(code) is None


@pytest.mark.parametrize(
    ("code", "name", "value", "sent"),
    [
        ("verizon", "companyDotNumber", "1234567", 1234567),
        ("verizon", "companyDotNumber", " 42 ", 42),
        ("verizon", "companyDotNumber", "12a", "12a"),
        ("verizon", "companyDotNumber", "-1", "-1"),
        ("verizon", "companyDotNumber", "٣", "٣"),
        ("verizon", "companyDotNumber", "9" * 5000, "9" * 5000),
        ("verizon", "password", "1234567", "1234567"),
        ("unheard-of", "companyDotNumber", "1234567", "1234567"),
    ],
)
def test_a_number_is_sent_as_one_and_nothing_else_is(code: str, name: str, value: str, sent: str | int) -> None:
    assert wire_value(code, name, value) == sent
