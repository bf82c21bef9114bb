"""What a drill says: the result, its summary, its page."""
