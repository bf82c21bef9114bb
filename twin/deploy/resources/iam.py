"""IAM roles and the policies in them."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from twin.deploy.context import Aws
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tag_list,
    tags_of,
)

_POLICY_VERSIONS = 5
_SESSION_SECONDS = 3600


class Role(Handler):
    pulumi_type = "aws:iam/role:Role"
    accepts = paths(
        "name",
        "assumeRolePolicy",
        "description",
        "path",
        "maxSessionDuration",
        "permissionsBoundary",
        "managedPolicyArns",
        "tags.*",
    )
    replaces = frozenset({"name", "path"})
    autoname = AutoName(argument="name", limit=64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        aws.client("iam").create_role(
            **compact(
                RoleName=name,
                AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
                Description=inputs.get("description"),
                Path=inputs.get("path"),
                MaxSessionDuration=_seconds(inputs),
                PermissionsBoundary=inputs.get("permissionsBoundary"),
                Tags=tag_list(inputs.get("tags") or {}) or None,
            )
        )
        with half_made(name):
            self._attach(aws, name, {}, inputs)
            return Made(identity=name, outputs=self._outputs(aws, name))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(aws.client("iam").get_role, RoleName=identity)
        if answer is None:
            return None
        role = answer["Role"]
        return {
            **self._outputs(aws, identity),
            "description": role.get("Description", ""),
            "tags": tags_of(role.get("Tags")),
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        client = aws.client("iam")
        if old.get("assumeRolePolicy") != new["assumeRolePolicy"]:
            client.update_assume_role_policy(RoleName=identity, PolicyDocument=new["assumeRolePolicy"])
        # The real provider's two calls, which need two rights (internal/service/iam/role.go).
        if _description(old) != _description(new):
            client.update_role_description(RoleName=identity, Description=_description(new))
        if _seconds(old) != _seconds(new):
            client.update_role(RoleName=identity, MaxSessionDuration=_seconds(new))
        if old.get("permissionsBoundary") != new.get("permissionsBoundary"):
            _set_boundary(client, identity, new.get("permissionsBoundary"))
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        if to_set:
            client.tag_role(RoleName=identity, Tags=tag_list(to_set))
        if to_remove:
            client.untag_role(RoleName=identity, TagKeys=to_remove)
        self._attach(aws, identity, old, new)
        return self._outputs(aws, identity)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        self._attach(aws, identity, inputs, {})
        ignore_gone(aws.client("iam").delete_role, RoleName=identity)

    def _attach(self, aws: Aws, name: str, old: Inputs, new: Inputs) -> None:
        before, after = set(old.get("managedPolicyArns") or ()), set(new.get("managedPolicyArns") or ())
        for arn in sorted(after - before):
            aws.client("iam").attach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in sorted(before - after):
            ignore_gone(aws.client("iam").detach_role_policy, RoleName=name, PolicyArn=arn)

    def _outputs(self, aws: Aws, name: str) -> Outputs:
        role = aws.client("iam").get_role(RoleName=name)["Role"]
        return {
            "name": role["RoleName"],
            "arn": role["Arn"],
            "uniqueId": role["RoleId"],
            "path": role.get("Path", "/"),
            "createDate": role["CreateDate"].isoformat(),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "assumeRolePolicy": _document(role["AssumeRolePolicyDocument"]),
        }


class RolePolicy(Handler):
    pulumi_type = "aws:iam/rolePolicy:RolePolicy"
    accepts = paths("name", "policy", "role")
    replaces = frozenset({"name", "role"})
    autoname = AutoName(argument="name", limit=128)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        _put(aws, inputs)
        return Made(identity=f"{inputs['role']}:{inputs['name']}", outputs={"name": inputs["name"]})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        role, name = identity.split(":", 1)
        answer = found(aws.client("iam").get_role_policy, RoleName=role, PolicyName=name)
        return {"name": name, "role": role, "policy": _document(answer["PolicyDocument"])} if answer else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        _put(aws, new)
        return {"name": new["name"]}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        role, name = identity.split(":", 1)
        ignore_gone(aws.client("iam").delete_role_policy, RoleName=role, PolicyName=name)


class Policy(Handler):
    pulumi_type = "aws:iam/policy:Policy"
    accepts = paths("name", "description", "path", "policy", "tags.*")
    replaces = frozenset({"name", "description", "path"})
    autoname = AutoName(argument="name", limit=128)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        made = aws.client("iam").create_policy(
            **compact(
                PolicyName=inputs["name"],
                PolicyDocument=inputs["policy"],
                Description=inputs.get("description"),
                Path=inputs.get("path"),
                Tags=tag_list(inputs.get("tags") or {}) or None,
            )
        )["Policy"]
        return Made(identity=made["Arn"], outputs=_policy_outputs(made))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        client = aws.client("iam")
        answer = found(client.get_policy, PolicyArn=identity)
        if answer is None:
            return None
        policy = answer["Policy"]
        version = client.get_policy_version(PolicyArn=identity, VersionId=policy["DefaultVersionId"])
        return {
            **_policy_outputs(policy),
            "description": policy.get("Description", ""),
            "policy": _document(version["PolicyVersion"]["Document"]),
            "tags": {tag["Key"]: tag["Value"] for tag in policy.get("Tags", [])},
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        client = aws.client("iam")
        if old.get("policy") != new["policy"]:
            self._make_room(client, identity)
            client.create_policy_version(PolicyArn=identity, PolicyDocument=new["policy"], SetAsDefault=True)
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        if to_set:
            client.tag_policy(PolicyArn=identity, Tags=tag_list(to_set))
        if to_remove:
            client.untag_policy(PolicyArn=identity, TagKeys=to_remove)
        return _policy_outputs(client.get_policy(PolicyArn=identity)["Policy"])

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        client = aws.client("iam")
        for version in self._former_versions(client, identity):
            ignore_gone(client.delete_policy_version, PolicyArn=identity, VersionId=version)
        ignore_gone(client.delete_policy, PolicyArn=identity)

    def _make_room(self, client: Any, arn: str) -> None:
        """A policy keeps five versions (IAM quotas); the oldest goes, as with the real provider."""
        former = self._former_versions(client, arn)
        if len(former) >= _POLICY_VERSIONS - 1:
            client.delete_policy_version(PolicyArn=arn, VersionId=former[0])

    def _former_versions(self, client: Any, arn: str) -> list[str]:
        answer = found(client.list_policy_versions, PolicyArn=arn) or {}
        former = [one for one in answer.get("Versions", []) if not one["IsDefaultVersion"]]
        return [one["VersionId"] for one in sorted(former, key=lambda one: one["CreateDate"])]


def _policy_outputs(policy: Mapping[str, Any]) -> Outputs:
    return {
        "name": policy["PolicyName"],
        "arn": policy["Arn"],
        "policyId": policy["PolicyId"],
        "path": policy.get("Path", "/"),
        "attachmentCount": policy.get("AttachmentCount", 0),
    }


def _put(aws: Aws, inputs: Inputs) -> None:
    aws.client("iam").put_role_policy(
        RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
    )


def _description(inputs: Inputs) -> str:
    return str(inputs.get("description") or "")


def _seconds(inputs: Inputs) -> int:
    return int(inputs.get("maxSessionDuration") or _SESSION_SECONDS)


def _set_boundary(client: Any, role: str, arn: str | None) -> None:
    if arn:
        client.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    else:
        client.delete_role_permissions_boundary(RoleName=role)


def _document(value: Any) -> str:
    """botocore decodes policy documents into objects; the schema has them as JSON text."""
    return unquote(value) if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
