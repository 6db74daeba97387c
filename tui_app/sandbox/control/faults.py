"""The control path's operations on faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Response

from tui_app.sandbox.control import PREFIX
from tui_app.sandbox.control.bodies import FaultBody, FaultName
from tui_app.sandbox.control.refusals import object_or_none, unknown_fault, unprocessable
from tui_app.sandbox.control.schema import answers
from tui_app.sandbox.faults import FAULTS, BadFault, FaultSet, NoFault, named
from tui_app.sandbox.faults.board import Faults, changed, settings_of
from tui_app.sandbox.faults.operations import GROUPS, names
from tui_app.sandbox.serving import add_routes, answer


class FaultsApi:
    """The operations. What they change is not kept over a restart, so that there is nothing to write down."""

    def __init__(self, faults: Faults) -> None:
        """Answer from a server's faults."""
        self._faults = faults

    def add_to(self, app: FastAPI) -> None:
        """Add the routes to an application."""
        one = "/faults/{name}"
        add_routes(
            app,
            PREFIX,
            ("GET", "/faults", self.list_faults, "listFaults", answers("Faults")),
            ("DELETE", "/faults", self.end_all, "endFaults", answers("FaultsOn")),
            ("PUT", one, self.put, "setFault", answers("FaultOn", 200, 400, 404, 422)),
            ("DELETE", one, self.end, "endFault", answers("FaultsOn", 200, 404)),
        )

    async def list_faults(self) -> Response:
        """List the faults that there are, and those that are on."""
        listed = [
            {
                "name": fault.name,
                "title": fault.title,
                "what": fault.what,
                "supportSees": fault.support_sees,
                "kinds": list(fault.kinds),
                "settings": list(fault.settings),
                "operations": [*GROUPS, *names(*fault.kinds)],
                "on": self._faults.find(fault.name) is not None,
            }
            for fault in FAULTS
        ]
        return answer({"faults": listed, "on": faults_json(self._faults.on)})

    async def put(
        self,
        name: FaultName,
        body: Annotated[FaultBody | None, Body()] = None,
        checked: Annotated[None, Depends(object_or_none)] = None,
    ) -> Response:
        """Switch a fault on, or set it anew."""
        try:
            wanted = FaultSet(named(name))
            if body is not None:
                sent = body.model_dump(exclude_none=True, by_alias=True)
                rate, operations = sent.pop("rate", wanted.rate), sent.pop("operations", wanted.operations)
                wanted = replace(changed(wanted, sent), rate=rate, operations=tuple(dict.fromkeys(operations)))
            self._faults.put(wanted)
        except NoFault as error:
            raise unknown_fault(str(error)) from error
        except BadFault as error:
            raise unprocessable(str(error)) from error
        return answer(_on_json(wanted))

    async def end(self, name: FaultName) -> Response:
        """Switch a fault off; one that is off stays so."""
        try:
            self._faults.end(named(name).name)
        except NoFault as error:
            raise unknown_fault(str(error)) from error
        return answer({"on": faults_json(self._faults.on)})

    async def end_all(self) -> Response:
        """Switch all faults off."""
        self._faults.end_all()
        return answer({"on": []})


def faults_json(on: Iterable[FaultSet]) -> list[dict[str, Any]]:
    """Return faults that are on."""
    return [_on_json(each) for each in on]


def _on_json(known: FaultSet) -> dict[str, Any]:
    told = {"name": known.fault.name, "rate": known.rate, "operations": list(known.operations)}
    return told | settings_of(known)
