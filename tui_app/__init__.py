"""Syncscope: an interactive terminal explorer for connections and their syncs."""

__version__ = "0.1.0"
