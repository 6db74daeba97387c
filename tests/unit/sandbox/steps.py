"""Steps that several tests take: making connections, looking at syncs and issues."""

from __future__ import annotations

from typing import Any

import httpx

from tui_app.sandbox.server import Sandbox

LOGIN = {"provider": "geotab", "credentials": {"username": "dispatch", "password": "secret"}}
Token = dict[str, str]


def make(api: httpx.Client, **more: Any) -> Token:
    """Make a connection and return the header that opens it."""
    answer = api.post("/connections", json={**LOGIN, **more})
    assert answer.status_code == 201, answer.text
    return {"Connection-Token": answer.json()["token"]}


def ask(api: httpx.Client, token: Token, **body: Any) -> str:
    """Request a sync and return its id."""
    answer = api.post("/syncs", headers=token, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def look(api: httpx.Client, token: Token, sync_id: str) -> dict[str, Any]:
    """Read a sync."""
    answer = api.get(f"/syncs/{sync_id}", headers=token)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def done(answer: httpx.Response, status: int = 200) -> Any:
    """Return the body of an answer that has to grant."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: httpx.Response, status: int, code: str) -> Any:
    """Return the body of an answer that has to refuse."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["code"] == code
    return body


def in_state(sandbox: Sandbox, api: httpx.Client, status: str) -> tuple[Token, str]:
    """Return a connection's header and a sync of it in the given state."""
    token = make(api)
    sync_id = ask(api, token)
    if status == "failed":
        sandbox.clock.advance(300)
        done(api.post(f"/syncs/{sync_id}/cancel", headers=token))
    sandbox.clock.advance({"requested": 0, "in_progress": 300, "completed": 900, "failed": 0}[status])
    assert look(api, token, sync_id)["status"] == status
    return token, sync_id
