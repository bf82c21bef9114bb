"""What a request's AWS signature claims: who, which service, which regions. Nothing is verified here.

S3 still takes Signature Version 2, which names neither: boto3 and the AWS CLI presign with it by default.
"""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
SIGV4 = "AWS4-HMAC-SHA256"
SIGV4A = "AWS4-ECDSA-P256-SHA256"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The credential scope of a signature.

    `regions` are the patterns a SigV4a signature names in its region set; `region` is the one region of a
    SigV4 signature, None for SigV4a and for Signature Version 2, which is good everywhere.
    """

    access_key: str
    service: str
    region: str | None
    regions: tuple[str, ...] = ()

    def covers(self, region: str) -> bool:
        """Whether the signature is good in a region."""
        if self.region is not None:
            return self.region == region
        return any(fnmatch.fnmatchcase(region, pattern) for pattern in self.regions)

    @property
    def single_region(self) -> str | None:
        """The region a request names when it names exactly one."""
        if self.region is not None:
            return self.region
        if len(self.regions) == 1 and "*" not in self.regions[0]:
            return self.regions[0]
        return None


def claim_of(headers: Mapping[str, str], query_string: str) -> Claim | None:
    """The claim of a header or query-string signature; None when there is none that can be read."""
    authorization = headers.get("authorization", "")
    if authorization.startswith((SIGV4 + " ", SIGV4A + " ")):
        found = _CREDENTIAL.search(authorization)
        algorithm = authorization.partition(" ")[0]
        return _claim(algorithm, found.group(1) if found else "", headers.get("x-amz-region-set", ""))
    if authorization.startswith("AWS "):
        return _version_2(authorization.removeprefix("AWS ").partition(":")[0])
    if "X-Amz-Algorithm=" not in query_string and "AWSAccessKeyId=" not in query_string:
        return None
    query = parse_qs(query_string, keep_blank_values=True)

    def value(name: str) -> str:
        return query.get(name, [""])[0]

    if value("AWSAccessKeyId") and value("Signature") and not value("X-Amz-Algorithm"):
        return _version_2(value("AWSAccessKeyId"))
    return _claim(value("X-Amz-Algorithm"), value("X-Amz-Credential"), value("X-Amz-Region-Set"))


def _version_2(access_key: str) -> Claim | None:
    return Claim(access_key=access_key, service="s3", region=None, regions=("*",)) if access_key else None


def _claim(algorithm: str, credential: str, region_set: str) -> Claim | None:
    scope = credential.split("/")
    if algorithm == SIGV4 and len(scope) == 5:
        return Claim(access_key=scope[0], region=scope[2], service=scope[3])
    if algorithm == SIGV4A and len(scope) == 4:
        regions = tuple(part.strip() for part in region_set.split(",") if part.strip())
        return Claim(access_key=scope[0], region=None, service=scope[2], regions=regions)
    return None
