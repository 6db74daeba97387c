"""The control path: the server's clock, scenarios and faults over HTTP, apart from the APIs that it simulates."""

PREFIX = "/sandbox"
