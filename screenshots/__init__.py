"""What the README shows, taken from the running application by ``make screenshots``."""
