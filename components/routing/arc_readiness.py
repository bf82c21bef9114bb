"""Readiness checks of Application Recovery Controller: is every region able to carry the traffic?

Closed to new customers of AWS ("ARC readiness check availability change"), hence opt-in, in the last stack,
and nothing depends on it: for everybody else `python -m ops parity` compares the regions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import Provider
from pulumi_aws import route53recoveryreadiness as readiness

from blueprint import naming
from blueprint import output_names as names
from blueprint.stack_config import StackConfig
from components.answers import required
from components.errors import OtherStackError
from functions.orders.contract import CREATE, READ, TABLES

STAGE_TYPE: Final = "AWS::ApiGateway::Stage"
FUNCTION_TYPE: Final = "AWS::Lambda::Function"
TABLE_TYPE: Final = "AWS::DynamoDB::Table"

_FUNCTIONS: Final = (CREATE, READ)
"""Those of customers' requests. Not fill: a rule holds a set's functions to one timeout; it has another."""

_NEEDED: Final = (names.REGION, names.API_ID, names.API_URL, names.TABLE_NAMES, names.FUNCTION_ARNS)

Arns = Mapping[str, tuple[str, ...]]
"""What is audited in one region: ARNs by the name of the set that they belong to."""

SETS: Final[Mapping[str, str]] = {
    "stages": STAGE_TYPE,
    "functions": FUNCTION_TYPE,
    **{f"table-{table}": TABLE_TYPE for table in TABLES},
}
"""The type of each resource set. Rules compare what is in a set ("Readiness rules descriptions in ARC"), so a
table is in one with its own replicas only: another table has another key."""


@dataclass(frozen=True, kw_only=True)
class ArcReadinessArgs:
    """`provider` is that of ARC's control APIs; `own_outputs` are this stack's, made here and not read."""

    config: StackConfig
    provider: Provider
    own_outputs: Mapping[str, pulumi.Input[Any]]


class ArcReadiness(pulumi.ComponentResource):
    """A recovery group, a cell a region, and resource sets with a check each.

    It lives in the last stack and reads the outputs of all others, which must be deployed.
    """

    def __init__(self, name: str, args: ArcReadinessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:routing:ArcReadiness", name, None, opts)
        self._name = name
        self._config = args.config
        self._child = pulumi.ResourceOptions(parent=self, provider=args.provider)
        audited = self._audited(args.own_outputs)
        cells = {region: self._cell(region) for region in sorted(audited)}
        group = self._group(list(cells.values()))
        for set_name in SETS:
            self._check(set_name, self._resource_set(set_name, audited, cells))
        self.register_outputs({"recoveryGroup": group.arn})

    def _audited(self, own: Mapping[str, pulumi.Input[Any]]) -> dict[str, pulumi.Output[Arns]]:
        config = self._config
        found = {config.region: pulumi.Output.all(**own).apply(audited_arns)}
        for stack, region in config.stacks.items():
            if stack != config.stack:
                found[region] = self._outputs_of(stack).apply(audited_arns)
        return found

    def _outputs_of(self, stack: str) -> pulumi.Output[Mapping[str, Any]]:
        full = f"{pulumi.get_organization()}/{self._config.project}/{stack}"
        pulumi.log.info(f"Reading the outputs of {full}: readiness checks audit every deployed region.")
        # Not named as the stack is: the primary is read under that name already.
        reference = pulumi.StackReference(
            f"{self._name}-{stack}", stack_name=full, opts=pulumi.ResourceOptions(parent=self)
        )
        return reference.outputs.apply(lambda outputs: check_other(self._config, stack, outputs))

    def _cell(self, region: str) -> readiness.Cell:
        return readiness.Cell(
            f"{self._name}-cell-{region}", cell_name=self._physical(region), opts=self._child
        )

    def _group(self, cells: Sequence[readiness.Cell]) -> readiness.RecoveryGroup:
        return readiness.RecoveryGroup(
            f"{self._name}-group",
            recovery_group_name=self._physical("regions"),
            cells=[required(cell, "arn") for cell in cells],
            opts=self._child,
        )

    def _resource_set(
        self,
        set_name: str,
        audited: Mapping[str, pulumi.Output[Arns]],
        cells: Mapping[str, readiness.Cell],
    ) -> readiness.ResourceSet:
        regions = list(cells)
        known = pulumi.Output.all(
            arns=[audited[region].apply(lambda arns: list(arns[set_name])) for region in regions],
            cells=[required(cells[region], "arn") for region in regions],
        )
        return readiness.ResourceSet(
            f"{self._name}-{set_name}",
            resource_set_name=self._physical(set_name),
            resource_set_type=SETS[set_name],
            resources=known.apply(lambda all_: _resources(all_["arns"], all_["cells"])),
            opts=self._child,
        )

    def _check(self, set_name: str, audited: readiness.ResourceSet) -> None:
        readiness.ReadinessCheck(
            f"{self._name}-{set_name}-check",
            readiness_check_name=self._physical(set_name),
            resource_set_name=audited.resource_set_name,
            opts=self._child,
        )

    def _physical(self, name: str) -> str:
        return self._config.namer.underscored(name, naming.READINESS_RESOURCE)


def _resources(
    arns: Sequence[Sequence[str]], cells: Sequence[str]
) -> list[readiness.ResourceSetResourceArgsDict]:
    """Each region's resources in its own cell; in one order always, since another one counts as a change."""
    return [
        {"resource_arn": arn, "readiness_scopes": [cell]}
        for of_region, cell in zip(arns, cells, strict=True)
        for arn in of_region
    ]


def audited_arns(outputs: Mapping[str, Any]) -> Arns:
    """What a stack's outputs say is to be audited, in ARC's forms of ARNs.

    "Resource types and ARN formats in ARC": a stage's has the account, which API Gateway itself leaves out.
    """
    region, functions = outputs[names.REGION], outputs[names.FUNCTION_ARNS]
    account = functions[CREATE].split(":")[4]
    stage = outputs[names.API_URL].rpartition("/")[2]
    of_stage = f"arn:aws:apigateway:{region}:{account}:/restapis/{outputs[names.API_ID]}/stages/{stage}"
    table = f"arn:aws:dynamodb:{region}:{account}:table/"
    return {
        "stages": (of_stage,),
        "functions": tuple(functions[function] for function in _FUNCTIONS),
        **{f"table-{key}": (f"{table}{outputs[names.TABLE_NAMES][key]}",) for key in TABLES},
    }


def check_other(config: StackConfig, stack: str, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The outputs themselves, if they say what to audit; otherwise OtherStackError."""
    missing = [key for key in _NEEDED if not outputs.get(key)]
    if not missing:
        missing = [f"{names.FUNCTION_ARNS}.{f}" for f in _FUNCTIONS if f not in outputs[names.FUNCTION_ARNS]]
        missing += [f"{names.TABLE_NAMES}.{t}" for t in TABLES if t not in outputs[names.TABLE_NAMES]]
    if missing:
        raise OtherStackError(
            f"`readiness` is true, and the stack {stack} lacks outputs."
            if outputs
            else f"`readiness` is true, and the stack {stack} has no outputs.",
            seen={"missing": missing, "present": sorted(outputs)},
            why=f"{config.stack} is the last stack: its readiness checks audit the regions deployed before.",
            do=f"Run pulumi up in the stack {stack} first, or set `readiness` to false.",
        )
    return outputs
