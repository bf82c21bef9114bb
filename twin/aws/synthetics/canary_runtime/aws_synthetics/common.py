"""The logger of AWS's library (CloudWatch User Guide, "SyntheticsLogger class" for Python)."""

import logging
import sys

synthetics_logger = logging.getLogger("synthetics")
synthetics_logger.propagate = False
synthetics_logger.setLevel(logging.INFO)
_handler = logging.StreamHandler(sys.stdout)
_handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
synthetics_logger.addHandler(_handler)
