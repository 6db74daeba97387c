"""Stuut's integrations API, as far as it is simulated: connections of accounting systems, and a job for each model."""

PREFIX = "/v2/integrations"
