"""Signatures, held against botocore's own signer."""

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ops.net.signing import Keys, Signer

HOST, TARGET = "orders.example.com", "/v1/orders?orderId=01H&productId=a%20b"


def signer(**fields: str) -> Signer:
    return Signer(lambda: Keys(access_key="AKIDEXAMPLE", secret_key="secret", **fields))


def test_a_regional_signature_is_the_one_botocore_makes() -> None:
    ours = signer(token="session").for_region("us-west-2", "GET", HOST, TARGET, b"")
    theirs = AWSRequest(method="GET", url=f"https://{HOST}{TARGET}", headers={"Host": HOST})
    auth = SigV4Auth(Credentials("AKIDEXAMPLE", "secret", "session"), "execute-api", "us-west-2")
    theirs.context["timestamp"] = ours["X-Amz-Date"]
    theirs.headers["X-Amz-Date"] = ours["X-Amz-Date"]
    theirs.headers["X-Amz-Security-Token"] = "session"
    canonical = auth.canonical_request(theirs)
    signature = auth.signature(auth.string_to_sign(theirs, canonical), theirs)
    assert ours["Authorization"].endswith(f"Signature={signature}")
    assert ours["X-Amz-Security-Token"] == "session"


def test_a_shared_signature_is_good_in_every_region() -> None:
    headers = signer().for_all_regions("POST", HOST, TARGET, b"{}")
    assert headers["X-Amz-Region-Set"] == "*"
    assert headers["Authorization"].startswith("AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/")


def test_the_credentials_object_is_kept_until_the_credentials_change() -> None:
    keys = [Keys(access_key="A", secret_key="s")]
    one = Signer(lambda: keys[0])
    first = one._provider()
    assert one._provider() is first
    keys[0] = Keys(access_key="A", secret_key="s", token="new")
    assert one._provider() is not first
