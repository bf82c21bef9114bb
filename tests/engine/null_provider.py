"""The twin's provider, but for its answers: null for every output that the provider's classes call optional.

Canaries tell neither their function nor their code's layer, which the real provider may leave out
although its classes promise them. `python -m tests.engine.null_provider` prints its port and runs until
its input ends.
"""
# ruff: noqa: N802 - the names of the methods are the service's

import sys
from typing import Any, Final

from google.protobuf import struct_pb2

from tests.fakes.provider_outputs import outputs_of
from twin.deploy.engine import provider_server

BROKEN_PROMISES: Final = {"aws:synthetics/canary:Canary": {"engineArn", "sourceLocationArn"}}


class NullServicer(provider_server.Servicer):
    def Create(self, request: Any, context: Any) -> Any:
        return _nulled(request.type, super().Create(request, context))

    def Read(self, request: Any, context: Any) -> Any:
        return _nulled(request.type, super().Read(request, context))

    def Update(self, request: Any, context: Any) -> Any:
        return _nulled(request.type, super().Update(request, context))


def _nulled(token: str, response: Any) -> Any:
    optional = {name for name, annotation in outputs_of(token).items() if "Optional" in annotation}
    for name in (optional | BROKEN_PROMISES.get(token, set())) & set(response.properties.fields):
        response.properties.fields[name].CopyFrom(struct_pb2.Value(null_value=struct_pb2.NULL_VALUE))
    return response


if __name__ == "__main__":
    provider_server.Servicer = NullServicer  # type: ignore[misc]
    sys.exit(provider_server.main())
