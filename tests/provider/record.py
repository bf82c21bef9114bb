"""`python -m tests.provider.record`: makes both stacks with the real provider, and writes `answers.json`."""

import sys
import tempfile
from pathlib import Path

from tests.fakes.twin_fixtures import deployed, kept_twin
from tests.provider import mirror
from tests.provider.answers import FILE, answers, write
from tests.provider.configuration import Deployment
from tests.provider.deployment import read
from tests.provider.latency import answer_no_sooner_than_aws
from tests.provider.mirror import Mirror
from tests.provider.terraform import Terraform
from twin.acting import act_as


def main() -> int:
    """Some minutes; what it made is gone with its twins."""
    found = mirror.find()
    if isinstance(found, str):
        print(f"Nothing was recorded: {found}.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="record-provider-") as name:
        directory = Path(name)
        with deployed(directory / "source") as source:
            deployment = read(source.client, directory / "files")
        _record(found, deployment, directory)
    print(f"Written: {FILE}")
    return 0


def _record(found: Mirror, deployment: Deployment, directory: Path) -> None:
    with kept_twin(directory / "empty") as empty:
        answer_no_sooner_than_aws(empty)
        terraform = Terraform(found, directory / "terraform", act_as(empty, "ci-deploy"))
        schema = terraform.schema()
        terraform.write(deployment.creating(schema))
        terraform.plan()
        terraform.apply()
        made = terraform.state()
        write(answers(schema, [*made, *terraform.plan().seen], deployment.types))


if __name__ == "__main__":
    sys.exit(main())
