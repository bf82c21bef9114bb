"""Application Recovery Controller: its configuration API, the cluster's endpoints, readiness checks."""
