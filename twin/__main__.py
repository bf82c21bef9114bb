"""`python -m twin`: the command line of the local twin of AWS."""

import sys

from twin.invocation import invoke


def main() -> int:
    """Imported here: without the project's environment, this is what fails."""
    from twin.cli import main as cli

    return cli(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(invoke("twin", main))
