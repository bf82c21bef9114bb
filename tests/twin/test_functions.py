"""Lambda functions through boto3: isolation, roles, errors, time limits, logs, versions, dead regions."""

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.api_kit import (
    ACCOUNT,
    ECHO,
    Function,
    log_permissions,
    make_api,
    make_function,
    make_role,
    statement,
    unique,
    zipped,
)
from tests.twin.running import running_twin
from tests.waiting import until
from twin.client import TwinClient
from twin.home import process_is_alive

pytestmark = pytest.mark.twin

EAST, OHIO = "us-east-1", "us-east-2"

PROBE = """
import importlib, os, sys

def handler(event, context):
    what = event["do"]
    if what == "import":
        try:
            return importlib.import_module(event["name"]).__file__
        except ImportError as error:
            return f"ImportError: {error}"
    if what == "environment":
        return dict(os.environ)
    if what == "context":
        return [context.function_name, context.function_version, context.invoked_function_arn,
                context.memory_limit_in_mb, context.log_group_name, context.get_remaining_time_in_millis()]
    if what == "pid":
        return os.getpid()
    if what == "raise":
        raise KeyError("missing")
    if what == "exit":
        os._exit(3)
    if what == "sleep":
        import time
        time.sleep(event["seconds"])
    return what
"""


@pytest.fixture(scope="module")
def probe(twin: TwinClient) -> Function:
    return make_function(twin, PROBE, Timeout=2, MemorySize=256, Environment={"Variables": {"MODE": "x"}})


def events(twin: TwinClient, function: Function) -> list[str]:
    logs = twin.boto3_client("logs", function.region)
    found = logs.filter_log_events(logGroupName=function.log_group)
    return [event["message"] for event in found["events"]]


@pytest.mark.parametrize("name", ["pulumi", "yaml", "twin", "functions.orders", "pytest", "awscrt"])
def test_a_function_cannot_import_what_only_the_host_has(probe: Function, name: str) -> None:
    result, error = probe.invoke({"do": "import", "name": name})

    assert error is None
    assert result.startswith("ImportError: No module named")


@pytest.mark.parametrize("name", ["boto3", "botocore", "dateutil"])
def test_a_function_has_the_sdk_of_the_lambda_runtime(probe: Function, name: str) -> None:
    result, _ = probe.invoke({"do": "import", "name": name})

    assert "/site-packages/" in result or "/runtime/" in result


