"""The one table of actions: keys, footer, palette, help and documentation are made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person can do.

    Attributes:
        id: Its name; the method that does it is ``action_`` and this name, on the screen or the app.
        key: The key, in Textual's spelling; several are separated by commas.
        label: One or two words for the footer.
        tooltip: One sentence for help and palette.
        scope: Where it applies: ``app`` everywhere, else a screen's name.
        footer: Whether the footer shows it. At most seven are shown at once.
        key_display: How the key is written, where Textual's own way is unclear.
        writes: The gate's name for what it sends, where it changes something at the server.
        command: The command line that does the same, where there is one.
        priority: Whether it works while a text field has the focus.
    """

    id: str
    key: str
    label: str
    tooltip: str
    scope: str
    footer: bool = False
    key_display: str | None = None
    writes: str | None = None
    command: str | None = None
    priority: bool = False

    @property
    def shown_key(self) -> str:
        """The key as a person reads it."""
        return self.key_display or self.key.split(",")[0]

    def key_with(self, keys: Mapping[str, str]) -> str:
        """The key as a person reads it who gave some actions keys of their own, by scope and name."""
        own = keys.get(f"{self.scope}.{self.id}", "")
        return own.split(",")[0] or self.shown_key


SCOPES = {
    "app": "Everywhere",
    "connections": "Connections",
    "issues": "Issues",
    "watching": "Watching",
    "connection": "Connection",
    "create": "Create connection",
    "edit": "Edit connection",
    "link": "Connect by Link",
    "passthrough": "Ask the provider",
    "sync": "Sync",
    "comparison": "Comparison",
    "bulk": "Bulk action",
    "requests": "Requests",
    "request": "Request",
    "json": "JSON",
    "profiles": "Profiles",
    "sandbox": "Sandbox",
    "faults": "Faults",
}

