"""A canary: the region is healthy, and the order that was made for the canaries reads back whole.

AWS runs it with its own library (CloudWatch User Guide, "Writing a Python canary script"). It imports
nothing of ours: what to call, how to sign it and what must come back is in the environment. A run fails by
an exception, whose text becomes the run's reason.
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import Any

import boto3
from aws_synthetics.common import synthetics_logger as logger
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

SERVICE = "execute-api"
ALL_REGIONS = "*"
# Two calls and a metric fit into the canary's timeout, also when all of them hang.
CALL_SECONDS = 12
METRIC_CONFIG = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "max_attempts": 2})

_session = boto3.Session()


class CheckFailed(Exception):  # noqa: N818 - its name is part of what the run's reason says
    """The service answered something else than it must, or nothing."""


def handler(_event: Any, _context: Any) -> str:
    """One run. The result is put as a metric where that is asked for, also when the check failed."""
    passed = False
    try:
        region = check(os.environ)
        passed = True
    finally:
        _report(passed, os.environ)
    return f"{region} is healthy and its order reads back whole"


def check(environ: Mapping[str, str]) -> str:
    """The region that answered; raises CheckFailed."""
    regions = environ["EXPECTED_REGIONS"].split(",")
    region, body = _get(environ["HEALTH_URL"], environ, regions)
    _expect(environ["HEALTH_URL"], body, {"region": region, "status": "ok"})
    region, body = _get(environ["ORDER_URL"], environ, regions)
    _expect(environ["ORDER_URL"], body, json.loads(environ["EXPECTED_ORDER"]))
    return region


def _get(url: str, environ: Mapping[str, str], regions: list[str]) -> tuple[str, Mapping[str, Any]]:
    """The region that answered a signed GET, and the JSON object that it answered."""
    began = time.monotonic()
    status, headers, content = _call(url, _signed(url, environ["SIGNING_REGION"]))
    region = headers.get(environ["REGION_HEADER"], "")
    logger.info(f"GET {url}: {status} from {region or 'nobody known'} in {time.monotonic() - began:.3f} s")
    if status != 200:
        raise CheckFailed(f"GET {url} answered {status}: {content[:200].decode(errors='replace')}")
    if region not in regions:
        raise CheckFailed(f"GET {url} was answered by {region!r}, not by one of {regions}")
    try:
        body = json.loads(content)
    except ValueError:
        raise CheckFailed(f"GET {url} answered no JSON: {content[:200].decode(errors='replace')}") from None
    if not isinstance(body, dict):
        raise CheckFailed(f"GET {url} answered no JSON object: {body!r}")
    return region, body


def _expect(url: str, body: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    wrong = {name: body.get(name) for name, value in expected.items() if body.get(name) != value}
    if wrong:
        wanted = {name: expected[name] for name in wrong}
        raise CheckFailed(f"GET {url} answered {wrong}, not {wanted}")


def _call(url: str, headers: Mapping[str, str]) -> tuple[int, Message, bytes]:
    """Status, headers (their names in any case) and body of an answer, whatever its status is."""
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - our own address, https
    try:
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
    except OSError as error:
        raise CheckFailed(f"GET {url} was not answered: {error}") from error


def _signed(url: str, region: str) -> Mapping[str, str]:
    """The headers of a signed GET: SigV4 for one region, SigV4a for a name that every region answers."""
    request = AWSRequest(method="GET", url=url)
    credentials = _session.get_credentials()
    if credentials is None:
        raise CheckFailed("The canary has no credentials to sign with.")
    if region == ALL_REGIONS:
        from botocore.crt.auth import CrtSigV4AsymAuth

        CrtSigV4AsymAuth(credentials, SERVICE, ALL_REGIONS).add_auth(request)
    else:
        SigV4Auth(credentials, SERVICE, region).add_auth(request)
    return dict(request.headers.items())


def _report(passed: bool, environ: Mapping[str, str]) -> None:
    """Put the run's result where others look for it. A failure is logged and changes no verdict."""
    text = environ.get("RESULT_METRIC")
    if not text:
        return
    try:
        metric = json.loads(text)
        _session.client("cloudwatch", region_name=metric["region"], config=METRIC_CONFIG).put_metric_data(
            Namespace=metric["namespace"],
            MetricData=[
                {
                    "MetricName": metric["name"],
                    "Dimensions": [{"Name": k, "Value": v} for k, v in metric["dimensions"].items()],
                    "Value": 1.0 if passed else 0.0,
                }
            ],
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the check's own verdict stands
        logger.error(f"The result was not put as a metric: {type(error).__name__}: {error}")
