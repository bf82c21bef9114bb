"""A client that knows nothing of this project: it signs by itself, with botocore, and calls with requests.

Run as a program with one JSON object on standard input, {"regional": url, "shared": url, "region": name,
"query": text}. Writes a JSON list with an object for each way to sign: {"way": text, "status": number,
"region": name, "body": text}.
"""

import hashlib
import json
import os
import sys
from typing import Any

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.crt.auth import CrtSigV4AsymAuth

PAYLOAD_HASH = "X-Amz-Content-SHA256"
BODY = b"{}"


def signed(url: str, signer: Any, method: str, body: bytes, *, payload_hash: bool) -> dict[str, str]:
    """The headers of a signed request."""
    headers = {"Content-Type": "application/json"}
    if payload_hash:
        headers[PAYLOAD_HASH] = hashlib.sha256(body).hexdigest()
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    signer.add_auth(request)
    return dict(request.headers.items())


def call(way: str, url: str, headers: dict[str, str], method: str, body: bytes) -> dict[str, object]:
    """What a call was answered."""
    answer = requests.request(method, url, headers=headers, data=body, timeout=30)
    shown: dict[str, object] = {"way": way, "status": answer.status_code}
    return {**shown, "region": answer.headers.get("X-Orders-Region"), "body": answer.text}


def main() -> None:
    given = json.load(sys.stdin)
    keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    wrong = Credentials(keys.access_key, keys.secret_key[::-1])
    found = []
    for place in ("regional", "shared"):
        signers = {
            "sigv4": SigV4Auth(keys, "execute-api", given["region"]),
            "sigv4a": CrtSigV4AsymAuth(keys, "execute-api", "*"),
            "forged sigv4a": CrtSigV4AsymAuth(wrong, "execute-api", "*"),
            "sigv4a for another region": CrtSigV4AsymAuth(keys, "execute-api", "eu-central-1"),
        }
        url = f"{given[place]}/orders?{given['query']}"
        for name, signer in signers.items():
            for payload_hash in (True, False):
                way = f"{name} {place} {'with' if payload_hash else 'without'} payload hash"
                headers = signed(url, signer, "POST", BODY, payload_hash=payload_hash)
                assert (PAYLOAD_HASH.lower() in map(str.lower, headers)) is payload_hash, way
                found.append(call(way, url, headers, "POST", BODY))
                if name == "sigv4a":
                    found.append(call(f"{way}, another body", url, headers, "POST", b'{"a": 1}'))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
