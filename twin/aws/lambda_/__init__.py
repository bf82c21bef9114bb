"""Lambda: the emulator keeps the functions, the twin's own workers run them."""
