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

from blueprint import output_names as names
from blueprint.naming import READINESS_RESOURCE, Namer
from components.answers import required
from components.errors import OtherStackError

STAGE_TYPE: Final = "AWS::ApiGateway::Stage"
FUNCTION_TYPE: Final = "AWS::Lambda::Function"
TABLE_TYPE: Final = "AWS::DynamoDB::Table"

_NEEDED: Final = (names.REGION, names.API_ID, names.API_URL, names.TABLE_NAMES, names.FUNCTION_ARNS)

Arns = Mapping[str, tuple[str, ...]]
"""What is audited in one region: ARNs by the name of the set that they belong to."""


@dataclass(frozen=True, kw_only=True)
class Audited:
    """Whose readiness is audited in every region, beside the API's stage: keys of stack outputs."""

    functions: Sequence[str]
    """Of `functionArns`. A rule holds the functions of a set to one timeout."""
    tables: Sequence[str]
    """Of `tableNames`."""

    def sets(self) -> Mapping[str, str]:
        """The type of each resource set.

        Rules compare what is in a set ("Readiness rules descriptions in ARC"), so a table is in one with its
        own replicas only: another table has another key.
        """
        tables = {f"table-{table}": TABLE_TYPE for table in self.tables}
        return {"stages": STAGE_TYPE, "functions": FUNCTION_TYPE, **tables}


@dataclass(frozen=True, kw_only=True)
class ArcReadinessArgs:
    namer: Namer
    region: str
    """This stack's."""
    own_outputs: Mapping[str, pulumi.Input[Any]]
    """This stack's, made here and not read."""
    other_stacks: Mapping[str, str]
    """The regions of all others by the stack's name."""
    audited: Audited
    provider: Provider
    """Of ARC's control APIs."""


class ArcReadiness(pulumi.ComponentResource):
    """Makes what audits all regions:

    - a RecoveryGroup with a Cell a region
    - a ResourceSet and a ReadinessCheck for the stages, for the functions and for each table

    It lives in the last stack and reads the outputs of all others, which must be deployed.
    """

    def __init__(self, name: str, args: ArcReadinessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:routing:ArcReadiness", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self, provider=args.provider)
        audited = self._audited()
        cells = {region: self._cell(region) for region in sorted(audited)}
        group = self._group(list(cells.values()))
        for set_name, set_type in args.audited.sets().items():
            self._check(set_name, self._resource_set(set_name, set_type, audited, cells))
        self.register_outputs({"recoveryGroup": group.arn})

    def _audited(self) -> dict[str, pulumi.Output[Arns]]:
        args = self._args
        own: pulumi.Output[Mapping[str, Any]] = pulumi.Output.all(**args.own_outputs)
        outputs = {args.region: own} | {
            region: self._outputs_of(stack) for stack, region in args.other_stacks.items()
        }
        return {
            region: known.apply(lambda found: audited_arns(args.audited, found))
            for region, known in outputs.items()
        }

    def _outputs_of(self, stack: str) -> pulumi.Output[Mapping[str, Any]]:
        full = f"{pulumi.get_organization()}/{self._args.namer.project}/{stack}"
        pulumi.log.info(f"Reading the outputs of {full}: readiness checks audit every deployed region.")
        # Not named as the stack is: the primary is read under that name already.
        reference = pulumi.StackReference(
            f"{self._name}-{stack}", stack_name=full, opts=pulumi.ResourceOptions(parent=self)
        )
        audited, reader = self._args.audited, self._args.namer.stack
        return reference.outputs.apply(
            lambda outputs: check_other(audited, outputs, stack=stack, reader=reader)
        )

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
        set_type: str,
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
            resource_set_type=set_type,
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
        return self._args.namer.underscored(name, READINESS_RESOURCE)


def _resources(
    arns: Sequence[Sequence[str]], cells: Sequence[str]
) -> list[readiness.ResourceSetResourceArgsDict]:
    """Each region's resources in its own cell; in one order always, since another one counts as a change."""
    return [
        {"resource_arn": arn, "readiness_scopes": [cell]}
        for of_region, cell in zip(arns, cells, strict=True)
        for arn in of_region
    ]


def audited_arns(audited: Audited, outputs: Mapping[str, Any]) -> Arns:
    """What a stack's outputs say is to be audited, in ARC's forms of ARNs.

    "Resource types and ARN formats in ARC": a stage's has the account, which API Gateway itself leaves out.
    """
    region, functions = outputs[names.REGION], outputs[names.FUNCTION_ARNS]
    account = functions[audited.functions[0]].split(":")[4]
    stage = outputs[names.API_URL].rpartition("/")[2]
    of_stage = f"arn:aws:apigateway:{region}:{account}:/restapis/{outputs[names.API_ID]}/stages/{stage}"
    table = f"arn:aws:dynamodb:{region}:{account}:table/"
    return {
        "stages": (of_stage,),
        "functions": tuple(functions[function] for function in audited.functions),
        **{f"table-{key}": (f"{table}{outputs[names.TABLE_NAMES][key]}",) for key in audited.tables},
    }


def check_other(
    audited: Audited, outputs: Mapping[str, Any], *, stack: str, reader: str
) -> Mapping[str, Any]:
    """The outputs of `stack` themselves, if they say what to audit; otherwise OtherStackError."""
    missing = [key for key in _NEEDED if not outputs.get(key)]
    if not missing:
        known = outputs[names.FUNCTION_ARNS]
        missing = [f"{names.FUNCTION_ARNS}.{f}" for f in audited.functions if f not in known]
        missing += [f"{names.TABLE_NAMES}.{t}" for t in audited.tables if t not in outputs[names.TABLE_NAMES]]
    if missing:
        raise OtherStackError(
            f"`readiness` is true, and the stack {stack} lacks outputs."
            if outputs
            else f"`readiness` is true, and the stack {stack} has no outputs.",
            seen={"missing": missing, "present": sorted(outputs)},
            why=f"{reader} is the last stack: its readiness checks audit the regions deployed before.",
            do=f"Run pulumi up in the stack {stack} first, or set `readiness` to false.",
        )
    return outputs
