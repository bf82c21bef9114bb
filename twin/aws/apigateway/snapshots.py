"""What a deployment froze: the only thing that a stage serves, until another deployment is put on it."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from twin.aws.apigateway import store
from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.errors import BadRequestError
from twin.aws.apigateway.routing import Router

_Key = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """An API as it was when it was deployed."""

    api: Json
    resources: tuple[Json, ...]
    models: Mapping[str, str]
    validators: Mapping[str, Json]
    gateway_responses: Mapping[str, Json]

    @cached_property
    def router(self) -> Router:
        return Router(list(self.resources))

    @cached_property
    def schemas(self) -> Json:
        """Every model's schema under `definitions`, with references among them made local."""
        prefix = f'"https://apigateway.amazonaws.com/restapis/{self.api["id"]}/models/'
        definitions: dict[str, Any] = {
            name: json.loads(text.replace(prefix, '"#/definitions/')) for name, text in self.models.items()
        }
        return {"definitions": definitions}


class Snapshots:
    """Snapshots by region, API and deployment."""

    def __init__(self) -> None:
        self._taken: dict[_Key, Snapshot] = {}

    def take(self, api_id: str, deployment_id: str) -> None:
        """Freeze an API of the current region."""
        self._taken[store.get_region(), api_id, deployment_id] = Snapshot(
            api=copy.deepcopy(store.rest_api(api_id)),
            resources=tuple(copy.deepcopy(list(store.resources(api_id).values()))),
            models={name: model["schema"] for name, model in store.models(api_id).items()},
            validators=copy.deepcopy(store.validators(api_id)),
            gateway_responses=copy.deepcopy(store.gateway_responses(api_id)),
        )

    def get(self, region: str, api_id: str, deployment_id: str) -> Snapshot | None:
        return self._taken.get((region, api_id, deployment_id))

    def forget(self, api_id: str, deployment_id: str | None = None) -> None:
        """Drop an API's snapshots in the current region, or one of them."""
        for key in list(self._taken):
            if key[:2] == (store.get_region(), api_id) and deployment_id in (None, key[2]):
                del self._taken[key]


def refuse_undeployable(api_id: str) -> None:
    """CreateDeployment's own checks."""
    methods = [
        method
        for resource in store.resources(api_id).values()
        for method in (resource.get("resourceMethods") or {}).values()
    ]
    if not methods:
        raise BadRequestError("The REST API doesn't contain any methods")
    if any(method.get("methodIntegration") is None for method in methods):
        raise BadRequestError("No integration defined for method")
