"""Names that fleets could have: enough of them, all different, none of them silly."""

from __future__ import annotations

from tui_app.sandbox.ids import Draw

# What a small demo shows comes from here: a mix of lengths, scripts and accents.
FAMILIAR = (
    "Frank's Trucking", "Prairie Lines", "Coyote Ridge Haulage", "Transport Trépanier", "Nuñez & Sons Freight",
    "Blue Heron Logistics", "Gulf Coast Cartage", "Lindqvist Åkeri", "Red Clay Transfer", "Okanagan Bulk Carriers",
    "Steel City Express", "Mendoza Refrigerated", "Three Rivers Intermodal", "Harbor & Main Delivery",
    "Pine Barrens Aggregate", "Kowalski Tank Lines", "Sawtooth Timber Hauling", "Déménagements Beauséjour",
    "Copper Basin Freight", "Northern Lights Courier", "Papa's Produce", "Big Sky Livestock Transport",
    "Ödegaard Fisk & Frys", "Magnolia Moving & Storage",
)  # fmt: skip
SURNAMES = (
    "Abbott", "Alvarez", "Anderson", "Bauer", "Beaulieu", "Bergström", "Boudreau", "Brooks", "Calloway", "Castillo",
    "Chen", "Côté", "Cruz", "Dawson", "Delgado", "Dubois", "Eklund", "Ellison", "Fischer", "Flores", "Foster",
    "Gagnon", "García", "Gibson", "Gupta", "Hansen", "Hernández", "Hoffman", "Ibarra", "Iversen", "Jensen", "Jiménez",
    "Kaur", "Keller", "Kim", "Lafleur", "Larsen", "López", "Mackenzie", "Maddox", "Moreau", "Müller", "Nakamura",
    "Novak", "O'Brien", "Olsen", "Ortega", "Park", "Pelletier", "Petrov", "Quinn", "Ramírez", "Reyes", "Rossi",
    "Sandoval", "Schmidt", "Singh", "Sørensen", "Tanaka", "Thibault", "Torres", "Underwood", "Vargas", "Vogel",
    "Walker", "Whitaker", "Wójcik", "Yáñez", "Young", "Zimmerman",
)  # fmt: skip
PLACES = (
    "Amarillo", "Appalachian", "Badlands", "Bayou", "Bear River", "Big Bend", "Black Hills", "Bluegrass", "Boreal",
    "Bow Valley", "Cascade", "Catskill", "Chesapeake", "Cimarron", "Columbia", "Cumberland", "Dakota", "Delta",
    "Driftless", "Eastern Shore", "Erie", "Finger Lakes", "Flint Hills", "Fraser", "Gateway", "Glacier", "Golden Gate",
    "Great Basin", "Great Plains", "Green Mountain", "High Desert", "Hudson", "Huron", "Kootenay", "Lakehead",
    "Laurentian", "Mesa Verde", "Midland", "Mojave", "Monadnock", "Niagara", "Northwoods", "Ohio Valley", "Ozark",
    "Palouse", "Panhandle", "Peace River", "Piedmont", "Platte", "Rio Grande", "Rocky Ford", "Saguenay", "Salish",
    "San Joaquin", "Sandhills", "Shenandoah", "Sierra", "Snake River", "Sonora", "Superior", "Susquehanna", "Tidewater",
    "Tri-County", "Wabash", "Willamette", "Wind River", "Yukon",
)  # fmt: skip
TRADES = (
    "Trucking", "Transport", "Freight", "Logistics", "Haulage", "Cartage", "Express", "Lines", "Carriers", "Delivery",
    "Distribution", "Drayage", "Hauling", "Motor Freight", "Transfer", "Tank Lines", "Refrigerated", "Heavy Haul",
    "Courier", "Bulk Transport", "Leasing", "Waste Services", "Concrete", "Produce", "Building Supply", "Fuel & Oil",
    "Field Services", "Towing", "School Buses", "Paving",
)  # fmt: skip
OWNERS = ("{}", "{} & Sons", "{} Bros.", "{} Family")
FIRST_NAMES = (
    "Aaliyah", "Amir", "André", "Carlos", "Chloé", "Dana", "Elena", "Farah", "George", "Hannah", "Inés", "Jamal",
    "José", "Kerry", "Leïla", "Marcus", "Mei", "Noah", "Olga", "Priya", "Rosa", "Søren", "Tamika", "Victor", "Wei",
    "Zoë",
)  # fmt: skip

_COMPOSED = len(SURNAMES) * len(TRADES) * len(OWNERS) + len(PLACES) * len(TRADES)
# Coprime to their number, so that stepping by it meets every name once before any comes back.
_STRIDE = 7_919


def company_name(seed: int, index: int) -> str:
    """Return the name of a fleet's company number `index`; different for every number of the same seed."""
    if index < len(FAMILIAR):
        return FAMILIAR[(index + seed - 1) % len(FAMILIAR)]
    turn, place = divmod(index - len(FAMILIAR), _COMPOSED)
    name = _compose((place * _STRIDE + Draw("companies", seed).between(0, _COMPOSED - 1)) % _COMPOSED)
    return name if turn == 0 else f"{name} No. {turn + 1}"


def _compose(number: int) -> str:
    number, trade = divmod(number, len(TRADES))
    if number < len(PLACES):
        return f"{PLACES[number]} {TRADES[trade]}"
    owner, surname = divmod(number - len(PLACES), len(SURNAMES))
    return f"{OWNERS[owner].format(SURNAMES[surname])} {TRADES[trade]}"
