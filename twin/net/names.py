"""Which AWS host names belong to the twin, and to which of its regions."""

import re

from twin.settings import GLOBAL_SERVICES_REGION, Settings

_REGIONAL = re.compile(r"^(?P<rest>[a-z0-9.*_-]+)\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com$")
# Endpoints without a region in their name (AWS General Reference, service endpoints).
_GLOBAL = {
    "iam.amazonaws.com": GLOBAL_SERVICES_REGION,
    "sts.amazonaws.com": GLOBAL_SERVICES_REGION,
    "route53.amazonaws.com": GLOBAL_SERVICES_REGION,
    "s3.amazonaws.com": GLOBAL_SERVICES_REGION,
}


def region_of_aws_name(name: str, settings: Settings) -> str | None:
    """The region of the twin that serves an amazonaws.com name; None when none of its regions does."""
    name = name.lower().rstrip(".")
    found = _REGIONAL.match(name)
    region = found["region"] if found else _GLOBAL.get(name)
    if region is None and name.endswith(".s3.amazonaws.com"):
        region = GLOBAL_SERVICES_REGION
    return region if region in settings.regions else None


def is_served(name: str, settings: Settings) -> bool:
    """Whether the twin answers HTTPS for a host name: in the hosted zone, or an AWS name of its regions."""
    zone = settings.hosted_zone
    in_zone = name == zone or name.endswith("." + zone)
    return in_zone or name == "localhost" or region_of_aws_name(name, settings) is not None
