"""Reads what is deployed in a running twin: the stacks' states, and the files that were uploaded."""

from pathlib import Path

from tests.fakes.twin_fixtures import STACKS
from tests.provider.configuration import Deployment, Resource
from twin.acting import ci_values
from twin.client import TwinClient
from twin.deploy.in_process.run import state_of
from twin.deploy.in_process.state import StoredResource

_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


def read(client: TwinClient, directory: Path) -> Deployment:
    """Every resource of both stacks, the primary's first; uploaded files are written to `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    resources = tuple(
        Resource(kept=kept, stack=stack)
        for stack in STACKS
        for kept in state_of(stack, client).resources.values()
    )
    objects = {
        one.kept.inputs["source"]["fileSha256"]: one.kept for one in resources if one.kept.type == _OBJECT
    }
    files = {sha256: _downloaded(client, kept, directory / sha256) for sha256, kept in objects.items()}
    values = ci_values(client)
    return Deployment(
        resources=resources, zone=values["HOSTED_ZONE_ID"], domain=values["DOMAIN_NAME"], files=files
    )


def _downloaded(client: TwinClient, kept: StoredResource, path: Path) -> Path:
    s3 = client.boto3_client("s3", kept.region)
    s3.download_file(kept.inputs["bucket"], kept.inputs["key"], str(path))
    return path
