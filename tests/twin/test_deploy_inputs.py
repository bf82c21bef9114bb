"""Every handler against the AWS provider's own classes: no argument is misspelt or ignored in silence."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from twin.deploy import schema
from twin.deploy.arguments import refuse_unknown
from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError, UnknownInputError, UnknownResourceError
from twin.deploy.resources.base import Handler, paths
from twin.deploy.resources.registry import HANDLERS, handler_of

every_handler = pytest.mark.parametrize("handler", HANDLERS.values(), ids=lambda h: h.pulumi_type)


def known_to(handler: Handler) -> frozenset[str]:
    return handler.accepts | paths(*handler.without_effect) | {"region"}


@every_handler
def test_what_a_handler_accepts_are_arguments_of_the_type(handler: Handler) -> None:
    assert handler.accepts <= schema.argument_paths(handler.pulumi_type)
    assert handler.without_effect.keys() <= schema.argument_paths(handler.pulumi_type)


@every_handler
def test_what_replaces_or_names_a_resource_are_arguments_of_the_type(handler: Handler) -> None:
    assert handler.replaces <= schema.arguments(handler.pulumi_type)
    assert handler.replaces <= known_to(handler)
    if handler.autoname:
        assert handler.autoname.argument in handler.accepts


@every_handler
def test_arguments_without_effect_say_why_and_are_not_acted_on_too(handler: Handler) -> None:
    assert not handler.accepts & handler.without_effect.keys()
    assert all(len(reason) > 20 for reason in handler.without_effect.values())


@every_handler
def test_any_other_argument_of_the_type_is_refused_by_name(handler: Handler) -> None:
    for argument in schema.arguments(handler.pulumi_type) - known_to(handler):
        with pytest.raises(UnknownInputError, match=rf"{handler.pulumi_type}.*\b{argument}\b"):
            refuse_unknown(handler.pulumi_type, {argument: "value"}, known_to(handler))


@every_handler
def test_any_other_nested_argument_is_refused_by_its_path(handler: Handler) -> None:
    free = {path.removesuffix(".*") for path in handler.accepts if path.endswith(".*")}
    for path in schema.argument_paths(handler.pulumi_type):
        parts = path.split(".")
        under_free_keys = any(".".join(parts[:count]) in free for count in range(1, len(parts)))
        if path in known_to(handler) or path.endswith("*") or under_free_keys:
            continue
        if ".".join(parts[:-1]) in known_to(handler):
            value: Any = "value"
            for part in reversed(parts):
                value = [{part: value}]
            with pytest.raises(UnknownInputError, match=rf"{path}\b"):
                refuse_unknown(handler.pulumi_type, value[0], known_to(handler))


def test_a_type_without_a_handler_is_refused_by_name() -> None:
    with pytest.raises(UnknownResourceError, match="aws:ec2/vpc:Vpc has no handler"):
        handler_of("aws:ec2/vpc:Vpc")


def test_free_keys_are_accepted_with_everything_below() -> None:
    refuse_unknown("t", {"tags": {"a": "b"}, "body": {"x": [{"y": 1}]}}, paths("tags.*", "body.*"))


def test_a_replica_in_the_tables_own_region_is_refused() -> None:
    table = "arn:aws:dynamodb:us-east-1:111122223333:table/t"
    aws = cast(Aws, SimpleNamespace(region="us-east-1"))
    with pytest.raises(ResourceError, match="own region us-east-1"):
        HANDLERS["aws:dynamodb/tableReplica:TableReplica"].create(aws, {"globalTableArn": table})
