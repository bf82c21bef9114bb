"""What a handler has at hand: clients of the resource's region, the account, and waiting."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from twin.deploy.clients import Clients
from twin.deploy.errors import ResourceError
from twin.deploy.provider import ProviderSettings

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5
PATIENCE_SECONDS = 60.0
"""How long a resource may take to become ready; the twin answers within a second."""


class Aws:
    """The AWS of one provider, in one region."""

    def __init__(
        self,
        settings: ProviderSettings,
        clients: Clients,
        *,
        fallback_endpoint: str | None,
        region: str | None = None,
    ) -> None:
        self.settings = settings
        self.region = region or settings.region
        self.partition = "aws"
        self._clients = clients
        self._fallback = fallback_endpoint
        self._account: str | None = None

    @property
    def account_id(self) -> str:
        """Asked from STS once; a provider that allows other accounts only is refused here."""
        if self._account is None:
            sts = self.client("sts", self.settings.sts_region or self.region)
            account = str(sts.get_caller_identity()["Account"])
            self.settings.refuse_account(account)
            self._account = account
        return self._account

    def client(self, service: str, region: str | None = None) -> Any:
        return self._clients.get(
            service, region or self.region, self.settings.endpoint(service, self._fallback)
        )

    def in_region(self, region: str) -> "Aws":
        """The same provider in another region (an argument `region` of a resource)."""
        if region == self.region:
            return self
        other = Aws(self.settings, self._clients, fallback_endpoint=self._fallback, region=region)
        other._account = self._account
        return other

    def wait(self, what: str, attempt: Callable[[], T | None]) -> T:
        """Repeats `attempt` until it returns something; raises ResourceError after PATIENCE_SECONDS."""
        pause, deadline = FIRST_PAUSE_SECONDS, time.monotonic() + PATIENCE_SECONDS
        while True:
            found = attempt()
            if found is not None:
                return found
            if time.monotonic() > deadline:
                raise ResourceError(f"{what} did not happen within {PATIENCE_SECONDS:g} s.")
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
