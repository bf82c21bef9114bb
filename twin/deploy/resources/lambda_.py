"""Lambda: functions, layers, and permissions to invoke."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    error_code,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tags_of,
)
from twin.deploy.values import LocalFile

_CODE = frozenset({"code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"})
_API_GATEWAY_PATH = "2015-03-31/functions"  # fixed part of an integration's URI (API Gateway API reference)


class Function(Handler):
    pulumi_type = "aws:lambda/function:Function"
    accepts = paths(
        "name",
        "role",
        "runtime",
        "handler",
        "code",
        "s3Bucket",
        "s3Key",
        "s3ObjectVersion",
        "architectures",
        "description",
        "environment.variables.*",
        "ephemeralStorage.size",
        "layers",
        "loggingConfig.logFormat",
        "loggingConfig.logGroup",
        "loggingConfig.applicationLogLevel",
        "loggingConfig.systemLogLevel",
        "memorySize",
        "packageType",
        "publish",
        "reservedConcurrentExecutions",
        "timeout",
        "tracingConfig.mode",
        "tags.*",
    )
    without_effect: ClassVar[Mapping[str, str]] = {
        "sourceCodeHash": "it only makes the engine see a change of the code, and is seen here as one"
    }
    replaces = frozenset({"name", "packageType"})
    autoname = AutoName(argument="name", limit=64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        request = compact(
            FunctionName=name,
            Code=_code(inputs),
            PackageType=inputs.get("packageType"),
            Architectures=inputs.get("architectures"),
            Publish=inputs.get("publish"),
            Tags=inputs.get("tags") or None,
            **_settings(inputs),
        )
        aws.wait(f"The role {inputs['role']} becoming usable", lambda: _created(aws, request))
        with half_made(name):
            _wait_ready(aws, name)
            if inputs.get("reservedConcurrentExecutions", -1) >= 0:
                _reserve(aws, name, inputs)
            return Made(identity=name, outputs=_function_outputs(aws, name))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(aws.client("lambda").get_function, FunctionName=identity)
        return {**_function_outputs(aws, identity), **_observed(answer)} if answer else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        client = aws.client("lambda")
        if _settings(old, missing_role=True) != _settings(new):
            client.update_function_configuration(FunctionName=identity, **_settings(new, cleared=old))
            _wait_ready(aws, identity)
        code_keys = _CODE | {"architectures"}
        if any(old.get(key) != new.get(key) for key in code_keys):
            client.update_function_code(
                FunctionName=identity,
                **compact(Architectures=new.get("architectures"), Publish=new.get("publish")),
                **_code(new),
            )
            _wait_ready(aws, identity)
        if old.get("reservedConcurrentExecutions", -1) != new.get("reservedConcurrentExecutions", -1):
            _reserve(aws, identity, new)
        outputs = _function_outputs(aws, identity)
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        if to_set:
            client.tag_resource(Resource=outputs["arn"], Tags=to_set)
        if to_remove:
            client.untag_resource(Resource=outputs["arn"], TagKeys=to_remove)
        return outputs

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(aws.client("lambda").delete_function, FunctionName=identity)


class LayerVersion(Handler):
    """A layer's version cannot change: every change publishes a new one."""

    pulumi_type = "aws:lambda/layerVersion:LayerVersion"
    accepts = paths(
        "layerName",
        "code",
        "s3Bucket",
        "s3Key",
        "s3ObjectVersion",
        "compatibleRuntimes",
        "compatibleArchitectures",
        "description",
        "licenseInfo",
        "skipDestroy",
    )
    without_effect: ClassVar[Mapping[str, str]] = Function.without_effect
    replaces = frozenset(
        {"layerName", "compatibleRuntimes", "compatibleArchitectures", "description", "licenseInfo", *_CODE}
    )

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.client("lambda").publish_layer_version(
            LayerName=inputs["layerName"],
            Content=_code(inputs),
            **compact(
                CompatibleRuntimes=inputs.get("compatibleRuntimes"),
                CompatibleArchitectures=inputs.get("compatibleArchitectures"),
                Description=inputs.get("description"),
                LicenseInfo=inputs.get("licenseInfo"),
            ),
        )
        return Made(identity=answer["LayerVersionArn"], outputs=_layer_outputs(answer))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        layer, version = identity.rsplit(":", 1)
        answer = found(aws.client("lambda").get_layer_version, LayerName=layer, VersionNumber=int(version))
        return _layer_outputs(answer) if answer else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        return self.read(aws, identity, new) or {}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        if not inputs.get("skipDestroy"):
            layer, version = identity.split(":")[-2:]
            ignore_gone(
                aws.client("lambda").delete_layer_version, LayerName=layer, VersionNumber=int(version)
            )


