"""Writes the IAM policies of the roles that GitHub's workflows take: `python -m tools.pages.ci_policies`.

Without options into docs/ci-policies/, with names in capitals where an account's own values belong. With the
values and a folder it writes them there, ready for use.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from blueprint.canary_names import FUNCTION_NAME_CHARACTERS
from tools.pages.ci_actions import ANY, GRANTS, Condition, Grant
from tools.pages.config_docs import PROJECT_FILE, REPOSITORY

FOLDER: Final = REPOSITORY / "docs" / "ci-policies"
MANAGED_POLICY_CHARACTERS: Final = 6144
"""Of a customer managed policy, white space not counted (IAM User Guide, "IAM and AWS STS quotas")."""

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "account": "ACCOUNT_ID",
    "zone": "HOSTED_ZONE_ID",
    "domain": "DOMAIN_NAME",
    "state_bucket": "STATE_BUCKET",
}

Statement = dict[str, Any]
Document = dict[str, Any]

_STATE: Final = (
    # Pulumi, "Managing state & backend options", Amazon S3: a preview takes no lock and saves nothing.
    Grant(resources=("arn:aws:s3:::{state_bucket}",), read=("s3:ListBucket",)),
    Grant(
        resources=("arn:aws:s3:::{state_bucket}/.pulumi/*",),
        read=("s3:GetObject",),
        write=("s3:PutObject", "s3:DeleteObject"),
    ),
)
_CALL_THE_API: Final = Grant(
    # API ids are made up by AWS. The region's own URL and the shared name are the same resource.
    resources=("arn:aws:execute-api:*:{account}:*/*/*/*",),
    write=("execute-api:Invoke",),
)
_MOVE_TRAFFIC: Final = Grant(
    resources=("arn:aws:route53-recovery-control::{account}:controlpanel/*",),
    write=tuple(
        f"route53-recovery-cluster:{action}"
        for action in ("GetRoutingControlState", "UpdateRoutingControlState", "UpdateRoutingControlStates")
    ),
)
_LIST_CONTROLS: Final = Grant(
    resources=ANY,
    write=("route53-recovery-cluster:ListRoutingControls",),
    why_any="IAM knows no resource for it",
)
_PREFLIGHT: Final = Grant(resources=("arn:aws:apigateway:*::/account",), read=("apigateway:GET",))
_COUNT_ORDERS: Final = Grant(
    # The drill reads every region's tables, and puts the products that it sells.
    resources=("arn:aws:dynamodb:*:{account}:table/{prefix}-*",),
    write=("dynamodb:BatchGetItem", "dynamodb:PutItem"),
)


def documents() -> dict[str, Document]:
    """Every policy by its file's name, with `{...}` where values belong."""
    program = [grant for grants in GRANTS.values() for grant in grants]
    look = [_only_looking(grant) for grant in [*program, *_STATE, _PREFLIGHT]]
    deploy = [*program, *_STATE, _PREFLIGHT, _CALL_THE_API, _MOVE_TRAFFIC, _LIST_CONTROLS]
    drill = [*map(_only_looking, _STATE), _CALL_THE_API, _MOVE_TRAFFIC, _LIST_CONTROLS, _COUNT_ORDERS]
    return {**_policies("preview", look), **_policies("deploy", deploy), **_policies("drill", drill)}


def filled_in(document: Document, values: Mapping[str, str]) -> Document:
    """The document with `{name}` replaced by `values[name]`."""
    text = json.dumps(document)
    for name, value in _with_canaries(values).items():
        text = text.replace(f"{{{name}}}", value)
    filled: Document = json.loads(text)
    return filled


def _with_canaries(values: Mapping[str, str]) -> Mapping[str, str]:
    if "prefix" not in values:
        return values
    return {**values, "canaries": f"{values['prefix']}-"[:FUNCTION_NAME_CHARACTERS]}


def prefix() -> str:
    """The start of every physical name: the project's (blueprint/naming.py)."""
    return str(yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))["name"])


def characters(document: Document) -> int:
    """As IAM counts them."""
    return len("".join(json.dumps(document, separators=(",", ":")).split()))


def write(folder: Path, values: Mapping[str, str]) -> None:
    """Every policy as a file of the folder; files of policies that are no more are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = documents()
    for name, document in made.items():
        text = json.dumps(filled_in(document, {"prefix": prefix(), **values}), indent=2)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    for file in folder.glob("*.json"):
        if file.stem not in made:
            file.unlink()


def _only_looking(grant: Grant) -> Grant:
    return Grant(resources=grant.resources, read=grant.read, condition=grant.condition)


def _policies(role: str, grants: Iterable[Grant]) -> dict[str, Document]:
    """A role's statements in as many policies as IAM's limit asks for."""
    policies: list[list[Statement]] = [[]]
    for statement in _statements(grants):
        if policies[-1] and characters(_document([*policies[-1], statement])) > _room():
            policies.append([])
        policies[-1].append(statement)
    if len(policies) == 1:
        return {role: _document(policies[0])}
    return {f"{role}-{number}": _document(statements) for number, statements in enumerate(policies, 1)}


def _room() -> int:
    """What a policy may have before its values are filled in: each `{...}` may become longer."""
    return MANAGED_POLICY_CHARACTERS - 600


def _statements(grants: Iterable[Grant]) -> list[Statement]:
    """One statement for all actions on the same resources under the same condition."""
    merged: dict[tuple[tuple[str, ...], str], tuple[set[str], Condition]] = {}
    for grant in grants:
        actions = {*grant.read, *grant.write}
        if actions:
            key = (grant.resources, json.dumps(grant.condition, sort_keys=True))
            merged.setdefault(key, (set(), grant.condition))[0].update(actions)
    return [
        _statement(actions, resources, condition) for (resources, _), (actions, condition) in merged.items()
    ]


def _statement(actions: Iterable[str], resources: Sequence[str], condition: Condition) -> Statement:
    statement: Statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement


def _document(statements: Sequence[Statement]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = ArgumentParser(prog="python -m tools.pages.ci_policies", description=__doc__)
    for name, placeholder in PLACEHOLDERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=placeholder)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    given = vars(parser.parse_args(arguments))
    folder: Path = given.pop("folder")
    if folder == FOLDER and given != PLACEHOLDERS:
        parser.error("name a folder outside the repository for policies with an account's own values")
    write(folder, given)


if __name__ == "__main__":
    main()
