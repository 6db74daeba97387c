"""Asks the system's keyring one thing. Run as a process of its own; reads the question and prints the answer, as JSON.

It imports nothing of Syncscope: it is run by its path, with nothing but the keyring library beside it.
"""

from __future__ import annotations

import json
import sys


def ask(question: dict[str, str]) -> dict[str, object]:
    """Do what is asked, and tell what came of it; never raises."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return {"failure": "not installed"}
    service, user = question["service"], question["user"]
    try:
        found = keyring.get_keyring()
        key = None
        if question["act"] == "get":
            key = found.get_password(service, user)
        elif question["act"] == "set":
            found.set_password(service, user, question["key"])
        else:
            found.delete_password(service, user)
    except keyring.errors.NoKeyringError:
        return {"failure": "none"}
    except keyring.errors.KeyringLocked:
        return {"failure": "locked"}
    except Exception as error:  # noqa: BLE001 - a backend is anybody's code and raises anything
        return {"failure": type(error).__name__, "words": str(error)}
    return {"name": found.name, "key": key}


def main() -> None:
    """Answer one question."""
    answer_to, sys.stdout = sys.stdout, sys.stderr  # a backend that prints does not spoil the answer
    answer = ask(json.load(sys.stdin))
    answer_to.write(json.dumps(answer))


if __name__ == "__main__":
    main()
