"""What is measured, one module per claim. Each figure is a ratio to a reference taken in the same run."""
