"""What is deployed: the target, the stacks' outputs, the exported file, the stack files."""
