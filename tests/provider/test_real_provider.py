"""The real AWS provider on both stacks, with no more rights than docs/ci-policies give."""

from pathlib import Path

import pytest

from tests.fakes.twin_fixtures import DeployedTwin, kept_twin
from tests.provider import exceptions
from tests.provider.answers import answers, recorded
from tests.provider.configuration import Deployment
from tests.provider.latency import answer_no_sooner_than_aws
from tests.provider.mirror import Mirror
from tests.provider.terraform import Change, Terraform
from tests.provider.updates import UPDATES, updated
from twin.acting import act_as

pytestmark = pytest.mark.provider


def test_every_resource_of_both_stacks_is_imported_without_a_change(
    found_mirror: Mirror, source: DeployedTwin, deployment: Deployment, workplace: Path
) -> None:
    terraform = Terraform(found_mirror, workplace, act_as(source.client, "ci-preview"))
    terraform.write(deployment.importing(terraform.schema()))
    plan = terraform.plan()
    assert changes(plan.changes) == []
    imported = {one.address for one in deployment.resources if one.kind not in exceptions.NOT_IMPORTED}
    assert set(plan.imported) == imported


def test_both_stacks_are_made_from_nothing_updated_and_destroyed(
    found_mirror: Mirror, deployment: Deployment, workplace: Path, tmp_path: Path
) -> None:
    with kept_twin(tmp_path / "empty") as empty:
        answer_no_sooner_than_aws(empty)
        preview = act_as(empty, "ci-preview")
        terraform = Terraform(found_mirror, workplace, act_as(empty, "ci-deploy"))
        schema = terraform.schema()
        configuration = deployment.creating(schema)
        terraform.write(configuration)

        terraform.plan(client=preview)
        terraform.apply()
        made, plan = terraform.state(), terraform.plan(client=preview)
        assert changes(plan.changes) == []
        seen = answers(schema, [*made, *plan.seen], deployment.types)
        assert differences(seen, recorded()) == [], "make record-provider writes what is seen now"

        terraform.write(updated(configuration))
        plan = terraform.plan(client=preview)
        assert {change.actions for change in plan.changes} == {("update",)}
        assert {change.kind for change in plan.changes} == UPDATES.keys()
        terraform.apply()
        assert changes(terraform.plan(client=preview).changes) == []

        terraform.destroy()
        assert terraform.state() == []


def changes(found: list[Change]) -> list[str]:
    """Each change on one line, short enough to be read."""
    return [str(change)[:1000] for change in found]


def differences(seen: dict[str, dict[str, list[str]]], known: dict[str, dict[str, list[str]]]) -> list[str]:
    """Where two sets of answers differ, one line an attribute."""
    return sorted(
        f"{kind} {path}: {seen.get(kind, {}).get(path)} now, {known.get(kind, {}).get(path)} recorded"
        for kind in {*seen, *known}
        for path in {*seen.get(kind, {}), *known.get(kind, {})}
        if seen.get(kind, {}).get(path) != known.get(kind, {}).get(path)
    )