class Permission(Handler):
    """A statement of a function's resource policy; it cannot change, only be replaced."""

    pulumi_type = "aws:lambda/permission:Permission"
    accepts = paths(
        "statementId",
        "action",
        "function",
        "principal",
        "sourceArn",
        "sourceAccount",
        "principalOrgId",
        "qualifier",
    )
    replaces = accepts
    autoname = AutoName(argument="statementId", limit=100)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        aws.client("lambda").add_permission(
            FunctionName=inputs["function"],
            StatementId=inputs["statementId"],
            Action=inputs["action"],
            Principal=inputs["principal"],
            **compact(
                SourceArn=inputs.get("sourceArn"),
                SourceAccount=inputs.get("sourceAccount"),
                PrincipalOrgID=inputs.get("principalOrgId"),
                Qualifier=inputs.get("qualifier"),
            ),
        )
        return Made(identity=inputs["statementId"], outputs={"statementId": inputs["statementId"]})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(aws.client("lambda").get_policy, FunctionName=inputs["function"])
        return {"statementId": identity} if answer and f'"{identity}"' in answer["Policy"] else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        return {"statementId": identity}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(
            aws.client("lambda").remove_permission,
            FunctionName=inputs["function"],
            StatementId=identity,
            **compact(Qualifier=inputs.get("qualifier")),
        )


def _settings(inputs: Inputs, *, missing_role: bool = False, cleared: Inputs | None = None) -> dict[str, Any]:
    """Members that CreateFunction and UpdateFunctionConfiguration share.

    `cleared` are earlier inputs: what they had and the new ones lack is sent empty, since AWS keeps what
    is left out.
    """
    gone = cleared or {}
    variables = (inputs.get("environment") or {}).get("variables")
    logging = inputs.get("loggingConfig") or {}
    return compact(
        Role=inputs.get("role") if missing_role else inputs["role"],
        Runtime=inputs.get("runtime"),
        Handler=inputs.get("handler"),
        Description=""
        if gone.get("description") and not inputs.get("description")
        else inputs.get("description"),
        Timeout=int(inputs.get("timeout") or 3),
        MemorySize=int(inputs.get("memorySize") or 128),
        Environment={"Variables": variables or {}} if variables or gone.get("environment") else None,
        Layers=inputs.get("layers") or ([] if gone.get("layers") else None),
        EphemeralStorage=_storage(inputs),
        TracingConfig={"Mode": inputs["tracingConfig"]["mode"]} if inputs.get("tracingConfig") else None,
        LoggingConfig=compact(
            LogFormat=logging.get("logFormat"),
            LogGroup=logging.get("logGroup"),
            ApplicationLogLevel=logging.get("applicationLogLevel"),
            SystemLogLevel=logging.get("systemLogLevel"),
        )
        or None,
    )


def _storage(inputs: Inputs) -> dict[str, int] | None:
    block = inputs.get("ephemeralStorage")
    return {"Size": int(block["size"])} if block and block.get("size") else None


def _code(inputs: Inputs) -> dict[str, Any]:
    code = inputs.get("code")
    if isinstance(code, LocalFile):
        return {"ZipFile": code.read()}
    if not inputs.get("s3Bucket"):
        raise ResourceError("the code must be a zip file, or s3Bucket and s3Key.")
    return compact(
        S3Bucket=inputs["s3Bucket"], S3Key=inputs["s3Key"], S3ObjectVersion=inputs.get("s3ObjectVersion")
    )


