"""The embedded server keeps to what it says of itself, whatever it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import Case

from tests.contract.sandbox_attack import SETTINGS, START, Target, config, running_target
from tui_app.sandbox.clock import VirtualClock, to_ms
from tui_app.sandbox.store import Store
from tui_app.sandbox.web import build_api

store = Store(1, 0, to_ms(START), VirtualClock(START, 0))
description = schemathesis.openapi.from_dict(build_api(store, lambda: None).openapi(), config=config())


@pytest.fixture
def target() -> Iterator[Target]:
    with running_target() as target, target.listening():
        yield target


@description.parametrize()
@SETTINGS
def test_every_operation_keeps_to_the_servers_own_description(case: Case[Any], target: Target) -> None:
    target.attack(case, target.sandbox.announcement.terminal_url.removesuffix("/tsp/v1"))
