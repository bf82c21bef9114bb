"""Layers, archives and bundles: what is uploaded, built from the sources."""
