"""A running twin, seen from another process: its environment, AWS clients for it, and its faults."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.errors import AdminRefusedError, NotRunningError
from twin.home import Home, process_is_alive
from twin.settings import home_directory

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

Json = dict[str, Any]
_TIMEOUT_SECONDS = 30.0
# The longest that Synthetics lets a run take, and starting it.
_CANARY_SECONDS = 900.0
# No proxy of the environment may stand between this machine and itself.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class TwinClient:
    """Use `TwinClient.from_home()`; `description` is the content of twin.json."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.description = dict(description)

    @classmethod
    def from_home(cls, path: Path | str | None = None) -> "TwinClient":
        """The twin that runs in a home directory (default: TWIN_HOME, else .twin). Raises NotRunningError."""
        home = Home(Path(path) if path is not None else home_directory())
        description = home.description()
        if description is None or not process_is_alive(description["pid"]):
            raise NotRunningError(
                f"no twin runs in {home.path}; start one with: python -m twin up (or set TWIN_HOME)"
            )
        return cls(description)

    def with_keys(self, key: Mapping[str, str]) -> "TwinClient":
        """The same twin as the owner of a key sees it; its parts are named as IAM and STS do."""
        own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        token = key.get("SessionToken", "")
        return TwinClient(
            {
                **self.description,
                "environment": {**self.env, **own, **({"AWS_SESSION_TOKEN": token} if token else {})},
                "accessKeyId": key["AccessKeyId"],
                "secretAccessKey": key["SecretAccessKey"],
                "sessionToken": token,
            }
        )

    @property
    def home(self) -> Path:
        """The twin's home directory."""
        return Path(self.description["home"])

    @property
    def env(self) -> dict[str, str]:
        """Environment variables for programs that shall use the twin."""
        return dict(self.description["environment"])

    @property
    def regions(self) -> list[str]:
        """The twin's regions."""
        return list(self.description["regions"])

    @property
    def addresses(self) -> Json:
        """URLs of every listener."""
        return dict(self.description["addresses"])

    @property
    def page(self) -> str:
        """The address of the twin's page, for a browser."""
        return str(self.addresses["page"])

    def boto3_session(self, region: str) -> "boto3.session.Session":
        """A boto3 session with the administrator's credentials, or those of `with_keys`."""
        import boto3  # slow to import, and most commands do without it

        return boto3.session.Session(
            aws_access_key_id=self.description["accessKeyId"],
            aws_secret_access_key=self.description["secretAccessKey"],
            aws_session_token=self.description.get("sessionToken") or None,
            region_name=region,
        )

    def boto3_client(self, service: str, region: str, *, config: "Config | None" = None) -> Any:
        """An AWS client of a region, through the endpoint that serves all regions."""
        session: Any = self.boto3_session(region)
        return session.client(service, endpoint_url=self.addresses["endpoint"], config=config)

    def status(self) -> Json:
        """State and parameters of the twin."""
        return self.call("GET", "/_twin/status")

    def kill(self, region: str) -> Json:
        """Take a region down: its sockets close, its connections are cut."""
        return self.call("POST", f"/_twin/regions/{region}/kill")

    def revive(self, region: str) -> Json:
        """Bring a region back."""
        return self.call("POST", f"/_twin/regions/{region}/revive")

    def kill_arc_endpoint(self, number: int) -> Json:
        """Take one of the five ARC cluster endpoints down."""
        return self.call("POST", f"/_twin/arc-endpoints/{number}/kill")

    def revive_arc_endpoint(self, number: int) -> Json:
        """Bring an ARC cluster endpoint back."""
        return self.call("POST", f"/_twin/arc-endpoints/{number}/revive")

    def link(self, source: str, target: str, *, cut: bool) -> Json:
        """Cut or heal the replication from one region to another."""
        return self.call("POST", "/_twin/links", {"from": source, "to": target, "cut": cut})

    def fault(
        self,
        service: str,
        kind: str,
        *,
        region: str | None = None,
        operation: str | None = None,
        rate: float = 1.0,
        seconds: float = 0.0,
    ) -> Json:
        """Make a service `slow` (by `seconds`), `failing`, `throttled` or `conflicting`.

        See twin.front.faults.Fault.
        """
        body = {
            "service": service,
            "kind": kind,
            "region": region,
            "operation": operation,
            "rate": rate,
            "seconds": seconds,
        }
        return self.call("POST", "/_twin/faults", body)

    def clear_faults(self) -> Json:
        """End every fault, dead regions and cut links too; `mended` in the answer names each."""
        return self.call("DELETE", "/_twin/faults")

    def replication(self) -> Json:
        """Pending changes per link, measured lag, conflicts."""
        return self.call("GET", "/_twin/replication")

    def canaries(self) -> Json:
        """Every canary with its last run."""
        return self.call("GET", "/_twin/canaries")

    def run_canary(self, region: str, name: str) -> Json:
        """Run a canary now, and wait for its result."""
        return self.call("POST", f"/_twin/canaries/{region}/{name}/run", timeout=_CANARY_SECONDS)

    def notifications(self) -> list[Json]:
        """What was published to SNS topics, and the mails that ask for a confirmation; the newest last."""
        found: list[Json] = self.call("GET", "/_twin/notifications")["notifications"]
        return found

    def stop(self) -> Json:
        """Ask the twin to stop; it does so after answering."""
        return self.call("POST", "/_twin/stop")

    def answers(self) -> bool:
        """Whether the twin that this description is of (not another one at its address) answers."""
        try:
            found = self.call("GET", "/_twin/status")
        except (NotRunningError, AdminRefusedError):
            return False
        return bool(found.get("instance") == self.description.get("instance"))

    def call(
        self, method: str, path: str, body: Json | None = None, *, timeout: float = _TIMEOUT_SECONDS
    ) -> Json:
        """A request of the administration API. Raises AdminRefusedError or NotRunningError."""
        return admin_call(self.addresses["admin"], method, path, body, timeout=timeout)


def admin_call(
    url: str, method: str, path: str, body: Json | None = None, *, timeout: float = _TIMEOUT_SECONDS
) -> Json:
    """A request of a twin's administration API at `url`."""
    request = urllib.request.Request(  # noqa: S310 - the URL is the twin's own http://127.0.0.1
        url + path,
        data=None if method == "GET" else json.dumps(body or {}).encode(),
        headers={"content-type": "application/json"},
        method=method,
    )
    try:
        with _OPENER.open(request, timeout=timeout) as response:
            found = json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            raise AdminRefusedError(_reason(error), error.code) from None
    except OSError as error:
        raise NotRunningError(
            f"no twin answers at {url}: {error}; start one with: python -m twin up"
        ) from None
    if not isinstance(found, dict):
        raise AdminRefusedError(f"{url}{path} did not answer with a JSON object", 502)
    return found


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {error.code}"
