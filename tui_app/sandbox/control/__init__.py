"""The control path: the server's clock and its scenarios over HTTP, apart from the APIs that it simulates."""

PREFIX = "/sandbox"