ACTIONS: tuple[Action, ...] = (
    # Everywhere
    Action("mode_connections", "1", "connections", "Go to the connections of the open profile.", "app"),
    Action("mode_issues", "2", "issues", "Go to the open issues of all connections.", "app"),
    Action("mode_watching", "3", "watching", "Go to the syncs that are followed.", "app"),
    Action("mode_requests", "4", "requests", "Go to every request that was sent since the profile was opened.", "app"),
    Action("mode_profiles", "5", "profiles", "Go to the servers that can be opened.", "app"),
    Action(
        "mode_sandbox", "6", "sandbox", "Go to the simulated server's clock and scenarios, where one is open.", "app"
    ),
    Action("explain", "question_mark,f1", "help", "Explain this screen and list its keys.", "app", True, "?"),
    Action(
        "command_palette", "ctrl+p", "palette", "Find any action by its name.", "app", key_display="^p", priority=True
    ),
    Action(
        "jump",
        "ctrl+o",
        "jump",
        "Go to any control by the letter that it then shows.",
        "app",
        key_display="^o",
        priority=True,
    ),
    Action("find", "f3", "find", "Find anything by its ID, token, number or name, and open it.", "app"),
    Action(
        "switch_theme", "f2", "theme", "Switch to the next of the themes: dark, light, colour-blind, terminal.", "app"
    ),
    Action("switch_zone", "z", "time zone", "Tell times in local time, UTC, or the zone of your settings.", "app"),
    Action("exact_times", "Z,shift+z", "exact times", "Tell ages as dates and times, or as ages again.", "app"),
    Action("show_log", "f12", "log", "Show where the log is, and its last lines.", "app"),
    Action("quit", "q", "quit", "Leave Syncscope. Nothing is lost by leaving.", "app"),
    # Connections
    Action("open", "enter", "open", "Open the selected connection.", "connections", True),
    Action(
        "filter",
        "slash",
        "filter",
        "Narrow the list: words, state: next: provider: tag: mode: sync: issues:>0.",
        "connections",
        True,
        "/",
    ),
    Action("create", "n", "new", "Create a connection.", "connections", True, writes="create_connection"),
    Action(
        "request_sync",
        "s",
        "sync",
        "Request a sync of the selected connection and watch it; of all that are marked, where any are.",
        "connections",
        True,
        writes="request_sync",
    ),
    Action("watch", "w", "watch", "Watch the selected connection's newest sync.", "connections", True),
    Action("copy_id", "y", "copy ID", "Copy the selected connection's ID.", "connections"),
    Action(
        "copy_as",
        "Y,shift+y",
        "copy as …",
        "Copy the selected connection's token, cURL, Python, JSON or more.",
        "connections",
    ),
    Action("by_link", "L,shift+l", "by Link", "Connect a fleet by a link instead of its credentials.", "connections"),
    Action("relink", "o", "re-link", "Open the selected connection's re-link URL in a browser.", "connections"),
    Action("refresh", "R,shift+r", "refresh", "Read the list again.", "connections"),
    Action(
        "next_server",
        "right_square_bracket",
        "other server",
        "Go to the next of the servers that come with Syncscope.",
        "connections",
        True,
        "]",
    ),
    Action(
        "previous_server",
        "left_square_bracket",
        "server before",
        "Go to the previous of the servers that come with Syncscope.",
        "connections",
        key_display="[",
    ),
    Action("mark", "space", "mark", "Mark the selected connection, or take its mark away.", "connections"),
    Action(
        "mark_all",
        "asterisk",
        "mark all",
        "Mark all that the filter shows, or take their marks away.",
        "connections",
        key_display="*",
    ),
    Action(
        "tags",
        "t",
        "tags …",
        "Add and remove tags of all that are marked, or of the selected connection.",
        "connections",
        writes="update_connection",
    ),
    Action(
        "resolve",
        "v",
        "resolve issues",
        "Resolve the open issues of all that are marked, or of the selected connection.",
        "connections",
        writes="resolve_issue",
    ),
    Action("bulk", "b", "bulk action", "Come back to the latest bulk action.", "connections"),
    Action(
        "clear",
        "escape",
        "clear filter",
        "Leave the filter, then clear it, then drop the marks.",
        "connections",
        key_display="esc",
    ),
    # Issues
    Action("open", "enter", "open", "Open the selected group, or the selected issue's connection.", "issues", True),
    Action("filter", "slash", "filter", "Narrow them: words, who: code: provider:.", "issues", True, "/"),
    Action("order", "o", "order", "Order the groups by whose turn it is, or by how many connections.", "issues", True),
    Action(
        "resolve",
        "v",
        "resolve issue",
        "Resolve the selected issue; it comes back when it is met again.",
        "issues",
        True,
        writes="resolve_issue",
    ),
    Action(
        "message",
        "m",
        "message",
        "Copy a message for the customer: what is missing, and what they have to do.",
        "issues",
        True,
    ),
    Action("copy_id", "y", "copy ID", "Copy the selected issue's ID.", "issues"),
    Action("copy_as", "Y,shift+y", "copy as …", "Copy the selected issue as cURL, Python, JSON or more.", "issues"),
    Action("refresh", "R,shift+r", "refresh", "Read the open issues again.", "issues"),
    Action("back", "escape", "back", "Leave the filter, the group, or this screen.", "issues", True, "esc"),
    # Watching
    Action("open", "enter", "open", "Open the selected sync.", "watching", True),
    Action("look_now", "space", "look now", "Look at it at once, and at all that are marked.", "watching", True),
    Action(
        "pause", "p", "pause", "Stop looking at it, or go on; all that are marked, where any are.", "watching", True
    ),
    Action(
        "stop",
        "w,delete",
        "stop following",
        "Follow it no more; all that are marked, where any are. Nothing is lost: it goes on at the server.",
        "watching",
        True,
    ),
    Action("mark", "m", "mark", "Mark the selected sync, or take its mark away.", "watching"),
    Action(
        "mark_all", "asterisk", "mark all", "Mark all syncs, or take their marks away.", "watching", key_display="*"
    ),
    Action("copy_id", "y", "copy ID", "Copy the selected sync's ID.", "watching"),
    Action("copy_as", "Y,shift+y", "copy as …", "Copy the selected sync as cURL, Python, JSON or more.", "watching"),
    Action("back", "escape", "back", "Drop the marks, then go back to the connections.", "watching", True, "esc"),
    # Connection
    Action(
        "request_sync",
        "s",
        "sync",
        "Request a sync of this connection and watch it.",
        "connection",
        True,
        writes="request_sync",
    ),
    Action("watch", "w", "watch", "Watch its newest sync.", "connection", True),
    Action(
        "next_tab", "tab", "next part", "Show the next part: overview, models, syncs, issues, JSON.", "connection", True
    ),
    Action("previous_tab", "shift+tab", "previous part", "Show the previous part.", "connection"),
    Action(
        "edit",
        "e",
        "edit",
        "Change what can be changed of this connection.",
        "connection",
        True,
        writes="update_connection",
    ),
    Action("copy_id", "y", "copy ID", "Copy this connection's ID.", "connection"),
    Action("relink", "o", "re-link", "Open this connection's re-link URL in a browser.", "connection"),
    Action(
        "ask_provider",
        "p",
        "ask provider",
        "Ask this connection's provider directly, through the server.",
        "connection",
        writes="passthrough",
    ),
    Action(
        "copy_as",
        "Y,shift+y",
        "copy as …",
        "Copy its token, cURL, Python, JSON or more; among issues, the selected one's.",
        "connection",
    ),
    Action(
        "resolve",
        "v",
        "resolve issue",
        "Resolve the selected issue; it comes back when it is met again.",
        "connection",
        writes="resolve_issue",
    ),
    Action(
        "delete",
        "D,shift+d",
        "delete",
        "Delete this connection.",
        "connection",
        key_display="D",
        writes="delete_connection",
    ),
    Action(
        "hand_over",
        "b",
        "hand over",
        "Write an incident report of this connection, or a support bundle.",
        "connection",
        command="syncscope bundle",
    ),
    Action("refresh", "R,shift+r", "refresh", "Read this connection again.", "connection"),
    Action("back", "escape", "back", "Go back to the list.", "connection", True, "esc"),
    # Create connection
    Action(
        "send",
        "ctrl+s",
        "create",
        "Send the request that stands on the right.",
        "create",
        True,
        "^s",
        writes="create_connection",
        priority=True,
    ),
    Action(
        "copy_curl",
        "ctrl+y",
        "copy cURL",
        "Copy the request as cURL, secrets left out.",
        "create",
        True,
        "^y",
        priority=True,
    ),
    Action(
        "by_link",
        "ctrl+l",
        "by Link",
        "Connect the fleet by a link instead; what a link can carry comes along.",
        "create",
        True,
        "^l",
        priority=True,
    ),
    Action("back", "escape", "back", "Leave without creating anything.", "create", True, "esc"),
    # Edit connection
    Action(
        "send",
        "ctrl+s",
        "save",
        "Send the changes that stand beside the form.",
        "edit",
        True,
        "^s",
        writes="update_connection",
        priority=True,
    ),
    Action(
        "copy_curl",
        "ctrl+y",
        "copy cURL",
        "Copy the request as cURL, secrets left out.",
        "edit",
        True,
        "^y",
        priority=True,
    ),
    Action("back", "escape", "back", "Leave without changing anything.", "edit", True, "esc"),
    # Connect by Link
    Action(
        "send",
        "ctrl+s",
        "make link",
        "Make the link, as its form stands.",
        "link",
        True,
        "^s",
        writes="create_link",
        priority=True,
    ),
    Action("open", "o", "open", "Open the selected link in a browser.", "link"),
    Action("copy", "y", "copy", "Copy the selected link.", "link", True),
    Action(
        "delete",
        "x,D,shift+d",
        "delete",
        "Delete the selected link: whoever opens it then is turned away.",
        "link",
        True,
        writes="delete_link",
    ),
    Action(
        "exchange",
        "ctrl+t",
        "token",
        "Exchange the public token for its connection; where none is pasted yet, go to its field.",
        "link",
        True,
        "^t",
        writes="exchange_token",
        priority=True,
    ),
    Action(
        "copy_curl",
        "ctrl+y",
        "copy cURL",
        "Copy the request as cURL, secrets left out.",
        "link",
        key_display="^y",
        priority=True,
    ),
    Action("back", "escape", "back", "Leave; the links that were made stay good.", "link", True, "esc"),
    # Ask the provider
    Action(
        "send",
        "ctrl+s",
        "ask",
        "Send the request through the server to the provider.",
        "passthrough",
        True,
        "^s",
        writes="passthrough",
        priority=True,
    ),
    Action(
        "copy_curl",
        "ctrl+y",
        "copy cURL",
        "Copy the request as cURL, secrets left out.",
        "passthrough",
        True,
        "^y",
        priority=True,
    ),
    Action("back", "escape", "back", "Go back to the connection.", "passthrough", True, "esc"),
    # Sync
    Action("pause", "p", "pause", "Stop looking, or go on looking.", "sync", True),
    Action("look_now", "space", "look now", "Look at once.", "sync", True),
    Action("journal", "tab", "journal", "Switch to the journal and back, where both do not fit.", "sync", True),
    Action("json", "j", "JSON", "Show the sync as the server sent it.", "sync"),
    Action("travel", "t", "time travel", "Show this screen as it was at any look, or go back to now.", "sync"),
    Action("earlier", "left", "earlier", "In the past: go one look back.", "sync", priority=True),
    Action("later", "right", "later", "In the past: go one look on.", "sync", priority=True),
    Action(
        "change_before",
        "left_square_bracket",
        "change before",
        "In the past: go back to where more than the progress changed.",
        "sync",
        key_display="[",
    ),
    Action(
        "change_after",
        "right_square_bracket",
        "change after",
        "In the past: go on to where more than the progress changed.",
        "sync",
        key_display="]",
    ),
    Action("earliest", "home", "first look", "In the past: go to the first look.", "sync", priority=True),
    Action("now", "end", "now", "In the past: go back to now.", "sync", priority=True),
    Action("compare", "d", "compare", "Compare this sync with another of its connection.", "sync"),
    Action("request_sync", "s", "sync again", "Request a new sync of this connection.", "sync", writes="request_sync"),
    Action(
        "retry",
        "r",
        "try again",
        "Try this sync again, where it failed, and follow it.",
        "sync",
        True,
        writes="retry_sync",
    ),
    Action("cancel", "x", "cancel", "Cancel this sync; it then ends as failed.", "sync", True, writes="cancel_sync"),
    Action("copy_id", "y", "copy ID", "Copy this sync's ID.", "sync"),
    Action("copy_as", "Y,shift+y", "copy as …", "Copy this sync as cURL, Python, JSON or more.", "sync"),
    Action(
        "hand_over",
        "b",
        "hand over",
        "Write an incident report of this sync, or a support bundle.",
        "sync",
        command="syncscope bundle",
    ),
    Action("back", "escape", "back", "Go back; the sync is followed on.", "sync", True, "esc"),
    # Comparison
    Action("choose", "d", "other sync", "Choose another sync to compare with.", "comparison", True),
    Action("only_differing", "f", "only differing", "Show only what differs, or all again.", "comparison", True),
    Action("open_other", "o,enter", "open other", "Show the other sync.", "comparison", True),
    Action("copy_table", "y", "copy", "Copy the comparison as text.", "comparison", True),
    Action("back", "escape", "back", "Go back to the sync.", "comparison", True, "esc"),
    # Bulk action
    Action("open", "enter", "open", "Open the selected target's connection.", "bulk"),
    Action("tick", "space", "tick", "Take the selected target off the list, or put it back.", "bulk"),
    Action(
        "tick_all", "asterisk", "tick all", "Take all targets off the list, or put them back.", "bulk", key_display="*"
    ),
    Action(
        "send", "ctrl+s", "go on", "Go on: to what is asked first, then to sending.", "bulk", True, "^s", priority=True
    ),
    Action("stop", "x", "stop", "Send nothing more; what is under way comes to its end.", "bulk", True),
    Action("only_refused", "f", "refused only", "Show only refused and doubtful ones, or all again.", "bulk", True),
    Action("again", "r", "try again", "Try again what was refused or not sent.", "bulk", True),
    Action("copy_table", "y", "copy table", "Copy every target and its outcome as text.", "bulk", True),
    Action("back", "escape", "back", "Go back; what runs goes on.", "bulk", True, "esc"),
    # Requests
    Action(
        "open",
        "enter",
        "open",
        "Open the selected request: what was sent, and what came.",
        "requests",
        True,
    ),
    Action(
        "filter",
        "slash",
        "filter",
        "Narrow the list: words, IDs, status:4xx method:post path: is:failed.",
        "requests",
        True,
        "/",
    ),
    Action(
        "again",
        "r",
        "send again",
        "Send it again: a read at once, a change once you agree.",
        "requests",
        True,
    ),
    Action("copy_url", "y", "copy URL", "Copy the selected request's address.", "requests"),
    Action("copy_as", "Y,shift+y", "copy as …", "Copy it as cURL, Python, JSON or more.", "requests", True, "Y"),
    Action("export", "h", "save HAR", "Write all that are shown to a file for browsers' tools.", "requests", True),
    Action(
        "back",
        "escape",
        "back",
        "Leave the filter, then clear it, then go back.",
        "requests",
        True,
        "esc",
    ),
    # Request
    Action("again", "r", "send again", "Send it again: a read at once, a change once you agree.", "request", True),
    Action("copy_url", "y", "copy URL", "Copy its address.", "request"),
    Action("copy_as", "Y,shift+y", "copy as …", "Copy it as cURL, Python, JSON or more.", "request", True, "Y"),
    Action("back", "escape", "back", "Leave the search, then go back to the list.", "request", True, "esc"),
    # JSON
    Action("search", "slash", "search", "Look for a text in what is shown, folded away or not.", "json", True, "/"),
    Action("next_hit", "n", "next", "Go to the next place where the text stands.", "json"),
    Action("previous_hit", "N,shift+n", "previous", "Go to the place before.", "json"),
    Action(
        "open",
        "enter",
        "open ID",
        "Go to what has the ID in the line; without one, fold or unfold it.",
        "json",
    ),
    Action("fold_or_unfold", "space", "fold", "Fold what the line holds, or unfold it.", "json"),
    Action("fold", "left", "fold", "Fold the line, or go to what it stands in.", "json", key_display="←"),
    Action("unfold", "right", "unfold", "Unfold the line, or go into it.", "json", key_display="→"),
    Action("fold_all", "minus", "fold all", "Fold everything but the outermost.", "json", key_display="-"),
    Action("unfold_all", "plus,equals_sign", "unfold all", "Unfold everything.", "json", key_display="+"),
    # Profiles
    Action("open", "enter", "open", "Close the open profile and open this one.", "profiles", True),
    Action("add", "a", "add", "Add a server of your own.", "profiles", True, command="syncscope profiles add"),
    Action(
        "edit", "e", "edit", "Change this server of your own.", "profiles", True, command="syncscope profiles edit NAME"
    ),
    Action(
        "remove",
        "d",
        "remove",
        "Remove this server of your own.",
        "profiles",
        True,
        command="syncscope profiles remove NAME",
    ),
    Action(
        "test", "t", "test", "Try this profile step by step.", "profiles", True, command="syncscope profiles test NAME"
    ),
    Action("key", "o", "other key", "Type another key for this profile, and let the keyring remember it.", "profiles"),
    Action("back", "escape", "back", "Go back to the connections.", "profiles", True, "esc"),
    # Sandbox
    Action("start", "s,enter", "start", "Start the selected scenario on the chosen connection.", "sandbox", True),
    Action("start_new", "n", "start on new", "Start it on a connection that is made for it.", "sandbox", True),
    Action("choose", "c", "connection", "Choose the connection to start scenarios on.", "sandbox", True),
    Action("follow", "w", "follow", "Follow what was started last, or is selected among it.", "sandbox", True),
    Action("pause", "p", "pause", "Let the server's time stand still, or go on.", "sandbox", True),
    Action("faster", "plus,equals_sign", "faster", "Let its time go faster, up to ×600.", "sandbox", key_display="+"),
    Action("slower", "minus", "slower", "Let its time go slower, down to ×1.", "sandbox", key_display="-"),
    Action("ahead", "a", "hour ahead", "Move its time an hour ahead at once.", "sandbox"),
    Action(
        "copy_command",
        "y",
        "copy command",
        "Copy the command that serves the selected scenario alone.",
        "sandbox",
        command="syncscope sandbox --scenario NAME",
    ),
    Action(
        "copy_way_in",
        "Y,shift+y",
        "copy address",
        "Copy the lines for a shell that point another program at this server: its address and its key.",
        "sandbox",
    ),
    Action("faults", "f", "faults", "Let things go wrong between here and the server.", "sandbox"),
    Action("end_faults", "x", "end faults", "End all faults: the server answers as it should again.", "sandbox"),
    Action("back", "escape", "back", "Go back to the connections.", "sandbox", True, "esc"),
    # Faults
    Action("switch", "space,enter", "on/off", "Switch the selected fault on or off.", "faults", True, "space"),
    Action("more", "plus,equals_sign", "more often", "Let it happen more often.", "faults", True, "+"),
    Action("less", "minus", "less often", "Let it happen less often.", "faults", key_display="-"),
    Action("where", "o", "where", "Choose the operations that it meets.", "faults", True),
    Action("setting", "v", "setting", "Take its next setting, such as a form of Retry-After.", "faults", True),
    Action("end_all", "x", "end all", "End all faults: the server answers as it should again.", "faults", True),
    Action(
        "copy_command",
        "y",
        "copy command",
        "Copy the command that serves a sandbox with the selected fault.",
        "faults",
        command="syncscope sandbox --fault NAME",
    ),
    Action("back", "escape", "back", "Go back to the scenarios.", "faults", True, "esc"),
)


def actions_of(*scopes: str) -> list[Action]:
    """The actions of some scopes, in the table's order."""
    return [action for action in ACTIONS if action.scope in scopes]


def action_named(scope: str, action_id: str) -> Action:
    """One action.

    Raises:
        KeyError: There is none of that name in that scope.
    """
    for action in ACTIONS:
        if action.scope == scope and action.id == action_id:
            return action
    raise KeyError(f"{scope}.{action_id}")


def bindings_of(scope: str) -> list[BindingType]:
    """A scope's bindings for Textual. Each has an ID, so that a person can give it another key."""
    return list(_bindings(actions_of(scope)))


def _bindings(actions: Iterable[Action]) -> Iterable[Binding]:
    for action in actions:
        yield Binding(
            action.key,
            action.id,
            action.label,
            show=action.footer,
            key_display=action.key_display,
            priority=action.priority,
            tooltip=action.tooltip,
            id=f"{action.scope}.{action.id}",
        )
