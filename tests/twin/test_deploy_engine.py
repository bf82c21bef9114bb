"""What the engine decides: create, reuse, update, replace, delete; its handler keeps things in memory."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError

from twin.deploy.clients import Clients
from twin.deploy.context import Aws
from twin.deploy.errors import ProtectedError, ResourceError, UnknownInputError
from twin.deploy.in_process import decide as engine_module
from twin.deploy.in_process.decide import Declaration, Engine
from twin.deploy.in_process.state import StackState
from twin.deploy.names import AutoName
from twin.deploy.progress import Progress
from twin.deploy.resources.base import HalfMade, Handler, Inputs, Made, Outputs, paths
from twin.deploy.values import LocalFile, Secret

PROVIDER = "urn:provider"
ENDPOINT = "http://127.0.0.1:1"


class Thing(Handler):
    """Things of an imaginary service; every call is noted, and `fail` makes calls fail."""

    pulumi_type = "aws:test/thing:Thing"
    accepts = paths("name", "size", "colour", "source", "password", "tags.*")
    replaces = frozenset({"name", "colour"})
    autoname = AutoName(argument="name", limit=40)

    calls: ClassVar[list[tuple[Any, ...]]]
    things: ClassVar[dict[str, dict[str, Any]]]
    fail: ClassVar[set[str]]
    planned: ClassVar[list[tuple[Any, Any]]]

    def plan(self, aws: Aws, old: Inputs, new: Inputs) -> None:
        self.planned.append((old.get("size"), new.get("size")))
        if "plan" in self.fail:
            raise refusal("AccessDeniedException")

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        self._note("create", inputs["name"])
        self.things[inputs["name"]] = {"region": aws.region, **inputs}
        if "half" in self.fail:
            raise HalfMade(inputs["name"], refusal("Throttling"))
        return Made(identity=inputs["name"], outputs={"arn": f"arn:{inputs['name']}"})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        return {"size": self.things[identity].get("size")} if identity in self.things else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        self._note("update", identity, sorted(key for key in new if old.get(key) != new[key]))
        self.things[identity] = {"region": aws.region, **new}
        return {"arn": f"arn:{identity}"}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        self._note("delete", identity, aws.region)
        del self.things[identity]

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        if call[0] in self.fail:
            raise refusal("InternalError")


def refusal(code: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    return ClientError(answer, "CreateThing")


@pytest.fixture(autouse=True)
def thing(monkeypatch: pytest.MonkeyPatch) -> type[Thing]:
    Thing.calls, Thing.things, Thing.fail, Thing.planned = [], {}, set(), []
    monkeypatch.setattr(engine_module, "handler_of", lambda _: Thing())
    return Thing


class Deployments:
    """Deployments of one stack, one after the other, with their state in a file."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "stack.json"
        self.twin = "first"
        self.engine = self.start()

    def start(self, *, region: str = "us-east-1", tags: Mapping[str, str] | None = None) -> Engine:
        self.engine = Engine(
            state=StackState.load(self.path, self.twin),
            clients=Clients(),
            progress=Progress("stack", io.StringIO()),
            fallback_endpoint=ENDPOINT,
        )
        given = {"region": region, "defaultTags": json.dumps({"tags": dict(tags or {})})}
        self.engine.declare_provider(PROVIDER, "aws", given)
        Thing.calls.clear()
        return self.engine

    def done(self) -> dict[str, int]:
        self.engine.delete_gone()
        return dict(self.engine.progress.counts)


@pytest.fixture
def deployments(tmp_path: Path) -> Deployments:
    return Deployments(tmp_path)


def a_thing(logical: str = "one", /, **inputs: Any) -> Declaration:
    return Declaration(
        urn=f"urn:{logical}", type=Thing.pulumi_type, name=logical, inputs=inputs, provider=PROVIDER
    )


def test_an_unchanged_program_is_deployed_again_without_any_call(deployments: Deployments) -> None:
    first = deployments.engine.declare(a_thing(size=1))
    assert deployments.done() == {"created": 1}
    second = deployments.start().declare(a_thing(size=1))
    assert deployments.done() == {"unchanged": 1}
    assert Thing.calls == []
    assert second == first


def test_what_is_new_or_changed_is_planned_with_its_old_and_new_arguments(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing(size=1))
    deployments.start().declare(a_thing(size=1))
    deployments.start().declare(a_thing(size=2))
    assert Thing.planned == [(None, 1), (1, 2)]


