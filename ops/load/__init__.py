"""The load generators: started, followed and read afterwards through Step Functions' API."""
