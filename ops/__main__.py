"""`python -m ops`."""

import sys

from twin.invocation import invoke


def main() -> int:
    """Imported here: without the project's environment, this is what fails."""
    from ops.cli import main as cli

    return cli()


if __name__ == "__main__":
    sys.exit(invoke("ops", main))
