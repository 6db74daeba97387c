"""The documentation, and what generates the parts of it that the source knows best."""