def test_what_cannot_be_planned_is_not_made(deployments: Deployments) -> None:
    Thing.fail.add("plan")
    with pytest.raises(ResourceError, match=r"'one'.*AccessDeniedException"):
        deployments.engine.declare(a_thing(size=1))
    assert Thing.calls == []


def test_a_thing_without_a_name_gets_the_logical_one_with_seven_hex_digits(deployments: Deployments) -> None:
    made = deployments.engine.declare(a_thing())
    assert made.identity == made.outputs["name"]
    assert made.identity[:4] == "one-"
    assert len(made.identity) == 11
    int(made.identity[4:], 16)


def test_a_generated_name_over_the_limit_is_refused(deployments: Deployments) -> None:
    with pytest.raises(ResourceError, match="AWS allows 40 for name"):
        deployments.engine.declare(a_thing("n" * 33))


def test_a_changed_argument_is_updated_in_place(deployments: Deployments) -> None:
    first = deployments.engine.declare(a_thing(size=1))
    second = deployments.start().declare(a_thing(size=2))
    assert deployments.done() == {"updated": 1}
    assert Thing.calls == [("update", first.identity, ["size"])]
    assert second.identity == first.identity
    assert second.outputs["size"] == 2


def test_a_replacement_is_created_before_the_old_one_is_deleted(deployments: Deployments) -> None:
    first = deployments.engine.declare(a_thing(colour="red"))
    second = deployments.start().declare(a_thing(colour="blue"))
    assert deployments.done() == {"replaced": 1, "deleted": 1}
    assert [call[:2] for call in Thing.calls] == [("create", second.identity), ("delete", first.identity)]
    assert Thing.things.keys() == {second.identity}


def test_a_replacement_under_a_given_name_deletes_the_old_one_first(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing(name="fixed", colour="red"))
    deployments.start().declare(a_thing(name="fixed", colour="blue"))
    deployments.done()
    assert [call[0] for call in Thing.calls] == ["delete", "create"]


def test_another_region_is_a_replacement_deleted_where_it_was(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing())
    deployments.start(region="us-west-2").declare(replace(a_thing(), provider=PROVIDER))
    deployments.done()
    assert [call[0] for call in Thing.calls] == ["create", "delete"]
    assert [thing["region"] for thing in Thing.things.values()] == ["us-west-2"]


def test_what_the_program_no_longer_declares_is_deleted_dependents_first(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing("base", name="base"))
    deployments.engine.declare(replace(a_thing("user", name="user"), dependencies=("urn:base",)))
    deployments.start()
    assert deployments.done() == {"deleted": 2}
    assert [call[1] for call in Thing.calls] == ["user", "base"]


def test_a_protected_thing_is_neither_deleted_nor_replaced(deployments: Deployments) -> None:
    deployments.engine.declare(replace(a_thing(colour="red"), protect=True))
    deployments.engine.declare(a_thing("two"))
    deployments.start()
    with pytest.raises(ProtectedError, match=r"'one'.*protect=false"):
        deployments.done()
    assert Thing.calls == []
    with pytest.raises(ProtectedError, match="replace"):
        deployments.start().declare(replace(a_thing(colour="blue"), protect=True))
    assert len(Thing.things) == 2


def test_losing_a_protected_thing_is_refused_before_anything_changes(deployments: Deployments) -> None:
    deployments.engine.declare(replace(a_thing(), protect=True))
    deployments.start().expected.add((Thing.pulumi_type, "two"))
    with pytest.raises(ProtectedError, match="would delete it"):
        deployments.engine.declare(a_thing("two"))
    assert Thing.calls == []


def test_protection_can_be_taken_away_and_the_thing_then_deleted(deployments: Deployments) -> None:
    deployments.engine.declare(replace(a_thing(), protect=True))
    deployments.start().declare(a_thing())
    assert Thing.calls == []
    deployments.start()
    assert deployments.done() == {"deleted": 1}


def test_a_thing_to_be_retained_is_forgotten_and_left(deployments: Deployments) -> None:
    deployments.engine.declare(replace(a_thing(), retain=True))
    deployments.start()
    deployments.done()
    assert Thing.calls == []
    assert deployments.start().state.resources == {}


