"""The environment that makes AWS clients use the twin: what `python -m twin env` prints."""

from pathlib import Path

from twin.home import Home
from twin.net.ports import Ports
from twin.settings import Settings

CLIENT_HOOK = Path(__file__).parent / "client_hook"


def resolver_environment(settings: Settings, ports: Ports, near: str | None = None) -> dict[str, str]:
    """For client_hook/sitecustomize.py: how names are resolved. `near` puts the client near a region."""
    environment = {
        "TWIN_DNS": str(ports.dns),
        "TWIN_HOSTED_ZONE": settings.hosted_zone,
        "TWIN_REGIONS": ",".join(settings.regions),
        "TWIN_TLS_MAP": ports.tls_map(),
    }
    if near is not None:
        environment["TWIN_CLIENT_SUBNET"] = ports.near_subnet(near)
    return environment


def trust_environment(home: Home) -> dict[str, str]:
    """Trust in the twin's certificates, for botocore, requests and whatever uses OpenSSL's default."""
    bundle = str(home.ca_bundle)
    return {"AWS_CA_BUNDLE": bundle, "SSL_CERT_FILE": bundle, "REQUESTS_CA_BUNDLE": bundle}


def no_proxy(settings: Settings, ports: Ports) -> str:
    """What must not go through a proxy: the twin's addresses and names."""
    addresses = {ports.admin.host, *(ports.region_http(region).host for region in settings.regions)}
    names = [f".{settings.hosted_zone}", *(f".{region}.amazonaws.com" for region in settings.regions)]
    return ",".join([*sorted(addresses), "localhost", *names])


def pulumi_environment(ports: Ports, home: Home) -> dict[str, str]:
    """For Pulumi's engine: its state in the twin's home, and the twin's provider in place of AWS's."""
    return {
        "PULUMI_HOME": str(home.pulumi / "home"),
        "PULUMI_BACKEND_URL": f"file://{home.pulumi / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DEBUG_PROVIDERS": f"aws:{ports.provider.port}",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def client_environment(
    settings: Settings, ports: Ports, home: Home, *, access_key: str, secret_key: str
) -> dict[str, str]:
    """Everything a client needs, as environment variables."""
    return {
        "AWS_ENDPOINT_URL": f"http://{ports.endpoint}",
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": settings.regions[0],
        "AWS_REGION": settings.regions[0],
        "AWS_EC2_METADATA_DISABLED": "true",
        **trust_environment(home),
        **resolver_environment(settings, ports),
        "TWIN_ADMIN_URL": f"http://{ports.admin}",
        "NO_PROXY": no_proxy(settings, ports),
        # curl and Python read this spelling first.
        "no_proxy": no_proxy(settings, ports),
        "PYTHONPATH": str(CLIENT_HOOK),
        **pulumi_environment(ports, home),
    }
