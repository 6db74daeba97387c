"""How many requests per second a client allows itself where nobody says otherwise."""

from __future__ import annotations

BUDGET = 40.0
"""A tenth of what the API allows all the programs of an account together, and enough to ask each of forty connections
within a second: what a person in support waits for."""