def test_a_failed_creation_leaves_nothing_and_the_next_deployment_makes_it(deployments: Deployments) -> None:
    Thing.fail = {"create"}
    with pytest.raises(ResourceError, match="CreateThing answered InternalError"):
        deployments.engine.declare(a_thing())
    Thing.fail = set()
    deployments.start().declare(a_thing())
    assert deployments.done() == {"created": 1}


def test_a_half_made_thing_is_finished_by_the_next_deployment(deployments: Deployments) -> None:
    Thing.fail = {"half"}
    with pytest.raises(ResourceError, match="Throttling"):
        deployments.engine.declare(a_thing(size=3))
    Thing.fail = set()
    deployments.start().declare(a_thing(size=3))
    assert [call[0] for call in Thing.calls] == ["update"]
    deployments.start().declare(a_thing(size=3))
    assert Thing.calls == []


def test_ignored_changes_keep_what_was_deployed(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing(size=1))
    deployments.start().declare(replace(a_thing(size=2), ignore_changes=("size",)))
    assert Thing.calls == []


def test_a_change_named_in_the_options_replaces(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing(size=1))
    deployments.start().declare(replace(a_thing(size=2), replace_on_changes=("size",)))
    assert deployments.done() == {"replaced": 1, "deleted": 1}


def test_default_tags_go_below_the_things_own(deployments: Deployments) -> None:
    deployments.start(tags={"Project": "p", "Stack": "s"})
    made = deployments.engine.declare(a_thing(tags={"Stack": "mine"}))
    assert made.outputs["tagsAll"] == {"Project": "p", "Stack": "mine"}
    assert made.outputs["tags"] == {"Stack": "mine"}
    assert Thing.things[made.identity]["tags"] == {"Project": "p", "Stack": "mine"}


def test_a_changed_default_tag_reaches_every_thing(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing())
    deployments.start(tags={"Project": "p"}).declare(a_thing())
    assert [call[0] for call in Thing.calls] == ["update"]


def test_a_secret_is_used_and_never_written(deployments: Deployments) -> None:
    made = deployments.engine.declare(a_thing(password=Secret(value="hunter2")))
    assert Thing.things[made.identity]["password"] == "hunter2"
    assert "hunter2" not in deployments.path.read_text()


def test_a_file_counts_by_its_bytes_not_by_its_place(deployments: Deployments, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
    (tmp_path / "c").write_bytes(b"other")
    deployments.engine.declare(a_thing(source=LocalFile.at(tmp_path / "a")))
    deployments.start().declare(a_thing(source=LocalFile.at(tmp_path / "b")))
    assert Thing.calls == []
    deployments.start().declare(a_thing(source=LocalFile.at(tmp_path / "c")))
    assert [call[0] for call in Thing.calls] == ["update"]


def test_a_twin_started_anew_has_nothing_and_everything_is_created(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing())
    deployments.twin = "second"
    deployments.start().declare(a_thing())
    assert deployments.done() == {"created": 1}


def test_an_unknown_argument_is_refused_before_any_call(deployments: Deployments) -> None:
    with pytest.raises(UnknownInputError, match=r"aws:test/thing:Thing was given wieght"):
        deployments.engine.declare(a_thing(wieght=1))
    assert Thing.calls == []


def test_two_things_of_one_name_are_refused(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing())
    with pytest.raises(ResourceError, match="Duplicate resource URN"):
        deployments.engine.declare(a_thing())


def test_a_thing_without_a_provider_is_refused(deployments: Deployments) -> None:
    with pytest.raises(ResourceError, match="Default provider for 'aws' disabled"):
        deployments.engine.declare(replace(a_thing(), provider=""))


def test_an_existing_thing_is_looked_up_and_never_becomes_the_stacks_own(deployments: Deployments) -> None:
    Thing.things["theirs"] = {"size": 7}
    engine = deployments.engine
    assert engine.look_up(Thing.pulumi_type, "theirs", PROVIDER, "theirs") == {"size": 7}
    assert engine.state.resources == {}
    with pytest.raises(ResourceError, match="'gone' does not exist in us-east-1"):
        engine.look_up(Thing.pulumi_type, "theirs", PROVIDER, "gone")


def test_state_files_are_their_owners_only(deployments: Deployments) -> None:
    deployments.engine.declare(a_thing())
    assert deployments.path.stat().st_mode & 0o077 == 0
