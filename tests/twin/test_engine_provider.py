"""The provider's answers to the engine, over gRPC, with a handler that keeps things in memory."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import provider_pb2 as messages
from pulumi.runtime.proto import provider_pb2_grpc, status_pb2

from tests.twin import test_deploy_engine
from tests.twin.test_deploy_engine import ENDPOINT, Thing
from tests.twin.test_engine_values import special, struct
from twin.deploy import schema
from twin.deploy.engine import provider, provider_schema, provider_server, wire
from twin.deploy.engine.provider import DEFAULTS, HALF_MADE

thing = test_deploy_engine.thing
URN = f"urn:pulumi:region1::project::{Thing.pulumi_type}::one"
WHO: Any = {"urn": URN, "name": "one", "type": Thing.pulumi_type}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", ENDPOINT)
        running, port = provider_server.serve("127.0.0.1")
    yield f"127.0.0.1:{port}"
    running.stop(grace=None)


class Engine:
    """One connection of an engine, which is one provider resource of a program."""

    def __init__(self, address: str, **configuration: Any) -> None:
        # A channel of its own: Python shares connections between channels that look the same.
        self.channel = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
        self.ask: Any = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self.ask.Handshake(messages.ProviderHandshakeRequest())
        self.ask.Configure(messages.ConfigureRequest(args=struct({"region": "us-east-1", **configuration})))

    def check(self, olds: dict[str, Any] | None = None, **news: Any) -> dict[str, Any]:
        request = messages.CheckRequest(olds=struct(olds or {}), news=struct(news), randomSeed=b"seed", **WHO)
        answer = self.ask.Check(request)
        assert not answer.failures
        return dict(json_format.MessageToDict(answer.inputs))

    def failures(self, **news: Any) -> list[str]:
        answer = self.ask.Check(messages.CheckRequest(news=struct(news), **WHO))
        return [f"{failure.property}: {failure.reason}" for failure in answer.failures]

    def create(self, *, preview: bool = False, **inputs: Any) -> Any:
        return self.ask.Create(messages.CreateRequest(properties=struct(inputs), preview=preview, **WHO))

    def diff(self, old: dict[str, Any], new: dict[str, Any], **olds: Any) -> Any:
        return self.ask.Diff(
            messages.DiffRequest(
                id="x", olds=struct({**old, **olds}), old_inputs=struct(old), news=struct(new), **WHO
            )
        )


@pytest.fixture
def engine(server: str, thing: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(provider, "handler_of", lambda _: Thing())
    monkeypatch.setattr(schema, "missing", lambda _, given: [] if given else ["size"])
    tags = json.dumps({"tags": {"Project": "p"}})
    opened = Engine(server, defaultTags=tags)
    yield opened
    opened.channel.close()


def test_a_check_names_the_resource_and_tags_it(engine: Engine) -> None:
    checked = engine.check(size=1)
    assert checked["tags"] == {"Project": "p"}
    assert checked[DEFAULTS] == ["name"]
    assert checked["name"].startswith("one-")
    assert engine.check(size=1)["name"] == checked["name"], "the same seed, the same name"
    assert engine.check(checked, size=2)["name"] == checked["name"]
    assert engine.check(checked, size=2, name="mine")["name"] == "mine"


def test_a_check_reports_missing_and_unknown_arguments(engine: Engine) -> None:
    assert engine.failures() == ["size: aws:test/thing:Thing needs the argument size"]
    (failure,) = engine.failures(weight=3)
    assert "weight, which the twin's handler of this type does not know" in failure


def test_a_preview_creates_nothing(engine: Engine) -> None:
    answer = engine.create(preview=True, name="n", size=wire.UNKNOWN_TEXT)
    assert json_format.MessageToDict(answer.properties) == {
        "name": "n",
        "size": wire.UNKNOWN_TEXT,
        "region": "us-east-1",
    }
    assert Thing.calls == []


def test_a_preview_asks_what_the_provider_asks_while_it_plans(engine: Engine) -> None:
    engine.create(preview=True, name="n", size=wire.UNKNOWN_TEXT)
    engine.create(preview=True, name="n", size=1)
    engine.diff({"size": 1}, {"size": 2})
    engine.diff({"size": 2}, {"size": 2})
    assert Thing.planned == [(None, None), (None, 1), (1, 2)], "nothing is asked about what is unknown"
    Thing.fail = {"plan"}
    refused = "'one': CreateThing answered AccessDeniedException"
    with pytest.raises(grpc.RpcError, match=refused):
        engine.create(preview=True, size=1)
    with pytest.raises(grpc.RpcError, match=refused):
        engine.diff({"size": 1}, {"size": 2})


def test_a_created_resource_has_its_arguments_and_what_aws_added(engine: Engine) -> None:
    source = special(wire.ASSET, path="/x", hash="ab")
    answer = engine.create(name="n", source=source, tags={"Project": "p"}, __defaults=["name"])
    assert answer.id == "n"
    assert json_format.MessageToDict(answer.properties) == {
        "name": "n",
        "arn": "arn:n",
        "source": source,
        "tags": {"Project": "p"},
        "tagsAll": {"Project": "p"},
        "region": "us-east-1",
    }


def test_a_diff_says_what_changed_and_what_replaces(engine: Engine) -> None:
    kinds = messages.PropertyDiff
    unchanged = engine.diff({"name": "n", "size": 1}, {"name": "n", "size": 1})
    assert unchanged.changes == messages.DiffResponse.DIFF_NONE
    answer = engine.diff(
        {"name": "n", "size": 1, "colour": "red", DEFAULTS: ["name"]},
        {"name": "n", "size": 2, "colour": wire.UNKNOWN_TEXT, DEFAULTS: ["name"]},
    )
    assert {path: diff.kind for path, diff in answer.detailedDiff.items()} == {
        "size": kinds.UPDATE,
        "colour": kinds.UPDATE_REPLACE,
    }
    assert answer.replaces == ["colour"]
    assert not answer.deleteBeforeReplace, "its name is generated, so both can exist"
    named = engine.diff({"name": "n", "colour": "red"}, {"name": "n", "colour": "blue"})
    assert named.deleteBeforeReplace


def test_a_resource_in_another_region_is_replaced(engine: Engine) -> None:
    answer = engine.diff({"size": 1}, {"size": 1}, region="eu-west-1")
    assert answer.replaces == ["region"]


def test_a_resource_that_stops_half_way_is_kept_and_finished(engine: Engine) -> None:
    Thing.fail = {"half"}
    with pytest.raises(grpc.RpcError) as failed:
        engine.create(name="n", size=1)
    details = half_made(failed.value)
    assert details.id == "n"
    assert "aws:test/thing:Thing 'one': CreateThing answered Throttling" in details.reasons[0]
    state = json_format.MessageToDict(details.properties)
    assert state[HALF_MADE] is True

    Thing.fail = set()
    assert (
        engine.diff({"size": 1}, {"size": 1}, **{HALF_MADE: True}).changes == messages.DiffResponse.DIFF_SOME
    )
    with pytest.raises(grpc.RpcError) as read:
        engine.ask.Read(
            messages.ReadRequest(id="n", properties=details.properties, inputs=struct({"size": 1}), **WHO)
        )
    assert half_made(read.value).id == "n", "a refresh does not forget it"
    updated = engine.ask.Update(
        messages.UpdateRequest(
            id="n", olds=details.properties, old_inputs=struct({"size": 1}), news=struct({"size": 1}), **WHO
        )
    )
    assert Thing.calls[-1] == ("update", "n", ["size"]), "everything is set again"
    assert HALF_MADE not in updated.properties.fields


def half_made(error: grpc.RpcError) -> messages.ErrorResourceInitFailed:
    trailing = {entry.key: entry.value for entry in error.trailing_metadata()}
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    details = messages.ErrorResourceInitFailed()
    assert status.details[0].Unpack(details)
    return details


def test_a_refresh_sees_what_aws_has_and_what_is_gone(engine: Engine) -> None:
    engine.create(name="n", size=1)
    Thing.things["n"]["size"] = 5
    request: Any = {"properties": struct({"size": 1, "arn": "arn:n"}), "inputs": struct({"size": 1})}
    answer = engine.ask.Read(messages.ReadRequest(id="n", **request, **WHO))
    assert json_format.MessageToDict(answer.inputs) == {"size": 5}
    assert json_format.MessageToDict(answer.properties) == {"size": 5, "arn": "arn:n", "region": "us-east-1"}
    assert engine.ask.Read(messages.ReadRequest(id="other", **request, **WHO)).id == ""


def test_each_connection_is_a_provider_of_its_own(engine: Engine, server: str) -> None:
    other = Engine(server, region="us-west-2")
    assert json_format.MessageToDict(other.create(name="west").properties)["region"] == "us-west-2"
    assert json_format.MessageToDict(engine.create(name="east").properties)["region"] == "us-east-1"
    other.channel.close()


def test_a_failure_is_told_with_the_resource_and_without_a_trace(engine: Engine) -> None:
    Thing.fail = {"create"}
    with pytest.raises(grpc.RpcError) as failed:
        engine.create(name="n")
    told = failed.value.details()
    assert told.startswith("aws:test/thing:Thing 'one': CreateThing answered InternalError")
    assert "Traceback" not in told


def test_the_schema_names_every_type_with_its_arguments() -> None:
    known = json.loads(provider_schema.as_json())
    table = known["resources"]["aws:dynamodb/table:Table"]
    assert "hashKey" in table["inputProperties"]
    assert "arn" in table["properties"]
    assert known["resources"]["aws:lambda/permission:Permission"]["requiredInputs"] == [
        "action",
        "function",
        "principal",
    ]
