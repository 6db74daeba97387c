"""Syncscope: an interactive terminal explorer for connections and their syncs."""

import logging

__version__ = "0.1.0"

# Whoever uses a part of this as a library decides where its messages go; without that, Python would print warnings.
logging.getLogger(__name__).addHandler(logging.NullHandler())
