"""What is deployed in a twin as a Terraform configuration."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.provider import exceptions
from tests.provider.references import References, reachable, references, wired
from tests.provider.terraform import REQUIRED
from tests.provider.translate import Schema, Translator, attribute_names, terraform_type
from twin.deploy.in_process.state import StoredResource

Json = dict[str, Any]
ZONE = "data.aws_route53_zone.hosted"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A deployed resource and where it stands in the configuration."""

    kept: StoredResource
    stack: str

    @property
    def kind(self) -> str:
        return terraform_type(self.kept.type)

    @property
    def name(self) -> str:
        return f"{self.stack}-{self.kept.name}"

    @property
    def address(self) -> str:
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Everything that is deployed in one twin. `files` has the path of each uploaded file by its SHA-256."""

    resources: tuple[Resource, ...]
    zone: str
    domain: str
    files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def types(self) -> set[str]:
        """Pulumi's types."""
        return {one.kept.type for one in self.resources}

    def importing(self, schema: Schema) -> Json:
        """Takes over what is deployed: every value as it is there, each resource with its import block."""
        chosen = [one for one in self.resources if one.kind not in exceptions.NOT_IMPORTED]
        blocks = [self._resource(schema, one) | _lifecycle(one, exceptions.UNREAD) for one in chosen]
        imports = [
            {"to": one.address, "id": import_id(one, block)}
            for one, block in zip(chosen, blocks, strict=True)
        ]
        return {**self._frame(zip(chosen, blocks, strict=True)), "import": imports}

    def creating(self, schema: Schema) -> Json:
        """Makes the same from nothing: what AWS chooses is taken from where it is chosen.

        A secondary's resources may refer to any of the primary's, as they do through its outputs.
        """
        edges = self._edges()
        by_urn = {one.kept.urn: one for one in self.resources}
        known = {urn: dict(self._outputs(schema, one)) for urn, one in by_urn.items()}
        zone = {self.zone: f"{ZONE}.zone_id"}
        blocks = []
        primary = {one.kept.urn for one in self.resources if one.stack == self.resources[0].stack}
        for one in self.resources:
            before = reachable(one.kept.urn, edges) | (set() if one.kept.urn in primary else primary)
            values: References = {v: e for urn in sorted(before) for v, e in known[urn].items()} | zone
            direct = sorted(by_urn[urn].address for urn in edges[one.kept.urn])
            block = self._resource(schema, one, values) | _lifecycle(one)
            blocks.append({**block, "depends_on": direct})
        return self._frame(zip(self.resources, blocks, strict=True))

    def _edges(self) -> dict[str, list[str]]:
        """What each resource waits for in its own stack."""
        urns = {one.kept.urn for one in self.resources}
        return {one.kept.urn: [u for u in one.kept.dependencies if u in urns] for one in self.resources}

    def _outputs(self, schema: Schema, one: Resource) -> Iterator[tuple[str, str]]:
        block = schema["resource_schemas"][one.kind]["block"]
        names = attribute_names(block, one.kind)
        made = {name: one.kept.outputs[key] for key, name in names.items() if key in one.kept.outputs}
        given = {value for value in one.kept.inputs.values() if isinstance(value, str)}
        for value, expression in references(one.address, block, {**made, "id": one.kept.identity}):
            if value not in given:
                yield value, expression

    def _resource(self, schema: Schema, one: Resource, known: References = MappingProxyType({})) -> Json:
        block = schema["resource_schemas"][one.kind]["block"]
        translator = Translator(one.kind, lambda text: wired(text, known))
        inputs = {key: self._file(value) for key, value in one.kept.inputs.items()}
        return {**translator.arguments(block, inputs), "provider": f"aws.{one.kept.region}"}

    def _file(self, value: Any) -> Any:
        if isinstance(value, Mapping) and set(value) == {"fileSha256"}:
            return str(self.files[value["fileSha256"]])
        return value

    def _frame(self, resources: Iterable[tuple[Resource, Json]]) -> Json:
        placed: dict[str, Json] = {}
        for one, block in resources:
            placed.setdefault(one.kind, {})[one.name] = block
        regions = sorted({one.kept.region for one in self.resources})
        return {
            "terraform": REQUIRED,
            "provider": {"aws": [provider(region) for region in regions]},
            "data": data_sources(self.domain, regions[0]),
            "resource": placed,
        }


def _lifecycle(one: Resource, *more: Mapping[str, Iterable[str]]) -> Json:
    uncompared = [name for table in (exceptions.IGNORED, *more) for name in table.get(one.kind, ())]
    return {"lifecycle": {"ignore_changes": sorted(uncompared)}}


def provider(region: str) -> Json:
    """The provider of a region; the endpoint and the credentials are in the environment."""
    return {
        "alias": region,
        "region": region,
        "s3_use_path_style": True,
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
    }


def data_sources(domain: str, region: str) -> Json:
    """What the program asks AWS for while it is built."""
    by = {"provider": f"aws.{region}"}
    zone_id = f"${{{ZONE}.zone_id}}"
    return {
        "aws_caller_identity": {"caller": by},
        "aws_partition": {"partition": by},
        "aws_region": {"region": by},
        "aws_route53_zone": {"hosted": {**by, "name": domain.partition(".")[2]}},
        "aws_route53_records": {
            "every": {**by, "zone_id": zone_id, "name_regex": "."},
            "none": {**by, "zone_id": zone_id, "name_regex": "^no-such-record\\."},
        },
    }


def import_id(one: Resource, block: Mapping[str, Any]) -> str:
    """What `terraform import` finds the resource by."""
    form = exceptions.IMPORT.get(one.kind, "{id}")
    return form.format_map({**block, "id": one.kept.identity})