def _created(aws: Aws, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """A new role is known to Lambda only after some seconds; the real provider waits in the same way."""
    try:
        return dict(aws.client("lambda").create_function(**request))
    except ClientError as error:
        if error_code(error) == "InvalidParameterValueException" and "cannot be assumed" in str(error):
            return None
        raise


def _wait_ready(aws: Aws, name: str) -> None:
    def attempt() -> bool | None:
        state = aws.client("lambda").get_function_configuration(FunctionName=name)
        if "Failed" in (state.get("State"), state.get("LastUpdateStatus")):
            raise ResourceError(
                f"function {name}: {state.get('StateReason') or state.get('LastUpdateStatusReason')}"
            )
        ready = state.get("State", "Active") == "Active" and state.get("LastUpdateStatus") != "InProgress"
        return True if ready else None

    aws.wait(f"Function {name} becoming Active", attempt)


def _reserve(aws: Aws, name: str, inputs: Inputs) -> None:
    reserved = int(inputs.get("reservedConcurrentExecutions", -1))
    if reserved < 0:
        aws.client("lambda").delete_function_concurrency(FunctionName=name)
    else:
        aws.client("lambda").put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=reserved
        )


def _function_outputs(aws: Aws, name: str) -> Outputs:
    known = aws.client("lambda").get_function_configuration(FunctionName=name)
    arn, version = known["FunctionArn"], known.get("Version", "$LATEST")
    return {
        "name": name,
        "arn": arn,
        "version": version,
        "qualifiedArn": f"{arn}:{version}",
        "invokeArn": _invoke_arn(aws, arn),
        "qualifiedInvokeArn": _invoke_arn(aws, f"{arn}:{version}"),
        "memorySize": known.get("MemorySize", 128),
        "timeout": known.get("Timeout", 3),
        "architectures": known.get("Architectures", ["x86_64"]),
        "packageType": known.get("PackageType", "Zip"),
        "lastModified": known.get("LastModified", ""),
        "codeSha256": known.get("CodeSha256", ""),
        "sourceCodeSize": known.get("CodeSize", 0),
    }


def _observed(answer: Mapping[str, Any]) -> Outputs:
    """The settings that GetFunction tells, as arguments."""
    known = answer["Configuration"]
    logging = known.get("LoggingConfig") or {}
    return {
        "runtime": known.get("Runtime"),
        "handler": known.get("Handler"),
        "role": known["Role"],
        "description": known.get("Description", ""),
        "layers": [layer["Arn"] for layer in known.get("Layers") or []],
        "environment": {"variables": (known.get("Environment") or {}).get("Variables") or {}},
        "loggingConfig": compact(
            logFormat=logging.get("LogFormat"),
            logGroup=logging.get("LogGroup"),
            applicationLogLevel=logging.get("ApplicationLogLevel"),
            systemLogLevel=logging.get("SystemLogLevel"),
        ),
        "tracingConfig": {"mode": (known.get("TracingConfig") or {}).get("Mode", "PassThrough")},
        "reservedConcurrentExecutions": (answer.get("Concurrency") or {}).get(
            "ReservedConcurrentExecutions", -1
        ),
        "tags": tags_of(answer.get("Tags")),
    }


def _invoke_arn(aws: Aws, arn: str) -> str:
    return f"arn:{aws.partition}:apigateway:{aws.region}:lambda:path/{_API_GATEWAY_PATH}/{arn}/invocations"


def _layer_outputs(answer: Mapping[str, Any]) -> Outputs:
    content = answer.get("Content") or {}
    return {
        "arn": answer["LayerVersionArn"],
        "layerArn": answer["LayerArn"],
        "version": str(answer["Version"]),
        "createdDate": answer.get("CreatedDate", ""),
        "codeSha256": content.get("CodeSha256", ""),
        "sourceCodeSize": content.get("CodeSize", 0),
    }
