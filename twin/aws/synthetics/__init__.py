"""CloudWatch Synthetics: canaries, and what they need of other services."""
