"""Syncscope in the cells of a notebook, and in scripts: the same open profile as beneath the screens."""
