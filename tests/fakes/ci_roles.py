"""Users of a twin who may do exactly what the committed policies of a CI role allow."""

import json
from collections.abc import Mapping
from typing import Any

from tools.pages import ci_policies
from twin.client import TwinClient

DOMAIN = "orders.example.com"


def values(client: TwinClient) -> dict[str, str]:
    """What is filled into the policies for a twin."""
    zones = client.boto3_client("route53", "us-east-1").list_hosted_zones()["HostedZones"]
    return {
        "prefix": ci_policies.prefix(),
        "account": client.boto3_client("sts", "us-east-1").get_caller_identity()["Account"],
        "zone": str(zones[0]["Id"]).rpartition("/")[2],
        "domain": DOMAIN,
        "state_bucket": "state",
    }


def as_role(client: TwinClient, role: str) -> TwinClient:
    """The twin as somebody sees it who has the policies of the role, and nothing else."""
    iam = client.boto3_client("iam", "us-east-1")
    user = f"ci-{role}"
    iam.create_user(UserName=user)
    for name, document in ci_policies.documents().items():
        if name.partition("-")[0] == role:
            _attach(iam, user, f"ci-{name}", ci_policies.filled_in(document, values(client)))
    return with_key(client, iam.create_access_key(UserName=user)["AccessKey"])


def with_key(client: TwinClient, key: Mapping[str, str]) -> TwinClient:
    """The twin as the owner of an access key sees it."""
    own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return TwinClient(
        {
            **client.description,
            "environment": {**client.env, **own},
            "accessKeyId": key["AccessKeyId"],
            "secretAccessKey": key["SecretAccessKey"],
        }
    )


def _attach(iam: Any, user: str, name: str, document: ci_policies.Document) -> None:
    made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
    iam.attach_user_policy(UserName=user, PolicyArn=made["Policy"]["Arn"])
