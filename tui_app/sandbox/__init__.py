"""The embedded server: a simulated fleet of connections whose syncs move on a virtual clock.

It is a server of its own and shares nothing with the client side of the project, so that a mistake in reading an API
cannot hide by being made twice. `tui_app.sandbox.server.Sandbox` is all that others need.

Where the simulated API is not documented, the server does this:

- Any password or API key that is the word `wrong` is answered with 422 `invalid_credentials`.
- A new connection for an account that an earlier new one stands for is not made: the earlier one is returned (201), and
  is connected again if it was not. An account is a provider and its credentials without the secrets among them.
- A connection made by a client syncs when it is asked to and at no other time, even if it is automatic or was made with
  a backfill; the backfill settles from when on its first sync reads.
- The first requested sync of a connection completes within 8 to 15 virtual minutes; of a new connection, it brings up
  one issue midway. Of later ones, one in seven fails, and one that asks something of the provider waits for days; a
  first one waits for the provider within its own time.
- A sync can only be requested while its connection is connected; else the answer is 400. While another is under way,
  and automatic ones count, it is 409. An automatic turn is passed over while a requested sync runs.
- `days` beats `startFrom`, reaches no further back than 1970, and may be a fraction; `startFrom` must not be ahead.
- `progress` is absent before the work starts, and for providers that tell none; `attempts` is 0 before the work starts;
  `completedAt` belongs to completed syncs only; `providerRequests` is empty once the provider has delivered.
- Syncs and issues are listed newest first, connections by creation. Pages hold 100 rows by default and 1,000 at most.
- The token of a connection that is being deleted, or was, opens nothing (403); so does a token of the wrong shape.
- A missing key is noticed before anything else, also on paths that do not exist.
"""
