"""Pages, policies and collections of the repository that are made from its code."""
