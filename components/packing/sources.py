"""Where in this repository the program finds what it deploys."""

from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
FUNCTIONS: Final = REPOSITORY / "functions"
ORDER_FUNCTIONS: Final = FUNCTIONS / "orders"
LOAD_FUNCTIONS: Final = FUNCTIONS / "load"
LAYER_REQUIREMENTS: Final = REPOSITORY / "functions" / "layers"
CANARIES: Final = REPOSITORY / "canaries"
OPENAPI: Final = REPOSITORY / "openapi" / "orders.yaml"
CACHE: Final = REPOSITORY / ".cache"
"""Built archives; everything in it can be deleted and is built again."""
