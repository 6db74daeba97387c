"""One module per screen. Screens hold no network code and no rules: they show a workspace and pass actions on."""
