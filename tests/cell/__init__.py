"""The interface in a notebook's cell, without a notebook: what its pages are sent is read in an emulator."""
