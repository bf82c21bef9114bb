"""What a canary finds beside its own code: packed into a zip and run apart, never imported by the twin."""
