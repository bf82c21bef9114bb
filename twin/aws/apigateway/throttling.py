"""Method throttling of a stage: a token bucket a method (Developer Guide, "Throttle requests")."""

from collections.abc import Callable

from twin.aws.apigateway.answers import GatewayError
from twin.aws.apigateway.call import ApiCall
from twin.aws.apigateway.definition import Json


class Throttle:
    """Buckets by region, API, stage and method; `clock` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], tuple[float, float]] = {}

    def check(self, call: ApiCall) -> None:
        """Take a token of the call's method or raise GatewayError THROTTLED."""
        limits = _limits(call.stage.get("methodSettings") or {}, call.resource_path, call.method)
        if limits is None:
            return
        rate, burst = limits
        key = (call.region, call.api_id, call.stage_name, call.resource_path, call.method)
        now = self._clock()
        tokens, last = self._buckets.get(key, (burst, now))
        tokens = min(burst, tokens + (now - last) * rate)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            raise GatewayError("THROTTLED", "Too Many Requests")
        self._buckets[key] = (tokens - 1, now)


def _limits(settings: Json, path: str, method: str) -> tuple[float, float] | None:
    """Requests a second and burst: the method's own setting, else that of every method."""
    stripped = path.lstrip("/")
    for key in (f"{stripped}/{method}", f"/{stripped}/{method}", f"{stripped}/*", "*/*"):
        setting = settings.get(key) or {}
        rate, burst = setting.get("throttlingRateLimit"), setting.get("throttlingBurstLimit")
        if rate is not None and burst is not None and float(rate) >= 0:
            return float(rate), float(burst)
    return None
