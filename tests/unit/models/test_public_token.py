"""Taking the public token out of what a person pastes."""

from __future__ import annotations

import pytest

from tui_app.models.public_token import public_token_in

TOKEN = "pub_tkn_5SvqS3E1iTTl8Hn4eLgTNpqZ4iGU7Cm2"


@pytest.mark.parametrize(
    "pasted",
    [
        TOKEN,
        f"  {TOKEN}\n",
        f'"{TOKEN}"',
        f"https://ours.example/done?token={TOKEN}",
        f"https://ours.example/done?state=7&token={TOKEN}&x=1#top",
        f"https://ours.example/done#token={TOKEN}",
        f"<https://ours.example/?token={TOKEN}>",
        f"?token={TOKEN}",
        f"token={TOKEN}",
        f"https://ours.example/?token={TOKEN.replace('_', '%5F')}",
    ],
)
def test_a_token_is_found_by_itself_and_in_an_address(pasted: str) -> None:
    assert public_token_in(pasted) == TOKEN


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "  ",
        "https://ours.example/done",
        "https://ours.example/?state=7",
        "https://ours.example/?token=",
        "?mytoken=x",
    ],
)
def test_where_there_is_none_nothing_is_made_up(pasted: str) -> None:
    assert public_token_in(pasted) == ""


def test_a_text_that_is_no_address_is_left_to_be_judged() -> None:
    assert public_token_in("sk_prod_1") == "sk_prod_1"
