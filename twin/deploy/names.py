"""Physical names for resources that the program does not name itself."""

import hashlib
import secrets
from dataclasses import dataclass

from twin.deploy.errors import ResourceError

RANDOM_DIGITS = 7  # as Pulumi's providers do: <logical name>-<7 hex digits>


@dataclass(frozen=True, kw_only=True)
class AutoName:
    """How a type is named when the program gives no name: into which argument, and AWS's limits."""

    argument: str
    limit: int
    lower: bool = False

    def make(self, token: str, logical_name: str, seed: bytes = b"") -> str:
        """With a `seed`, the same name each time. Raises ResourceError where AWS's limit leaves no room for
        the random part.
        """
        base = logical_name.lower() if self.lower else logical_name
        digits = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(4)
        name = f"{base}-{digits[:RANDOM_DIGITS]}"
        if len(name) > self.limit:
            raise ResourceError(
                f"{token} {logical_name!r}: the generated name {name!r} has {len(name)} characters, "
                f"AWS allows {self.limit} for {self.argument}. Shorten the logical name."
            )
        return name
