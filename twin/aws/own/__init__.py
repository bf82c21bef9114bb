"""What the services that the twin implements itself have in common: protocols, paging, errors."""
