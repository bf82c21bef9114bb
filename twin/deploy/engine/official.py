"""What Pulumi's own AWS plugin must be told to work on the twin, and nowhere else.

Its configuration (credentials, every service's address) is the program's, as on AWS; three things differ.

- S3 Control's requests go to <account id>.<host of the endpoint>, so that the host must be a name.
  `localhost` never leaves the machine, nor does a name below it (RFC 6761, section 6.3).
- Not every machine resolves names below `localhost`. The twin's endpoint takes requests as a proxy gets them,
  and Go's HTTP client sends everything but `localhost` itself to the proxy that HTTP_PROXY names
  (golang.org/x/net/http/httpproxy). NO_PROXY must not have localhost, which means the names below it as well.
- The user's AWS configuration is left out: it could choose FIPS endpoints or another role.
"""

import os
from urllib.parse import urlsplit

_HOST = "localhost"


def endpoint(address: str) -> str:
    """The twin's endpoint for `awsEndpointUrl`, by name: `http://127.0.0.1:4566` -> `http://localhost:4566`."""
    parts = urlsplit(address)
    return parts._replace(netloc=f"{_HOST}:{parts.port}").geturl()


def environment(address: str) -> dict[str, str]:
    """For the engine, which hands it on to the plugin that it launches; `address` is the twin's endpoint."""
    proxies = {"HTTP_PROXY": address, "NO_PROXY": urlsplit(address).hostname or ""}
    return {
        # Empty: the engine attaches to nothing, and launches the plugin.
        "PULUMI_DEBUG_PROVIDERS": "",
        "AWS_ENDPOINT_URL": endpoint(address),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **proxies,
        **{name.lower(): value for name, value in proxies.items()},
    }
