"""The embedded server: a simulated fleet of connections whose syncs move on a virtual clock.

It is a server of its own and shares nothing with the client side of the project, so that a mistake in reading an API
cannot hide by being made twice. `tui_app.sandbox.server.Sandbox` is all that others need.
"""
