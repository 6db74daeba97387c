"""The embedded server: a simulated fleet of connections whose syncs move on a virtual clock.

It is a server of its own and shares nothing with the client side of the project, so that a mistake in reading an API
cannot hide by being made twice. `tui_app.sandbox.server.Sandbox` is all that others need.

It simulates two APIs on one port: Terminal's below `/tsp/v1`, and Stuut's integrations API below `/v2/integrations`
(the modules in `tui_app.sandbox.stuut`). Each has its own key and its own OpenAPI description. Apart from both, the
server itself is controlled below `/sandbox` (`tui_app.sandbox.control`), with Terminal's key.

Where Terminal's API is not documented, the server does this:

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
- A cancelled sync fails at once, with the failure reason "The sync was cancelled"; one that is over is not cancelled
  (422 `unprocessable_entity`).
- A retried sync keeps its id, its parameters and what was reached, is requested again, counts on in `attempts`, and
  completes within 8 to 15 virtual minutes. What did not fail is not retried, nor anything while another sync is under
  way (422 `unprocessable_entity`) or while the connection is not connected (422 `connection_disconnected`).
- An update changes what it names: `tags`, `options` and `filters` as a whole, of `company` each part by itself. It
  changes nothing if any part of it is refused. What is not known is ignored; null is refused, and so is any status but
  connected, archived and disconnected (400).
- To be made connected means that the provider is asked again: a connection that was disconnected by itself stays so
  (422 `connection_disconnected`, or, if it was archived meanwhile, disconnected) until its account is linked again; one
  that a client disconnected or archived is connected. A sync under way ends with the connection's being connected.
- An automatic connection that is made manual stops syncing by itself until it is made automatic again.
- A connection whose deletion was requested is `deleting` after 24 virtual hours and `deleted` after 39; to ask again
  changes nothing (202). Within the 24 hours the status `connected` takes it back, and every other change is refused
  (422 `unprocessable_entity`). Of a removed connection only what the published description requires is shown.
- A resolved issue is ongoing again from the moment at which a sync runs into it; an issue that is resolved, or was over
  by itself, is not resolved (422 `unprocessable_entity`), and the issues of a removed connection are not found.
- A short link leads to this server itself: `http://<its address>/link/<code>`. Whoever opens it in a browser chooses a
  provider, signs in with any account (the password `wrong` is turned down), and is shown a public token, or, if the
  link has a `redirectUrl`, is sent there with `token=<public token>`. A program posts
  `{"provider", "credentials"}` there as JSON, without a key, and is answered `{"publicToken", "redirectUrl"?}`; the
  provider may be left out where the link names one.
- Signing in makes the connection, or finds the account's earlier one, as POST /connections does; `name` becomes its
  company's name, and a backfill in days counts from then. A public token is good for one exchange and does not expire;
  one that is used up, or whose connection is gone, is not found (404).
- The page that a connection's `linkUrl` stands for is at `/connection/<id>?key=<publishable key>` of this server, and
  works alike: it connects the connection again, unless that is being deleted.
- A short link expires after 365 virtual days. The same body (none at all is like `{}`) brings the same link for as
  long as it is there. A deleted one is answered 204, and 404 from then on; its code, too. `provider` must be known;
  `providerHints` stand first on the page, and `template` changes nothing.
- A passthrough request meets a made-up provider, which always answers the same question alike: GET brings three
  records, named after the path, in the manner of the provider; one record where the path ends in a number; a table
  where it ends in `.csv`. Everything else echoes its body as `received`. The path `/status/<200 to 599>` is answered
  with that status. `headers` change nothing.
- Passthrough needs a connected connection (422 `connection_disconnected`) and a provider that is known and not
  deprecated (501). A status of 500 and more is told as 502, any other in the envelope; the raw operation tells every
  status of 300 and more in the envelope, with 200, and hands on the rest with its own type and status.
- `days` beats `startFrom`, reaches no further back than 1970, and may be a fraction; `startFrom` must not be ahead.
- `progress` is absent before the work first starts, and for providers that tell none; `attempts` is 0 until then;
  `completedAt` belongs to completed syncs only; `providerRequests` is empty once the provider has delivered.
- Syncs and issues are listed newest first, connections by creation. Pages hold 100 rows by default and 1,000 at most.
- The token of a connection that is being deleted, or was, opens nothing (403); so does a token of the wrong shape.
- A missing key is noticed before anything else, also on paths that do not exist.

Scenarios (`tui_app.sandbox.scenarios`) are played on Terminal's connections while the server runs. Of them it holds:

- Where no connection is chosen, a new one is made, of a company that the fleet has not yet; it syncs on request only.
- A scenario begins at once. On a connection that was disconnected or archived, or whose deletion was requested, that is
  over first; whatever else was to become of the connection's state does not. A sync under way fails, with the reason
  "The sync was ended because a scenario was started on its connection". Nothing is played on a connection that is
  deleting or deleted, nor on one whose token was revoked.
- All that will happen is settled at the beginning, from the seed, the connection and the time, in virtual time: the
  provider's files take five hours, everything else is over within an hour.
- A scenario's syncs count as requested ones: they can be cancelled and retried, and a later one of the connection may
  fail. They run into the scenario's issues and into no other; later syncs run into those, too, while they last.
- The state is the connection's own doing: after a disconnect in a scenario its provider is not asked again until its
  account is linked again. What a client does to the state ends what was still to come of a scenario.
- The later syncs of a scenario come like automatic ones: a turn is passed over while another sync is under way.

Of the control path it holds:

- What the key opens is refused with 401 without it, before anything else is looked at; the description needs none.
- A body that is no JSON object, or over 1 MiB, is answered with 400; one with a value or a name that is not right with
  422, and then nothing of it is done. A scenario that there is not, like a path, is 404; a connection on which nothing
  can be played is 422.
- The clock's speed is set to 1 to 600, and it moves ahead by up to 366 days at once, but never beyond the year 9000:
  later dates than those that follow from it could not be written.
- `GET /sandbox` tells of the last 100 scenarios that were played, the latest first, and of the faults that are on.
- Faults (`tui_app.sandbox.faults` says what each does, to which requests, and what is done all the same) are neither
  played nor kept: they begin and end as they are told, and a server that is started again has none. To set one anew
  is to begin its chances anew; to end one that is off changes nothing.

Where Stuut's integrations API is not documented, it does this:

- A missing or wrong key is answered with 401 before anything else is looked at; nothing is answered with 403. Refusals
  are `{"detail": text}`, and 422 `{"detail": [{"loc", "msg", "type"}]}`. What could be created answers 200, too.
- A body over 1 MiB is refused with 413, one that is no JSON object with 422, or with 400 where reading it breaks off.
  `provider_name` and `name` are required and not empty; `api_url` may be left out. An edit changes what it names, and
  nothing else: `company` and `environment` can be cleared with null. Fields that are not known are ignored.
- A connection made by a client is set up for one virtual minute, has what its provider has (a standard set for an
  unknown one), and syncs when it is asked to and at no other time. In its first requested sync one job needs a second
  try, and all complete. Of the jobs of later ones, two in fifteen need a second try, and one in fifteen fails.
- A request makes one job for each model with `is_read_enabled`; of a connection without such a model, none: `[]`.
- A connection that awaits authentication, that is being set up, that is disabled, or that has a job under way cannot be
  synced: 409, in this order. One whose credentials do not hold takes the request, and its jobs fail.
- A connection syncs by itself every few virtual hours. Its jobs can be seen from two minutes before `next_sync_at` on,
  as `scheduled`, and count as under way. A turn whose jobs would be made within an hour after a request is passed over
  by the whole connection, so that what was asked for by hand stays `last_sync` for that long.
- A job is over 5 to 15 virtual minutes after it was made: scheduled, queued, running, then complete, failed or
  cancelled; a further try comes by pending_retry and queued. A model that is switched off meanwhile does not stop it.
- `attempt` counts the tries that have begun. `error` is set in pending_retry and failed. `started_at` tells of the
  first try. `completed_at` belongs to complete jobs only; when another ended, `modified_at` tells; it is null at first.
- `pagination_state` is `{}` before the first try and for jobs that never get to read, else `{"page": n}`, and a further
  try goes on at its page. The time range ends when the job starts, and starts when the last one of its model was made;
  for the first one of a model, it has no start. `entity_id` and `file_id` are null.
- `batch_id` is shared by jobs that were made together, and null for a connection on premise.
- `health.status_code` is documented as `healthy`; the other words are this server's: authentication_error,
  authentication_pending, provider_unavailable (jobs fail after three tries), rate_limited (they need three, and
  complete). `timestamp` tells since when it is so.
- Connections are listed in the order of their making, the fleet's first, at most 18 of those.
"""
