"""A stand-in for AWS's Synthetics library: what an API canary uses of it. Anything else fails at import."""
