"""No byte of a history file tells a secret, whatever a server repeats."""

from __future__ import annotations

from pathlib import Path

from tests.screens.canary import KEY, ODD_KEY, PASSWORD, PUBLIC_TOKEN, SECRETS, TOKEN, Canaries
from tests.unit.history.bench import CONNECTION, SYNC, at, issue, kept_in, row, seen, unseen
from tui_app.history.encoding import Mask
from tui_app.logs.redaction import masker
from tui_app.models.known_secrets import KNOWN
from tui_app.models.problem import Problem, ProblemKind

ODD_TOKEN = "Zt7-Jw3_Rb8.Lc5+Hn9=Ds4/Vf6"


class Holder:
    """Has secrets in use that look like none."""

    def __init__(self, *secrets: str) -> None:
        self.secrets = secrets
        KNOWN.add(self, lambda holder: holder.secrets)


def all_bytes(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


def test_what_a_careless_server_repeats_is_masked_in_every_byte(tmp_path: Path) -> None:
    words = f"refused {TOKEN} with {KEY} and {PASSWORD}, {ODD_KEY}; {PUBLIC_TOKEN}. {ODD_TOKEN}"
    echo = {
        "headers": {"Authorization": f"Bearer {KEY}", PASSWORD: "1"},
        "words": [words, {"password": "hunter2hunter2"}],
    }
    holder = Holder(PASSWORD, ODD_KEY)
    history = kept_in(tmp_path / "history.db", masks=masker)
    history.record(
        seen(0, failureReason=words, debug=echo, issues=[issue(error={"code": "x", "message": words}).to_json()]),
        token=ODD_TOKEN,
    )
    problem = Problem(ProblemKind.SERVER, words, words, words, 500, words, words, words)
    history.record(unseen(1, problem), token=ODD_TOKEN)
    careless = row(
        token=ODD_TOKEN,
        externalId=words,
        credentials={"password": "hunter2hunter2"},
        linkUrl=f"https://x/?t={TOKEN}",
        debug=echo,
    )
    history.keep_fleet([careless], at(0))
    del holder  # who lets go of a secret before it is written has had it masked all the same
    assert len(history.observations(CONNECTION, SYNC)) == 2
    (kept,) = history.fleet().rows
    assert kept.connection.link_url is None  # a masked address leads nowhere
    found = all_bytes(tmp_path)
    history.close()
    found += all_bytes(tmp_path)
    assert "refused" in found
    assert Canaries(SECRETS | {"the odd token": ODD_TOKEN}).told(found) == []
    assert "hunter2" not in found


def test_what_is_named_like_a_secret_is_not_kept_at_all(tmp_path: Path) -> None:
    history = kept_in(tmp_path / "history.db", masks=masker)
    history.record(seen(0, id=KEY))
    history.keep_fleet([row(id=TOKEN)], at(0))
    history.watch(CONNECTION, KEY, at(0))
    history.flush()
    found = all_bytes(tmp_path)
    history.close()
    assert Canaries(SECRETS).told(found + all_bytes(tmp_path)) == []


def test_the_search_finds_a_secret_that_is_kept(tmp_path: Path) -> None:
    def careless() -> Mask:
        return lambda text: text

    history = kept_in(tmp_path / "history.db", masks=careless)
    history.record(seen(0, words=PASSWORD))
    history.close()
    assert Canaries(SECRETS).told(all_bytes(tmp_path)) == ["the password"]
