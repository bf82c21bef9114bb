"""The load generator of one region: a state machine that orders through the name that all regions share."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch, iam, s3, sfn

from blueprint import policies
from blueprint.load_definition import FUNCTION_SECONDS, definition
from blueprint.naming import LAMBDA_FUNCTION, STATE_MACHINE, Namer
from components.answers import required
from components.app.artifacts import Artifacts
from components.app.function_resources import FunctionArgs, FunctionSettings, create_function, log_group_of
from components.packing import sources
from components.packing.packaging import Archive, Member, python_members, write_named_archive
from functions.load.contract import DOMAIN_NAME, FILL_FUNCTION, HANDLERS, ORDER_FUNCTION, ROUTES

_LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    FILL_FUNCTION: ("sigv4a", "ulid"),
    ORDER_FUNCTION: ("sigv4a",),
}


@dataclass(frozen=True, kw_only=True)
class CalledApi:
    """The API that all regions share."""

    domain_name: str
    regions: Sequence[str]
    """Those that may answer."""
    stage: str


@dataclass(frozen=True, kw_only=True)
class LoadGeneratorArgs:
    namer: Namer
    region: str
    account_id: pulumi.Input[str]
    api: CalledApi
    settings: FunctionSettings
    artifacts: Artifacts


class LoadGenerator(pulumi.ComponentResource):
    """Makes a StateMachine with a LogGroup and a Role, and a LoadFunction for each of its steps.

    It starts nothing by itself: an execution is started by hand, or by `ops load start`.
    """

    def __init__(
        self, name: str, args: LoadGeneratorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:load:LoadGenerator", name, None, opts)
        self._name = name
        self._settings = args.settings
        self._physical_name = args.namer.physical("load", STATE_MACHINE)
        self._child = pulumi.ResourceOptions(parent=self)
        self._functions = self._create_functions(args)
        self._machine = self._create_machine()
        self.register_outputs({"arn": self.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        """The state machine's."""
        return self._machine.arn

    def _create_functions(self, args: LoadGeneratorArgs) -> Mapping[str, "LoadFunction"]:
        archive = load_functions_archive()
        code = args.artifacts.upload(f"{self._name}-code", archive, key_prefix="functions/load", parent=self)
        return {
            function: LoadFunction(
                f"{self._name}-{function}",
                LoadFunctionArgs(
                    namer=args.namer,
                    region=args.region,
                    account_id=args.account_id,
                    function=function,
                    api=args.api,
                    settings=args.settings,
                    code=code,
                    archive=archive,
                    layers=[args.artifacts.layer_arns[layer] for layer in _LAYERS[function]],
                ),
                opts=self._child,
            )
            for function in HANDLERS
        }

    def _create_machine(self) -> sfn.StateMachine:
        # Step Functions adds what it delivers to a policy of limited size, unless the name begins so
        # (CloudWatch Logs User Guide, "Logs sent to CloudWatch Logs").
        log_group = cloudwatch.LogGroup(
            f"{self._name}-log",
            name=f"/aws/vendedlogs/states/{self._physical_name}",
            retention_in_days=self._settings.log_retention_days,
            opts=self._child,
        )
        role, policy = self._create_role()
        arns = {name: function.arn for name, function in self._functions.items()}
        return sfn.StateMachine(
            self._name,
            name=self._physical_name,
            type="STANDARD",
            role_arn=role.arn,
            definition=pulumi.Output.all(**arns).apply(
                lambda known: json.dumps(
                    definition(fill_arn=known[FILL_FUNCTION], order_arn=known[ORDER_FUNCTION]), sort_keys=True
                )
            ),
            logging_configuration=sfn.StateMachineLoggingConfigurationArgs(
                log_destination=pulumi.Output.concat(required(log_group, "arn"), ":*"),
                # Every step, with its data: ids, regions and counts. Credentials never enter it.
                level="ALL",
                include_execution_data=True,
            ),
            tracing_configuration=sfn.StateMachineTracingConfigurationArgs(enabled=True),
            # Step Functions asks whether the role may deliver logs when the machine is made.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _create_role(self) -> tuple[iam.Role, iam.RolePolicy]:
        role = iam.Role(
            f"{self._name}-role",
            name=self._physical_name,
            description=f"What the state machine {self._physical_name} may do",
            assume_role_policy=policies.as_json(policies.trust("states.amazonaws.com")),
            opts=self._child,
        )
        arns = [function.arn for function in self._functions.values()]
        document = pulumi.Output.all(*arns).apply(
            lambda known: policies.as_json(policies.load_state_machine(known))
        )
        policy = iam.RolePolicy(
            f"{self._name}-policy", name="own-work", role=role.name, policy=document, opts=self._child
        )
        return role, policy


@dataclass(frozen=True, kw_only=True)
class LoadFunctionArgs:
    namer: Namer
    region: str
    account_id: pulumi.Input[str]
    function: str
    """Its key in the functions' contract: fill or order."""
    api: CalledApi
    settings: FunctionSettings
    code: s3.BucketObjectv2
    archive: Archive
    layers: Sequence[pulumi.Input[str]]


class LoadFunction(pulumi.ComponentResource):
    """Makes a Function, its LogGroup, and its Role with a RolePolicy (create_function)."""

    def __init__(self, name: str, args: LoadFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:load:LoadFunction", name, None, opts)
        self._args = args
        self._physical_name = args.namer.physical(f"load-{args.function}", LAMBDA_FUNCTION)
        self._made = create_function(
            name,
            FunctionArgs(
                settings=args.settings,
                physical_name=self._physical_name,
                policy=self._policy(),
                handler=HANDLERS[args.function],
                timeout_seconds=FUNCTION_SECONDS[args.function],
                code=args.code,
                archive=args.archive,
                layers=args.layers,
                environment={DOMAIN_NAME: args.api.domain_name},
            ),
            parent=self,
        )
        self.register_outputs({"arn": self.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        return required(self._made.function, "arn")

    def _policy(self) -> pulumi.Output[str]:
        args = self._args
        return pulumi.Output.from_input(args.account_id).apply(
            lambda account_id: policies.as_json(
                policies.load_function(
                    routes=ROUTES[args.function],
                    regions=args.api.regions,
                    stage=args.api.stage,
                    region=args.region,
                    account_id=account_id,
                    log_group=log_group_of(self._physical_name),
                )
            )
        )


def load_functions_archive() -> Archive:
    """The load generator's functions, and of the order functions the names that both share."""
    shared = ("__init__.py", "orders/__init__.py", "orders/contract.py")
    members = [
        *python_members(sources.LOAD_FUNCTIONS, prefix="functions/load"),
        *(Member(path=f"functions/{file}", source=sources.FUNCTIONS / file) for file in shared),
    ]
    return write_named_archive(sources.CACHE / "functions", "load", members)
