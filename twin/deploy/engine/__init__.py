"""The real Pulumi engine against the twin: its resource provider, its workspace, its command line."""
