"""The log: a file of the person's own, rotated, without secrets, harmless to `cat`."""
