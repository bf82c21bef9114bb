"""What a drill measured: from the ledger, and from both regions' tables."""
