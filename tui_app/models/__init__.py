"""What things are: pure data, no I/O. Import the module that holds what is needed; the package itself is free."""
