"""The drill's clients: who sends requests, when, for which orders."""
