"""`python -m twin`: the command line of the local twin of AWS."""

import sys

from twin.cli import main

sys.exit(main(sys.argv[1:]))
