"""The text boundary: nothing that a terminal would obey gets through, and nothing else is touched."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.models.text import is_masked, mask, safe_block, safe_text

DOTS = "•" * 8

# Written out here on purpose, not taken from the code: what must never reach a terminal.
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F}
UNSEEN = {0xAD, 0x34F, 0x115F, 0x1160, 0x180B, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0x2064, 0x3164, 0xFE0F, 0xFEFF}
UNSEEN |= {0xFFA0, 0x1BCA0, 0x1D173, 0xE0001, 0xE0041, 0xE0100}
C0_AND_C1 = {*range(0x20), 0x7F, *range(0x80, 0xA0)}
NEVER = C0_AND_C1 | BIDI | UNSEEN | {0x2028, 0x2029, 0xD800, 0xDFFF}

hostile = st.text(st.one_of(st.characters(), st.sampled_from(sorted(map(chr, NEVER)))))


def obeyed(text: str) -> list[str]:
    """What of a text a terminal would obey, or hide."""
    kinds = {"Cc", "Cs", "Zl", "Zp"}
    return [c for c in text if ord(c) in NEVER or unicodedata.category(c) in kinds]


@given(hostile)
def test_no_control_character_of_any_kind_survives(text: str) -> None:
    assert obeyed(safe_text(text)) == []


@given(hostile)
def test_a_block_keeps_its_line_ends_and_no_other_control(text: str) -> None:
    shown = safe_block(text)
    assert obeyed(shown.replace("\n", "")) == []
    assert shown.count("\n") == text.count("\n")


@given(hostile)
def test_what_is_safe_already_stays_as_it_is(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)
    assert safe_block(safe_block(text)) == safe_block(text)


@given(hostile)
def test_safe_text_can_be_written_as_utf_8(text: str) -> None:
    safe_text(text).encode()
    safe_block(text).encode()


@given(st.text(st.characters(exclude_categories=["C", "Z", "Mn", "Lo"])))
def test_ordinary_words_are_not_touched(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize("code", sorted(NEVER), ids=lambda code: f"U+{code:04X}")
def test_each_dangerous_character_becomes_a_visible_one(code: int) -> None:
    shown = safe_text(f"a{chr(code)}b")
    assert shown[0] + shown[-1] == "ab"
    assert chr(code) not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]2;owned\x07", "␛]2;owned␇"),
        ("a\tb\nc\r", "a␉b␊c␍"),
        ("del\x7f", "del␡"),
        ("csi \x9b31m", "csi ‹009B›31m"),
        ("evil\u202etxt.exe", "evil‹202E›txt.exe"),
        ("[bold]not markup[/]", "[bold]not markup[/]"),
        ("Müller 株式会社 🚚", "Müller 株式会社 🚚"),
    ],
)
def test_what_is_dangerous_is_shown_as_what_it_is(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_tabs_in_a_block_become_spaces() -> None:
    assert safe_block("{\n\t1\n}") == "{\n    1\n}"


@given(hostile, st.integers(1, 40))
def test_a_limit_keeps_that_many_characters_and_says_that_there_were_more(text: str, limit: int) -> None:
    cut = text[: limit - 1] + "…" if len(text) > limit else text
    assert safe_text(text, limit) == safe_text(cut)
    assert safe_block(text, limit) == safe_block(cut)


@pytest.mark.parametrize(("limit", "shown"), [(3, "ab…"), (4, "abcd"), (1, "…"), (0, "…"), (None, "abcd")])
def test_a_limit_counts_the_ellipsis(limit: int | None, shown: str) -> None:
    assert safe_text("abcd", limit) == shown


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4", f"con_tkn_22vU{DOTS}"),
        ("sk_prod_4eC39HqLyjWDarjtT1zdp7dc", f"sk_prod_4eC3{DOTS}"),
        ("pk_sandbox_4eC39HqLyjWDarjtT1zdp7dc", f"pk_sandbox_4eC3{DOTS}"),
        ("sk_prod_short", f"sk_prod_{DOTS}"),
        ("hunter2", DOTS),
        ("a-long-password-without-a-prefix", DOTS),
        ("sk_letterslongerthananyenvironment_x", DOTS),
        ("", DOTS),
    ],
)
def test_a_mask_shows_a_public_prefix_and_four_characters_at_the_most(secret: str, shown: str) -> None:
    assert mask(secret) == shown


@given(st.text(min_size=16))
def test_a_mask_gives_away_four_characters_of_a_token_at_the_most(rest: str) -> None:
    shown = mask("con_tkn_" + rest)
    assert shown == f"con_tkn_{safe_text(rest[:4])}{DOTS}"


@given(st.text())
def test_a_mask_is_safe_to_show_and_never_tells_how_long_the_secret_is(secret: str) -> None:
    assert obeyed(mask(secret)) == []
    if not re.match(r"con_tkn_|pub_tkn_|[sp]k_", secret):
        assert mask(secret) == DOTS


@pytest.mark.parametrize("secret", ["hunter2", "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4", "sk_prod_short"])
def test_what_is_masked_is_known_to_be(secret: str) -> None:
    assert is_masked(mask(secret))
    assert not is_masked(secret)


@pytest.mark.parametrize("secret", [f"hunter2{DOTS}", f"con_tkn_22vUhkC6{DOTS}", f"sk_prod_12345{DOTS}", "••••"])
def test_a_secret_that_ends_in_dots_is_not_masked_yet(secret: str) -> None:
    assert not is_masked(secret)
