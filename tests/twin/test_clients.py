"""Clients of other makes against a running twin: with what `twin env` prints, by AWS's own host names."""

import contextlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from tests.twin.running import clean_environment, running_twin
from twin.client import TwinClient
from twin.errors import AdminRefusedError

pytestmark = pytest.mark.twin
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
EAST, WEST = "us-east-1", "us-west-2"


def client_at(twin: TwinClient, service: str, region: str, url: str, **keys: str) -> Any:
    """A boto3 client of a region's own listener."""
    credentials = {
        "aws_access_key_id": twin.description["accessKeyId"],
        "aws_secret_access_key": twin.description["secretAccessKey"],
        **keys,
    }
    session: Any = boto3.session.Session(region_name=region, **credentials)
    return session.client(service, endpoint_url=url, config=ONCE, verify=twin.env["SSL_CERT_FILE"])


def python(twin: TwinClient, code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a program with what `twin env` prints."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean_environment(), **twin.env, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def names(twin: TwinClient) -> Iterator[None]:
    """Records as the program makes them, for a domain of this module."""
    route53 = twin.boto3_client("route53", EAST)
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    changes = [
        {
            "Action": "UPSERT",
            "ResourceRecordSet": {
                "Name": "names.example.com",
                "Type": "CNAME",
                "TTL": 10,
                "SetIdentifier": region,
                "Region": region,
                "ResourceRecords": [{"Value": f"d-abc123.execute-api.{region}.amazonaws.com"}],
            },
        }
        for region in (EAST, WEST)
    ]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    yield
    for change in changes:
        change["Action"] = "DELETE"
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def ask(twin: TwinClient, name: str, kind: str = "A", subnet: str = "", *, tcp: bool = False) -> Any:
    """A question to the twin's DNS, as dnspython asks it."""
    host, _, port = twin.addresses["dns"].partition(":")
    options: list[dns.edns.Option] = [dns.edns.ECSOption(subnet, 24)] if subnet else []
    query = dns.message.make_query(name, kind, use_edns=0 if subnet else -1, options=options)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, host, port=int(port), timeout=5)


