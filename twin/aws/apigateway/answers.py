"""What API Gateway answers a caller with: headers in any case, each name possibly with several values."""

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class ApiAnswer:
    status: int
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""

    def set(self, name: str, *values: str) -> None:
        """Set a header, in place of one that is the same but for case."""
        for known in [known for known in self.headers if known.lower() == name.lower()]:
            del self.headers[known]
        self.headers[name] = list(values)


class GatewayError(Exception):
    """API Gateway itself refuses or fails; answered through the gateway response of `kind`."""

    def __init__(self, kind: str, message: str, *, status: int | None = None, error_type: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        # Only for DEFAULT_4XX and DEFAULT_5XX, which have no status of their own.
        self.status = status
        self.error_type = error_type
