"""What a notebook's page runs is built from what stands in `js`, and bears the licences of what it is built from."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

JS = Path(__file__).parents[2] / "js"
BUILT = Path(__file__).parents[2] / "tui_app/notebook/static"
SOURCES = ("build.js", "cell.css", "cell.js", "loader.js", "package.json")


def test_it_was_built_after_the_last_change() -> None:
    assert {path.name for path in JS.iterdir() if path.is_file()} == set(SOURCES)
    content = b"".join((JS / name).read_bytes() for name in SOURCES)
    assert (BUILT / "SOURCES.txt").read_text().strip() == sha256(content).hexdigest(), "run: make cell"


def test_every_package_in_it_has_its_licence_beside_it() -> None:
    packages = json.loads((JS / "package.json").read_text())["dependencies"]
    licences = (BUILT / "LICENCES.txt").read_text()
    assert packages
    assert all(f"{name} {version}\n" in licences for name, version in packages.items())
    assert licences.count("Permission is hereby granted, free of charge") == len(packages)


def test_versions_are_exact() -> None:
    package = json.loads((JS / "package.json").read_text())
    for version in (package["dependencies"] | package["devDependencies"]).values():
        assert version.replace(".", "").isdigit()


def test_it_loads_nothing_from_outside() -> None:
    for name in ("cell.js", "loader.js"):
        code = (BUILT / name).read_text()
        assert "fetch(" not in code
        assert "XMLHttpRequest" not in code
        assert "@import" not in code
        assert "url(http" not in code
