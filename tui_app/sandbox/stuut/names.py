"""Names of companies that sell on account. None of them is known to exist."""

from __future__ import annotations

from tui_app.sandbox.ids import Draw

NAMES = (
    "Brightwater Foods", "Halvorsen Industrial Supply", "Juniper & Vale Textiles", "Castellane Medical",
    "Northgate Paper & Packaging", "Oakhurst Building Materials", "Pell Street Coffee Roasters", "Quillon Electronics",
    "Redfern Plumbing Wholesale", "Sorrento Tile & Stone", "Tamarind Spice Trading", "Umberfield Dairy",
    "Varga Precision Tools", "Westmere Chemicals", "Yarrow Botanicals", "Zephyr Climate Systems", "Ashdown Fasteners",
    "Belmarsh Marine Parts", "Cobalt Ridge Steel", "Dunmore Office Interiors", "Élan Cosmétiques", "Fjordline Seafood",
    "Greystone Lab Supplies", "Hollis & Crane Publishing",
)  # fmt: skip


def trading_name(seed: int, index: int) -> str:
    """Return the name of a fleet's company number `index`; different for every number of the same seed."""
    # A fleet is smaller than this list, so that going round in it repeats nothing.
    return NAMES[(index + Draw("stuut companies", seed).between(0, len(NAMES) - 1)) % len(NAMES)]
