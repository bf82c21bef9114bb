"""The running twin as somebody else sees it: a user with exactly one name's rights, to rehearse with.

operator        both operator policies of the deployed stacks
ci-<role>       the policies of docs/ci-policies/ for that role, with the twin's values filled in
any other name  the managed policy of that name, else the IAM user of that name as it is

A user `as-<name>` is made for the first three. It gets copies of the policies as they are now: a policy that
somebody has attached could not be deleted, so that the stacks could not be destroyed after a rehearsal. Its
key is kept in the twin's home, since IAM tells a secret once, and is not there in an outage of us-east-1.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from blueprint import output_names as names
from twin.client import Json, TwinClient
from twin.errors import ActingError
from twin.home import Home
from twin.settings import GLOBAL_SERVICES_REGION

OPERATOR: Final = "operator"
CI_PREFIX: Final = "ci-"
CI_POLICIES: Final = Path(__file__).resolve().parents[1] / "docs" / "ci-policies"

_ONE_ATTEMPT: Final = Config(retries={"total_max_attempts": 1})
_SERVER_ERROR: Final = 500

Documents = Mapping[str, Json]


def act_as(client: TwinClient, name: str) -> TwinClient:
    """The twin with the keys of that name's user; `client` is the administrator's.

    ActingError: nobody and nothing has the name, or IAM does not answer and no key was made before.
    """
    try:
        return client.with_keys(_key(client, name))
    except (BotoCoreError, ClientError) as error:
        return client.with_keys(_kept_in_outage(client, name, error))


def ci_roles() -> list[str]:
    """The names of the CI roles that have committed policies."""
    return sorted({CI_PREFIX + file.stem.partition("-")[0] for file in CI_POLICIES.glob("*.json")})


def _key(client: TwinClient, name: str) -> Mapping[str, str]:
    iam = client.boto3_client("iam", GLOBAL_SERVICES_REGION, config=_ONE_ATTEMPT)
    documents = _documents(client, iam, name)
    if documents is not None:
        _give(iam, _user(name), documents)
        return _key_of(client, iam, _user(name))
    if _exists(iam.get_user, UserName=name):
        return _key_of(client, iam, name)
    raise ActingError(_unknown(iam, name))


def _documents(client: TwinClient, iam: Any, name: str) -> Documents | None:
    """The policies by their names, None where the name is of no role and of no policy."""
    if name == OPERATOR:
        return _managed(iam, _operator_policies(client))
    if name in ci_roles():
        return _of_ci_role(client, name)
    arns = [policy["Arn"] for policy in _policies(iam) if policy["PolicyName"] == name]
    return _managed(iam, arns) if arns else None


def _operator_policies(client: TwinClient) -> list[str]:
    """Of the first stack that is deployed: every stack passes the primary's on."""
    for outputs in _outputs(client):
        both = (names.OPERATOR_POLICY_ARN, names.OPERATOR_CHECK_POLICY_ARN)
        return [outputs[key] for key in both if outputs.get(key)]
    raise ActingError(
        f"nobody is an {OPERATOR} yet: no stack is deployed in {client.home}, and the stacks bring the "
        "operators' policies; deploy first: python -m twin deploy"
    )


def _outputs(client: TwinClient) -> list[Json]:
    files = sorted(Home(client.home).outputs.glob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def _of_ci_role(client: TwinClient, name: str) -> Documents:
    role, values = name.removeprefix(CI_PREFIX), ci_values(client)
    found = {}
    for file in sorted(CI_POLICIES.glob(f"{role}*.json")):
        text = file.read_text(encoding="utf-8")
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        found[file.stem] = json.loads(text)
    return found


def ci_values(client: TwinClient) -> Mapping[str, str]:
    """What docs/ci-roles.md has its reader fill in."""
    zone = client.description["hostedZone"]
    route53 = client.boto3_client("route53", GLOBAL_SERVICES_REGION, config=_ONE_ATTEMPT)
    found = route53.list_hosted_zones_by_name(DNSName=zone)["HostedZones"][0]
    domains = [outputs[names.DOMAIN_URL].split("/")[2] for outputs in _outputs(client)]
    return {
        "ACCOUNT_ID": client.description["accountId"],
        "HOSTED_ZONE_ID": found["Id"].rpartition("/")[2],
        "DOMAIN_NAME": domains[0] if domains else f"orders.{zone}",
        "STATE_BUCKET": "state",
    }


def _policies(iam: Any) -> list[Json]:
    pages = iam.get_paginator("list_policies").paginate(Scope="Local")
    return [policy for page in pages for policy in page["Policies"]]


def _managed(iam: Any, arns: list[str]) -> Documents:
    return {arn.rpartition("/")[2]: _document(iam, arn) for arn in arns}


def _document(iam: Any, arn: str) -> Json:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found: Json = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return found


def _give(iam: Any, user: str, documents: Documents) -> None:
    """Those policies, and no others."""
    if not _exists(iam.get_user, UserName=user):
        iam.create_user(UserName=user)
    for had in iam.list_user_policies(UserName=user)["PolicyNames"]:
        if had not in documents:
            iam.delete_user_policy(UserName=user, PolicyName=had)
    for name, document in documents.items():
        iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=json.dumps(document))


def _exists(call: Any, **arguments: str) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return False
    return True


def _key_of(client: TwinClient, iam: Any, user: str) -> Mapping[str, str]:
    """The key that was kept, while IAM knows it; else a new one."""
    kept = _kept(client, user)
    known = {key["AccessKeyId"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}
    if kept and kept["AccessKeyId"] in known:
        return kept
    made = iam.create_access_key(UserName=user)["AccessKey"]
    key = {name: str(made[name]) for name in ("AccessKeyId", "SecretAccessKey")}
    _keep(client, user, key)
    return key


def _file(client: TwinClient, user: str) -> Path:
    # Of a home that the twin empties when it starts, as its IAM is empty then.
    return Home(client.home).state / "keys" / f"{user}.json"


def _kept(client: TwinClient, user: str) -> Mapping[str, str] | None:
    file = _file(client, user)
    found: Mapping[str, str] | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return found


def _keep(client: TwinClient, user: str, key: Mapping[str, str]) -> None:
    file = _file(client, user)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    file.write_text(json.dumps(key), encoding="utf-8")


def _kept_in_outage(client: TwinClient, name: str, error: BotoCoreError | ClientError) -> Mapping[str, str]:
    """The key that was made before; what IAM refuses for another reason is raised."""
    if (
        isinstance(error, ClientError)
        and error.response["ResponseMetadata"]["HTTPStatusCode"] < _SERVER_ERROR
    ):
        raise error
    kept = _kept(client, _user(name)) or _kept(client, name)
    if kept is None:
        raise ActingError(
            f"cannot make a key for {name!r}: IAM, which is in {GLOBAL_SERVICES_REGION}, does not answer "
            f"({type(error).__name__}), and none was made before the outage, as on AWS; end the outage "
            "(python -m twin fault clear), make the key, and begin again"
        ) from error
    return kept


def _user(name: str) -> str:
    return f"as-{name}"


def _unknown(iam: Any, name: str) -> str:
    policies = sorted(policy["PolicyName"] for policy in _policies(iam))
    users = sorted(user["UserName"] for user in iam.list_users()["Users"])
    return (
        f"nobody to act as: {name!r} is no role, no managed policy and no IAM user of the twin; write one of "
        f"{', '.join([OPERATOR, *ci_roles()])}, a policy ({', '.join(policies) or 'none is deployed'}), or a "
        f"user ({', '.join(users)})"
    )