@pytest.mark.parametrize("region", [EAST, WEST, "us-east-2"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_each_region_answers_on_its_own_address(twin: TwinClient, region: str, scheme: str) -> None:
    sts = client_at(twin, "sts", region, twin.addresses["regions"][region][scheme])
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:user/twin-admin"


def test_regions_keep_their_resources_apart(twin: TwinClient) -> None:
    logs = {region: twin.boto3_client("logs", region) for region in (EAST, WEST)}
    logs[EAST].create_log_group(logGroupName="apart")
    found = {
        region: [
            g["logGroupName"] for g in client.describe_log_groups(logGroupNamePrefix="apart")["logGroups"]
        ]
        for region, client in logs.items()
    }
    logs[EAST].delete_log_group(logGroupName="apart")
    assert found == {EAST: ["apart"], WEST: []}


@pytest.mark.parametrize("key", ["test", "111122223333", "AKIAUNKNOWN000000000"])
@pytest.mark.parametrize("service", ["sts", "dynamodb", "lambda", "s3", "route53"])
def test_no_key_works_that_iam_does_not_know(twin: TwinClient, key: str, service: str) -> None:
    operations = {
        "sts": "get_caller_identity",
        "dynamodb": "list_tables",
        "lambda": "list_functions",
        "s3": "list_buckets",
        "route53": "list_hosted_zones",
    }
    keys = {"aws_access_key_id": key, "aws_secret_access_key": "test"}
    client = client_at(twin, service, EAST, twin.addresses["endpoint"], **keys)
    with pytest.raises(ClientError) as refused:
        getattr(client, operations[service])()
    codes = {"sts": "InvalidClientTokenId", "route53": "InvalidClientTokenId", "s3": "InvalidAccessKeyId"}
    assert refused.value.response["Error"]["Code"] == codes.get(service, "UnrecognizedClientException")


def test_a_wrong_secret_is_refused(twin: TwinClient) -> None:
    client = client_at(twin, "dynamodb", EAST, twin.addresses["endpoint"], aws_secret_access_key="wrong")
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        client.list_tables()


def test_a_user_may_do_what_iam_allows_and_nothing_else(twin: TwinClient) -> None:
    iam = twin.boto3_client("iam", EAST)
    iam.create_user(UserName="narrow")
    statement = {"Effect": "Allow", "Action": "dynamodb:ListTables", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="narrow", PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName="narrow")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    dynamodb = client_at(twin, "dynamodb", EAST, twin.addresses["endpoint"], **keys)
    assert "TableNames" in dynamodb.list_tables()
    with pytest.raises(ClientError, match="AccessDeniedException"):
        dynamodb.describe_limits()


def test_a_dead_region_refuses_connections_and_the_others_live_on(twin: TwinClient) -> None:
    url = twin.addresses["regions"][WEST]["http"]
    twin.kill(WEST)
    try:
        with pytest.raises(EndpointConnectionError):
            client_at(twin, "dynamodb", WEST, url).list_tables()
        with pytest.raises(ConnectionClosedError):
            twin.boto3_client("dynamodb", WEST, config=ONCE).list_tables()
        assert "TableNames" in twin.boto3_client("dynamodb", EAST, config=ONCE).list_tables()
        assert twin.status()["regions"] == {EAST: "up", WEST: "down", "us-east-2": "up"}
    finally:
        twin.revive(WEST)
    assert "TableNames" in client_at(twin, "dynamodb", WEST, url).list_tables()


def test_a_connection_that_was_open_is_cut_when_its_region_dies(twin: TwinClient) -> None:
    host, _, port = twin.addresses["regions"][WEST]["http"].removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        twin.kill(WEST)
        try:
            with pytest.raises(ConnectionResetError):
                connection.recv(1)
        finally:
            twin.revive(WEST)


def test_when_us_east_1_dies_iam_and_route_53_s_api_die_and_dns_and_arc_live(
    twin: TwinClient, names: None
) -> None:
    twin.kill(EAST)
    try:
        for service, operation in (("iam", "list_users"), ("route53", "list_hosted_zones")):
            with pytest.raises(ConnectionClosedError):
                getattr(twin.boto3_client(service, WEST, config=ONCE), operation)()
        assert ask(twin, "names.example.com").rcode() == dns.rcode.NOERROR
        endpoint = twin.addresses["arcEndpoints"][0]
        assert endpoint["region"] == EAST
        arc = client_at(twin, "route53-recovery-cluster", EAST, endpoint["url"])
        with pytest.raises(ClientError):
            arc.get_routing_control_state(RoutingControlArn="arn:aws:route53-recovery-control::1:none")
    finally:
        twin.revive(EAST)


def test_arc_s_endpoints_die_and_revive_one_by_one(twin: TwinClient) -> None:
    third = twin.addresses["arcEndpoints"][2]
    arc = client_at(twin, "route53-recovery-cluster", third["region"], third["url"])
    twin.kill_arc_endpoint(3)
    try:
        with pytest.raises(EndpointConnectionError):
            arc.list_routing_controls()
        assert twin.status()["arcEndpoints"] == {"1": "up", "2": "up", "3": "down", "4": "up", "5": "up"}
    finally:
        twin.revive_arc_endpoint(3)
    assert arc.list_routing_controls()["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/_twin/regions/mars/kill", None, 404),
        ("POST", "/_twin/arc-endpoints/6/kill", None, 404),
        ("GET", "/_twin/nothing", None, 404),
        ("GET", "/_twin/stop", None, 405),
        ("POST", "/_twin/faults", {"service": "dynamodb"}, 400),
        ("POST", "/_twin/faults", {"service": "nothing", "kind": "slow", "seconds": 1}, 400),
        ("POST", "/_twin/faults", {"service": "dynamodb", "kind": "slow", "seconds": "1"}, 400),
        ("POST", "/_twin/faults", {"service": "dynamodb", "kind": "failing", "operation": "Nope"}, 400),
        ("POST", "/_twin/faults", {"service": "dynamodb", "kind": "failing", "region": "mars"}, 404),
    ],
)
def test_a_wrong_administration_request_says_what_is_wrong(
    twin: TwinClient, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    with pytest.raises(AdminRefusedError) as refused:
        twin.call(method, path, body)
    assert refused.value.status == status
    assert len(str(refused.value)) > 10


def test_a_fault_strikes_until_it_is_cleared(twin: TwinClient) -> None:
    dynamodb = twin.boto3_client("dynamodb", WEST, config=ONCE)
    twin.fault("dynamodb", "throttled", region=WEST, operation="ListTables")
    try:
        with pytest.raises(ClientError, match="ThrottlingException"):
            dynamodb.list_tables()
        assert "TableNames" in twin.boto3_client("dynamodb", EAST, config=ONCE).list_tables()
    finally:
        twin.clear_faults()
    assert "TableNames" in dynamodb.list_tables()


def test_a_web_page_s_name_for_this_machine_cannot_reach_the_administration(twin: TwinClient) -> None:
    address = twin.addresses["admin"].removeprefix("http://")
    for headers, status in (({"Host": "evil.example.net"}, 403), ({"Host": "127.0.0.1"}, 415)):
        connection = http.client.HTTPConnection(address, timeout=5)
        with contextlib.closing(connection):
            connection.request("POST", "/_twin/stop", headers=headers)
            assert connection.getresponse().status == status
    assert twin.answers()


def test_dns_answers_by_the_client_s_subnet(twin: TwinClient, names: None) -> None:
    for region in (EAST, WEST):
        where = twin.addresses["regions"][region]
        reply = ask(twin, "names.example.com", subnet=where["nearSubnet"].partition("/")[0])
        assert reply.answer[-1][0].address == where["dnsAddress"]
        assert [option.scopelen for option in reply.options] == [24]
        assert reply.answer[0].ttl == 10


@pytest.mark.parametrize("tcp", [False, True])
def test_dns_answers_over_udp_and_tcp(twin: TwinClient, names: None, tcp: bool) -> None:
    reply = ask(twin, "names.example.com", tcp=tcp)
    assert reply.rcode() == 0
    assert len(reply.answer) == 2
    assert bool(reply.flags & dns.flags.AA)


def test_dns_tells_what_does_not_exist_from_what_is_not_its_own(twin: TwinClient) -> None:
    assert ask(twin, "nothing.example.com").rcode() == dns.rcode.NXDOMAIN
    assert ask(twin, "www.example.org").rcode() == dns.rcode.REFUSED


def test_a_packet_that_is_no_question_gets_no_answer_and_harms_nothing(twin: TwinClient) -> None:
    host, _, port = twin.addresses["dns"].partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for packet in (b"", b"x", b"\xff" * 40, bytes(12)):
            sock.sendto(packet, (host, int(port)))
    assert ask(twin, "example.com", "SOA").rcode() == 0


def test_programs_reach_aws_names_with_what_twin_env_prints(twin: TwinClient, names: None) -> None:
    code = """
import socket, boto3, requests
names = "https://names.example.com/v1/x"
print(requests.get(names).headers["x-amzn-requestid"] != "")
print(boto3.client("dynamodb", endpoint_url="https://dynamodb.us-east-1.amazonaws.com").list_tables()["TableNames"])
print(socket.getaddrinfo("localhost", 443, socket.AF_INET)[0][4])
for name in ("nothing.example.com", "no-such-name.invalid"):
    try:
        socket.getaddrinfo(name, 443)
    except socket.gaierror as error:
        print(error.errno == socket.EAI_NONAME)
"""
    found = python(twin, code)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[0] == "True"
    assert found.stdout.splitlines()[2] == "('127.0.0.1', 443)"
    assert found.stdout.splitlines()[3] == "True"


def test_a_program_s_own_sitecustomize_still_runs(twin: TwinClient, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins; builtins.OWN = 'own'")
    path = os.pathsep.join([twin.env["PYTHONPATH"], str(tmp_path)])
    code = "import socket; print(OWN, hasattr(socket.getaddrinfo, '_twin'))"
    assert python(twin, code, PYTHONPATH=path).stdout == "own True\n"


def test_without_a_twin_the_hook_changes_nothing(twin: TwinClient) -> None:
    code = "import socket; print(hasattr(socket.getaddrinfo, '_twin'))"
    assert python(twin, code, TWIN_DNS="").stdout == "False\n"


@pytest.mark.parametrize("name", ["names.example.com", "dynamodb.us-east-1.amazonaws.com", None])
def test_its_certificates_are_good_for_names_and_addresses(twin: TwinClient, name: str | None) -> None:
    host, _, port = twin.addresses["regions"][EAST]["https"].removeprefix("https://").partition(":")
    context = ssl.create_default_context(cafile=twin.env["SSL_CERT_FILE"])
    with (
        socket.create_connection((host, int(port)), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=name or host) as secure,
    ):
        assert secure.version() in ("TLSv1.2", "TLSv1.3")


def test_it_has_no_certificate_for_other_names(twin: TwinClient) -> None:
    host, _, port = twin.addresses["regions"][EAST]["https"].removeprefix("https://").partition(":")
    context = ssl.create_default_context(cafile=twin.env["SSL_CERT_FILE"])
    with (
        socket.create_connection((host, int(port)), timeout=5) as plain,
        pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name|EOF"),
    ):
        context.wrap_socket(plain, server_hostname="www.example.org")


@pytest.fixture(scope="module")
def odd_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwinClient]:
    """A twin as on a machine with one loopback address, started by a user who has AWS credentials."""
    users_own = {"AWS_ACCESS_KEY_ID": "AKIAOFTHEUSER0000000", "AWS_SECRET_ACCESS_KEY": "secret"}
    home = tmp_path_factory.mktemp("odd-twin")
    with running_twin(home, ["--single-address"], users_own) as client:
        yield client


def test_the_key_in_the_twin_s_own_environment_is_no_root_key(odd_twin: TwinClient) -> None:
    keys = {"aws_access_key_id": "AKIAOFTHEUSER0000000", "aws_secret_access_key": "secret"}
    client = client_at(odd_twin, "dynamodb", EAST, odd_twin.addresses["endpoint"], **keys)
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client.list_tables()


def test_where_there_is_one_address_each_region_has_a_port(odd_twin: TwinClient) -> None:
    regions = odd_twin.addresses["regions"]
    hosts = {url.rpartition(":")[0] for r in regions.values() for url in (r["http"], r["https"])}
    assert hosts == {"http://127.0.0.1", "https://127.0.0.1"}
    code = """
import boto3
for region in ("us-east-1", "us-west-2"):
    url = f"https://sts.{region}.amazonaws.com"
    print(boto3.client("sts", region_name=region, endpoint_url=url).get_caller_identity()["Account"])
"""
    found = python(odd_twin, code)
    assert found.stdout.split() == ["111122223333"] * 2, found.stderr
    odd_twin.kill(WEST)
    assert python(odd_twin, code, AWS_MAX_ATTEMPTS="1").stdout.split() == ["111122223333"]