def test_a_function_sees_lambdas_environment_and_not_the_hosts(twin: TwinClient, probe: Function) -> None:
    result, _ = probe.invoke({"do": "environment"})

    assert result["MODE"] == "x"
    assert result["AWS_REGION"] == EAST
    assert result["AWS_LAMBDA_FUNCTION_NAME"] == probe.name
    assert result["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert result["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert result["AWS_ENDPOINT_URL"] == twin.description["addresses"]["regions"][EAST]["http"]
    assert not {"PYTHONPATH", "HOME", "TWIN_PARENT_FD", "TWIN_ADMIN_URL"} & result.keys()


def test_a_function_gets_lambdas_context(probe: Function) -> None:
    name, version, arn, memory, group, remaining = probe.invoke({"do": "context"})[0]

    assert (name, version, arn) == (probe.name, "$LATEST", probe.arn)
    assert (memory, group) == ("256", probe.log_group)
    assert 0 < remaining <= 2000


def test_an_exception_is_an_unhandled_error_with_lambdas_shape(probe: Function) -> None:
    result, error = probe.invoke({"do": "raise"})

    assert error == "Unhandled"
    assert (result["errorType"], result["errorMessage"]) == ("KeyError", "'missing'")
    assert 'File "/var/task/app.py"' in result["stackTrace"][0]
    assert str(Path.cwd()) not in json.dumps(result)


def test_a_function_that_exits_is_reported_and_replaced(probe: Function) -> None:
    result, error = probe.invoke({"do": "exit"})

    assert error == "Unhandled"
    assert result["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in result["errorMessage"]
    assert probe.invoke({"do": "fine"}) == ("fine", None)


def test_a_function_over_its_time_is_killed(twin: TwinClient) -> None:
    function = make_function(twin, PROBE, Timeout=1)
    pid, _ = function.invoke({"do": "pid"})

    result, error = function.invoke({"do": "sleep", "seconds": 30})

    assert error == "Unhandled"
    assert result["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in result["errorMessage"]
    assert not process_is_alive(pid)
    assert any("Task timed out after 1.00 seconds" in line for line in events(twin, function))


@pytest.mark.parametrize(
    ("source", "handler", "kind"),
    [
        ("import nothing_like_it", "app.handler", "Runtime.ImportModuleError"),
        ("def handler(event, context) return 1", "app.handler", "Runtime.UserCodeSyntaxError"),
        ("x = 1", "app.handler", "Runtime.HandlerNotFound"),
        ("raise ValueError('at start')", "app.handler", "ValueError"),
        ("x = 1", "handler", "Runtime.MalformedHandlerName"),
    ],
)
def test_a_function_that_cannot_start_says_why(
    twin: TwinClient, source: str, handler: str, kind: str
) -> None:
    function = make_function(twin, source, Handler=handler)

    result, error = function.invoke({})

    assert (error, result["errorType"]) == ("Unhandled", kind)
    assert any(result["errorType"] in line for line in events(twin, function))


def test_a_function_is_not_run_with_another_python_than_it_asks_for(twin: TwinClient) -> None:
    function = make_function(
        twin, ECHO, Runtime="python3.9" if sys.version_info[:2] != (3, 9) else "python3.10"
    )

    result, error = function.invoke({})

    assert error == "Unhandled"
    assert "is made for python3" in result["errorMessage"]


def test_calls_of_a_function_are_made_with_its_role(twin: TwinClient) -> None:
    source = """
import boto3
from botocore.exceptions import ClientError
client = boto3.client("dynamodb")
def handler(event, context):
    try:
        client.get_item(TableName=event["table"], Key={"id": {"S": "1"}})
        return "read"
    except ClientError as error:
        return error.response["Error"]["Code"] + " " + error.response["Error"]["Message"]
"""
    tables = [_table(twin), _table(twin)]
    arn = f"arn:aws:dynamodb:{EAST}:{ACCOUNT}:table/{tables[0]}"
    function = make_function(twin, source, statement("dynamodb:GetItem", arn), Timeout=10)

    allowed, _ = function.invoke({"table": tables[0]})
    refused, _ = function.invoke({"table": tables[1]})

    assert allowed == "read"
    assert refused.startswith("AccessDeniedException")
    assert f":assumed-role/{_role_of(function)}/{function.name} is not authorized" in refused


def _table(twin: TwinClient) -> str:
    name = unique("table")
    twin.boto3_client("dynamodb", EAST).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def _role_of(function: Function) -> str:
    role: str = function.client.get_function_configuration(FunctionName=function.name)["Role"]
    return role.rpartition("/")[2]


def test_a_function_reaches_an_api_by_its_name_over_tls(twin: TwinClient) -> None:
    source = """
import urllib.request
def handler(event, context):
    request = urllib.request.Request(event["url"], method="OPTIONS")
    with urllib.request.urlopen(request, timeout=3) as answer:
        return [answer.status, answer.headers["X-Region"]]
"""
    function = make_function(twin, source, Timeout=10)
    api = make_api(twin, function)

    result = function.invoke({"url": f"https://{api.api_id}.execute-api.{EAST}.amazonaws.com/live/orders"})

    assert result == ([204, EAST], None)


def test_a_role_that_lambda_cannot_assume_is_refused(twin: TwinClient) -> None:
    role = make_role(twin, service="apigateway.amazonaws.com")

    with pytest.raises(ClientError) as error:
        make_function(twin, ECHO, Role=role)

    assert "cannot be assumed by Lambda" in str(error.value)


def test_logs_hold_the_functions_lines_between_lambdas_own(twin: TwinClient) -> None:
    source = """
import logging
def handler(event, context):
    print("first line")
    logging.getLogger().warning("two\\nlines")
"""
    function = make_function(twin, source)
    function.invoke({})

    lines = events(twin, function)

    assert lines[0].startswith("START RequestId: ")
    assert lines[1] == "first line"
    assert lines[2].startswith("[WARNING]\t")
    assert lines[2].endswith("two\nlines")
    assert lines[3].startswith("END RequestId: ")
    assert lines[4].startswith("REPORT RequestId: ")
    assert "Init Duration" in lines[4]


def test_json_logs_are_filtered_by_level(twin: TwinClient) -> None:
    source = """
import logging
def handler(event, context):
    print('{"message": "no level"}')
    print('{"level": "ERROR", "message": "an error"}')
    logging.getLogger().info("too detailed")
    logging.getLogger().error("also")
"""
    levels = {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO"}
    function = make_function(twin, source, LoggingConfig=levels)
    function.invoke({})

    entries = [json.loads(line) for line in events(twin, function)]

    assert [entry.get("message") for entry in entries if "level" in entry] == ["an error", "also"]
    assert [entry["type"] for entry in entries if "type" in entry] == ["platform.start", "platform.report"]
    assert all(entry.get("message") != "no level" for entry in entries)


def test_without_the_permission_to_write_logs_there_are_none(twin: TwinClient) -> None:
    function = make_function(twin, ECHO, Role=make_role(twin))

    assert function.invoke({})[1] is None
    assert events(twin, function) == []


@pytest.mark.parametrize("missing", ["logs:CreateLogStream", "logs:PutLogEvents"])
def test_each_log_permission_is_needed(twin: TwinClient, missing: str) -> None:
    group = unique("/functions/own")
    twin.boto3_client("logs", EAST).create_log_group(logGroupName=group)
    allowed = log_permissions(group)
    some = {**allowed, "Action": [action for action in allowed["Action"] if action != missing]}
    function = make_function(twin, ECHO, Role=make_role(twin, some), LoggingConfig={"LogGroup": group})

    function.invoke({})

    found = twin.boto3_client("logs", EAST).filter_log_events(logGroupName=group)["events"]
    assert found == []


def test_log_groups_keep_their_retention_and_list_their_streams(twin: TwinClient, probe: Function) -> None:
    logs = twin.boto3_client("logs", EAST)
    logs.put_retention_policy(logGroupName=probe.log_group, retentionInDays=30)
    probe.invoke({"do": "fine"})

    group = logs.describe_log_groups(logGroupNamePrefix=probe.log_group)["logGroups"][0]
    streams = logs.describe_log_streams(logGroupName=probe.log_group, orderBy="LastEventTime")["logStreams"]
    read = logs.get_log_events(
        logGroupName=probe.log_group, logStreamName=streams[-1]["logStreamName"], startFromHead=True
    )["events"]

    assert group["retentionInDays"] == 30
    assert "/[$LATEST]" in streams[-1]["logStreamName"]
    assert read[0]["message"].startswith("START RequestId")


def test_embedded_metrics_reach_cloudwatch(twin: TwinClient) -> None:
    namespace = unique("Made")
    source = f"""
import json, time
def handler(event, context):
    directive = {{"Namespace": "{namespace}", "Dimensions": [["Region"]],
                 "Metrics": [{{"Name": "ReadTime", "Unit": "Milliseconds"}}]}}
    print(json.dumps({{"_aws": {{"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}},
                      "Region": "us-east-1", "ReadTime": [1, 2, 6]}}))
"""
    make_function(twin, source).invoke({})

    found = twin.boto3_client("cloudwatch", EAST).get_metric_statistics(
        Namespace=namespace,
        MetricName="ReadTime",
        Dimensions=[{"Name": "Region", "Value": "us-east-1"}],
        StartTime=time.time() - 300,
        EndTime=time.time() + 60,
        Period=600,
        Statistics=["Sum", "SampleCount", "Maximum"],
    )["Datapoints"]

    assert sum(point["Sum"] for point in found) == 9.0
    assert sum(point["SampleCount"] for point in found) == 3.0
    assert found[0]["Unit"] == "Milliseconds"


def test_the_end_of_the_log_comes_with_the_answer_when_asked_for(probe: Function) -> None:
    answer = probe.client.invoke(FunctionName=probe.name, Payload=b'{"do": "fine"}', LogType="Tail")

    assert "LogResult" in answer


def test_code_and_layers_come_from_s3(twin: TwinClient) -> None:
    s3, bucket = twin.boto3_client("s3", EAST), unique("artifacts")
    client = twin.boto3_client("lambda", EAST)
    s3.create_bucket(Bucket=bucket)
    layers = []
    for text in ("old", "new"):
        made = zipped({"python/helper.py": f"TEXT = {text!r}"})
        s3.put_object(Bucket=bucket, Key=f"{text}.zip", Body=made)
        content = {"S3Bucket": bucket, "S3Key": f"{text}.zip"}
        layers.append(client.publish_layer_version(LayerName=bucket, Content=content)["LayerVersionArn"])
    source = "import helper\ndef handler(event, context):\n    return [CODE, helper.TEXT]\n"
    for number in (1, 2):
        s3.put_object(
            Bucket=bucket, Key=f"{number}.zip", Body=zipped({"app.py": f"CODE = {number}\n{source}"})
        )

    function = make_function(twin, "", Code={"S3Bucket": bucket, "S3Key": "1.zip"}, Layers=layers[:1])
    first = function.invoke({})
    client.update_function_code(FunctionName=function.name, S3Bucket=bucket, S3Key="2.zip")
    second = function.invoke({})
    client.update_function_configuration(FunctionName=function.name, Layers=layers)
    third = function.invoke({})

    assert (first, second, third) == (([1, "old"], None), ([2, "old"], None), ([2, "new"], None))
    with pytest.raises(ClientError, match="NoSuchKey"):
        make_function(twin, "", Code={"S3Bucket": bucket, "S3Key": "none.zip"})


def test_a_new_configuration_takes_new_workers_and_versions_keep_theirs(twin: TwinClient) -> None:
    source = "import os\ndef handler(event, context):\n    return [os.environ['MODE'], os.getpid()]\n"
    function = make_function(twin, source, Environment={"Variables": {"MODE": "one"}})
    before, _ = function.invoke({})
    version = function.client.publish_version(FunctionName=function.name)["Version"]

    function.client.update_function_configuration(
        FunctionName=function.name, Environment={"Variables": {"MODE": "two"}}
    )
    after, _ = function.invoke({})
    kept, _ = function.invoke({}, Qualifier=version)

    assert (before[0], after[0], kept[0]) == ("one", "two", "one")
    assert before[1] != after[1]
    assert not process_is_alive(before[1])


def test_a_warm_worker_is_used_again(probe: Function) -> None:
    assert probe.invoke({"do": "pid"})[0] == probe.invoke({"do": "pid"})[0]


def test_a_deleted_function_leaves_no_worker(twin: TwinClient) -> None:
    function = make_function(twin, PROBE)
    pid, _ = function.invoke({"do": "pid"})

    function.client.delete_function(FunctionName=function.name)

    _wait_until_dead(pid)


def _wait_until_dead(pid: int) -> None:
    until(lambda: not process_is_alive(pid), f"the end of process {pid}")


def test_reserved_concurrency_throttles(twin: TwinClient) -> None:
    function = make_function(twin, PROBE)
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)

    with pytest.raises(ClientError) as error:
        function.invoke({"do": "fine"})

    assert error.value.response["Error"]["Code"] == "TooManyRequestsException"


def test_the_workers_of_a_dead_region_are_killed_and_it_works_again_when_revived(twin: TwinClient) -> None:
    function = make_function(twin, PROBE, region=OHIO)
    api = make_api(twin, function)
    pid, _ = function.invoke({"do": "pid"})

    twin.kill(OHIO)
    try:
        _wait_until_dead(pid)
        with pytest.raises(Exception, match=r"onnect"):
            api.call()
    finally:
        twin.revive(OHIO)

    assert function.invoke({"do": "pid"})[0] != pid


def test_workers_die_with_the_twin_even_when_it_is_killed(tmp_path: Path) -> None:
    with running_twin(tmp_path / "home") as other:
        function = make_function(other, PROBE, Timeout=60)
        pid, _ = function.invoke({"do": "pid"})
        with ThreadPoolExecutor(1) as caller:
            running = caller.submit(function.invoke, {"do": "sleep", "seconds": 60})
            time.sleep(0.3)
            os.kill(int(other.description["pid"]), signal.SIGKILL)
            _wait_until_dead(pid)
            assert running.exception(10) is not None


def test_the_status_counts_workers(twin: TwinClient, probe: Function) -> None:
    probe.invoke({"do": "fine"})

    status: dict[str, Any] = twin.status()

    assert status["lambdaWorkers"][EAST][probe.name] >= 1
