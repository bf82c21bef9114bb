"""Where Pulumi's names and the provider's differ, and what cannot be compared, each with its reason."""

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    # Modules whose name in Pulumi is not the one in Terraform.
    "apigateway": "api_gateway",
    "route53recoverycontrol": "route53recoverycontrolconfig",
    # A type that pulumi-aws renamed.
    "s3/bucketObjectv2": "aws_s3_object",
}
"""By Pulumi's module, or by module and type."""

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "aws_api_gateway_base_path_mapping": {"restApi": "api_id"},
    "aws_api_gateway_deployment": {"restApi": "rest_api_id"},
    "aws_api_gateway_method_settings": {"restApi": "rest_api_id"},
    "aws_api_gateway_stage": {"restApi": "rest_api_id", "deployment": "deployment_id"},
    "aws_cloudwatch_metric_alarm": {"name": "alarm_name"},
    "aws_lambda_function": {"name": "function_name"},
    "aws_lambda_permission": {"function": "function_name"},
}
"""Arguments that pulumi-aws renamed, by type."""

NEWER: Mapping[str, str] = {
    "aws_s3_bucket_server_side_encryption_configuration.rule.blockedEncryptionTypes": (
        "an argument of 6.x: 5.100 knows no blocked encryption types"
    ),
    **{
        f"aws_route53recoverycontrolconfig_{kind}.tags": "tags of ARC's resources came with 6.x"
        for kind in ("cluster", "control_panel", "safety_rule")
    },
}
"""Arguments that only newer providers have: left out, each with its reason."""

IMPORT: Mapping[str, str] = {
    "aws_api_gateway_deployment": "{rest_api_id}/{id}",
    "aws_api_gateway_method_settings": "{rest_api_id}/{stage_name}/{method_path}",
    "aws_api_gateway_stage": "{rest_api_id}/{stage_name}",
    "aws_lambda_permission": "{function_name}/{statement_id}",
}
"""What a resource is imported by, where that is not its id: a format of its arguments."""

NOT_IMPORTED: Mapping[str, str] = {
    "aws_acm_certificate_validation": "the provider has no import for it: it waits, and is nothing at AWS",
    "aws_dynamodb_table_item": "the provider has no import for it",
}

_FILES = "AWS does not tell where code was uploaded from"
UNREAD: Mapping[str, Mapping[str, str]] = {
    "aws_api_gateway_deployment": {"triggers": "an argument of the provider's own, in no AWS resource"},
    "aws_api_gateway_rest_api": {"body": "AWS exports another text than the one that was imported"},
    "aws_lambda_function": {
        "publish": "an instruction, in no AWS resource",
        "s3_bucket": _FILES,
        "s3_key": _FILES,
        "source_code_hash": "5.100 keeps what it was given, and was given nothing",
    },
    "aws_lambda_layer_version": {
        "s3_bucket": _FILES,
        "s3_key": _FILES,
        "skip_destroy": "an instruction, in no AWS resource",
        "source_code_hash": "5.100 keeps what it was given, and was given nothing",
    },
    "aws_route53_record": {"allow_overwrite": "an instruction, in no AWS resource"},
    "aws_route53recoverycontrolconfig_routing_control": {
        "cluster_arn": "DescribeRoutingControl names the panel alone"
    },
    "aws_s3_bucket": {"force_destroy": "an instruction, in no AWS resource"},
    "aws_s3_object": {
        "force_destroy": "an instruction, in no AWS resource",
        "source": "a path on the machine that uploaded it",
    },
    "aws_synthetics_canary": {
        "delete_lambda": "an instruction, in no AWS resource",
        "run_config[0].environment_variables": "GetCanary does not tell them",
        "s3_bucket": _FILES,
        "s3_key": _FILES,
        "start_canary": "an instruction, in no AWS resource",
    },
}
"""Arguments that an import cannot learn from AWS, by type, each with the reason: not compared there."""

NOT_UPDATED: Mapping[str, str] = {
    "aws_acm_certificate_validation": "the provider has no update for it",
    "aws_api_gateway_account": "its only argument is the role that the account has",
    "aws_api_gateway_base_path_mapping": "its path is in the addresses that the canaries call",
    "aws_lambda_layer_version": "AWS makes a new version instead",
    "aws_lambda_permission": "AWS has no update for it",
    "aws_route53recoverycontrolconfig_cluster": "5.100 has no update for it",
    "aws_route53recoverycontrolconfig_safety_rule": (
        "the provider's update is broken: it reads the rule's ARN as a control panel's, and leaves "
        "WaitPeriodMs out (hashicorp/terraform-provider-aws issue 37763); the program replaces a rule instead"
    ),
}
"""Types whose resources are not updated in place, each with the reason."""

IGNORED: Mapping[str, Mapping[str, str]] = {
    "aws_dynamodb_table": {"replica": "replicas are resources of their own; the program ignores it too"},
}
"""Arguments that are never compared: the program itself has them in `ignore_changes`."""
