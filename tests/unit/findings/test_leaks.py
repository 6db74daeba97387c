"""The leak check: every secret in every writing of it, every shape, in every file; and what is masked is no leak."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from tui_app.findings.bundle.layout import CONTENTS, MANIFEST
from tui_app.findings.leaks import Leak, find_leaks
from tui_app.findings.markdown import escaped
from tui_app.models.text import mask

ODD = 'Kv5Dq8Hs2/Zx"7Wc4=Jn9 é<Fb6>'
PLAIN = "correct-horse-battery"
HOLDS = "a secret that Syncscope holds"

WRITINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: secret,
    "in an address": lambda secret: quote(secret, safe=""),
    "in an address, slashes left": lambda secret: quote(secret),
    "in a form": quote_plus,
    "in an address, in small letters": lambda secret: (
        quote(secret, safe="").lower() if secret == PLAIN else quote(secret)
    ),
    "twice in an address": lambda secret: quote(quote(secret, safe=""), safe=""),
    "in JSON": lambda secret: json.dumps({"x": secret}),
    "in JSON, ASCII left out": lambda secret: json.dumps({"x": secret}, ensure_ascii=False),
    "in JSON in JSON": lambda secret: json.dumps({"text": json.dumps({"x": secret})}),
    "in JSON in JSON in JSON": lambda secret: json.dumps([json.dumps([json.dumps([secret])])]),
    "in JSON, every character escaped": lambda secret: '"' + "".join(f"\\u{ord(each):04x}" for each in secret) + '"',
    "in HTML": html.escape,
    "in HTML, by numbers": lambda secret: "".join(f"&#{ord(each)};" for each in secret),
    "in Markdown": escaped,
    "in Python": repr,
    "in base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "in base64 for addresses": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "in base64, behind a name": lambda secret: base64.b64encode(f"fleet:{secret}".encode()).decode(),
    "in base64, behind another": lambda secret: base64.b64encode(f"me:{secret}!".encode()).decode(),
    "in base64, amid a line": lambda secret: base64.b64encode(f'{{"a":"{secret}","b":1}}'.encode()).decode(),
    "in hexadecimal": lambda secret: secret.encode().hex(),
    "in large hexadecimal": lambda secret: secret.encode().hex().upper(),
}


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("secret", [ODD, PLAIN], ids=["odd", "plain"])
def test_a_known_secret_is_found_however_it_is_written(secret: str, writing: str) -> None:
    written = WRITINGS[writing](secret)
    content = f"before {written} after".encode()
    assert find_leaks({"a.txt": content}, [secret]) == [Leak("a.txt", HOLDS)]
    assert find_leaks({"a.txt": content}, ["something-else-entirely"]) == []


def test_a_known_secret_is_found_in_utf_16() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert find_leaks({"a": f"x {PLAIN} y".encode(encoding)}, [PLAIN]) == [Leak("a", HOLDS)]


# Each with a text that says nothing secret but has much of it.
SHAPES: tuple[tuple[str, str, str], ...] = (
    ("an API key", "sk_prod_4eC39HqLyjWDarjtT1zdp7dc", "sk_prod_…"),
    ("an API key", "pk_sandbox_4eC39HqLyjWDarjtT1zdp7dc", mask("pk_sandbox_4eC39HqLyjWDarjtT1zdp7dc")),
    ("an API key", "sk_staging_4eC39HqLyj", "disk_usage_low task_force_7 risk_live_data"),
    ("an API key", "sk_4eC39HqLyjWDarjtT1zdp7dc", "sk_usage"),
    ("a connection's token", "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4", mask("con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn")),
    ("a public token", "pub_tkn_Wq4Er9Ty2Ui7Op3As8", "pub_tkn_"),
    ("a public token", "pub_tknWq4Er9Ty2Ui7", "the pub_tkn is shown once"),
    ("a webhook's secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_••••••••"),
    ("a bearer token", "Bearer abc123def456", f"Bearer {mask('sk_sandbox_4eC39HqLyjWDarjtT1zdp7dc')}"),
    ("a bearer token", "authorization: bearer 0123456789abcdef", "Bearer authentication is required"),
    ("a name and password (Basic)", "Basic ZmxlZXQ6aHVudGVyMg==", "Basic information, Basic ••••••••"),
    ("a JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-x_y", "eyJhbGciOiJIUzI1NiJ9"),
    ("a private key", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----"),
    ("a private key", "-----BEGIN PRIVATE KEY-----", "a private key"),
    ("a password in an address", "https://fleet:hunter2@erp.example/x", "https://erp.example:8443/a@b?c=d:e@f"),
    ("a password in an address", "postgres://u:p@localhost/db", "https://fleet:••••••••@erp.example/"),
)


@pytest.mark.parametrize(("kind", "secret", "harmless"), SHAPES, ids=[shape[1][:24] for shape in SHAPES])
def test_whatever_is_shaped_like_a_secret_is_found_and_what_is_not_is_left(
    kind: str, secret: str, harmless: str
) -> None:
    for written in (secret, json.dumps([secret]), json.dumps(json.dumps([f"\n{secret}\n"])), escaped(secret)):
        assert Leak("r", kind) in find_leaks({"r": f"x {written} y".encode()}, []), written
    coded = base64.b64encode(f'{{"a": "{secret} b"}}'.encode())
    assert Leak("r", kind) in find_leaks({"r": coded}, [])
    for written in (harmless, json.dumps([harmless]), json.dumps(json.dumps([harmless])), escaped(harmless)):
        assert find_leaks({"r": f"x {written} y".encode()}, []) == [], written


@pytest.mark.parametrize("file", [MANIFEST, *CONTENTS])
def test_every_file_of_a_bundle_is_looked_through(file: str) -> None:
    files = dict.fromkeys((MANIFEST, *CONTENTS), b'{"nothing": "secret"}')
    assert find_leaks(files, [PLAIN]) == []
    files[file] = b'{"nothing": "' + PLAIN.encode() + b'"}'
    assert find_leaks(files, [PLAIN]) == [Leak(file, HOLDS)]


def test_names_of_files_are_looked_at_too() -> None:
    assert find_leaks({f"{PLAIN}.txt": b""}, [PLAIN]) == [Leak("a file's name", HOLDS)]


NAMED = (
    ({"password": "hunter2"}, "password"),
    ({"a": [{"clientSecret": "x1"}]}, "clientSecret"),
    ({"token": {"value": "x1"}}, "token"),
    ({"headers": [{"name": "X-Api-Key", "value": "plain"}]}, "X-Api-Key"),
    ({"queryString": [{"name": "key", "value": "plain"}]}, "key"),
    ({"Authorization": "Digest something"}, "Authorization"),
)


@pytest.mark.parametrize(("value", "name"), NAMED, ids=[name for _, name in NAMED])
def test_what_stands_in_json_under_a_secrets_name_is_found_unless_it_is_masked(value: object, name: str) -> None:
    told = [Leak("a.json", f"a value under “{name}”")]
    text = json.dumps(value)
    assert find_leaks({"a.json": text.encode()}, []) == told
    assert find_leaks({"a.json": f'{{"first": 1}}\n{text}\n'.encode()}, []) == told
    for plain in ("hunter2", "x1", "plain", "Digest something"):
        text = text.replace(f'"{plain}"', json.dumps(mask(plain)))
    assert find_leaks({"a.json": text.encode()}, []) == []


def test_a_short_secret_is_only_found_as_a_word_of_its_own() -> None:
    assert find_leaks({"a": b'the password is "demo7".'}, ["demo7"]) == [Leak("a", HOLDS)]
    assert find_leaks({"a": b"demo77 and xdemo7"}, ["demo7"]) == []
    assert find_leaks({"a": b"it is on"}, ["on"]) == []


def test_what_is_private_is_named_for_what_it_is() -> None:
    found = find_leaks({"a": b"cannot read /home/amir/ca.pem"}, [], {"/home/amir": "the path of your home folder"})
    assert [str(leak) for leak in found] == ["a: the path of your home folder"]


def test_no_finding_repeats_what_was_found() -> None:
    everything = {f"{number}.txt": shape[1].encode() for number, shape in enumerate(SHAPES)}
    told = " ".join(str(leak) for leak in find_leaks({**everything, "x": PLAIN.encode()}, [PLAIN]))
    assert not [shape for shape in SHAPES if shape[1] in told]
    assert PLAIN not in told


def test_broken_bytes_and_odd_escapes_are_looked_through_all_the_same() -> None:
    content = b"\xff\xfe\x00 \\ud800 %zz %f \\x \\u12 " + PLAIN.encode() + b" \\"
    assert find_leaks({"a": content}, [PLAIN]) == [Leak("a", HOLDS)]


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_a_secret_in_a_short_piece_of_base64_is_found_wherever_it_begins(before: str) -> None:
    coded = base64.b64encode(f"{before}tiger-509".encode()).decode().rstrip("=")
    assert len(coded) < 16
    assert find_leaks({"a": f"x {coded} y".encode()}, ["tiger-509"]) == [Leak("a", HOLDS)]
