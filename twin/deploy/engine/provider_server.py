"""Serves the provider: `python -m twin.deploy.engine.provider_server` prints its port and runs until killed.

The engine attaches to it (PULUMI_DEBUG_PROVIDERS=aws:PORT) with a connection for each provider resource of
the program, and nothing in its later requests says which one they are for: so the connection does.
"""
# ruff: noqa: N802, ARG002 - the names and arguments of the methods are the service's

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as messages

from twin.deploy import explain
from twin.deploy.clients import Clients
from twin.deploy.engine import provider_schema
from twin.deploy.engine.provider import StoppedHalfWay, TwinProvider
from twin.deploy.errors import DeployError

T = TypeVar("T")
_WORKERS = 16
_UNKNOWN_CODE = 2  # google.rpc.Code.UNKNOWN
_ANY_SIZE = -1


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Pulumi's ResourceProvider service; each method finds the connection's provider and asks it."""

    def __init__(self, fallback_endpoint: str | None) -> None:
        self._clients = Clients()
        self._fallback = fallback_endpoint
        self._lock = threading.Lock()
        self._providers: dict[str, TwinProvider] = {}

    def Handshake(self, request: Any, context: Any) -> Any:
        self._begin(context)
        # Secrets come in the clear, and the engine marks what comes back: it does so for every provider that
        # says no here.
        return messages.ProviderHandshakeResponse(accept_secrets=False)

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=provider_schema.version())

    def GetSchema(self, request: Any, context: Any) -> Any:
        return messages.GetSchemaResponse(schema=provider_schema.as_json())

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return messages.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        same = request.old_inputs == request.news
        kinds = messages.DiffResponse
        return messages.DiffResponse(changes=kinds.DIFF_NONE if same else kinds.DIFF_SOME)

    def Configure(self, request: Any, context: Any) -> Any:
        self._answer(context, lambda p: p.configure(request))
        return messages.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda p: p.check(request))

    def Diff(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda p: p.diff(request))

    def Create(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda p: p.create(request))

    def Read(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda p: p.read(request))

    def Update(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda p: p.update(request))

    def Delete(self, request: Any, context: Any) -> Any:
        self._answer(context, lambda p: p.delete(request))
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda p: p.invoke(request))

    def Cancel(self, request: Any, context: Any) -> Any:
        """What is under way ends by itself within seconds; other engines may be attached."""
        return empty_pb2.Empty()

    def _begin(self, context: Any) -> None:
        """A new connection may come from the port of one that is gone."""
        with self._lock:
            self._providers[context.peer()] = TwinProvider(
                clients=self._clients, fallback_endpoint=self._fallback
            )

    def _answer(self, context: Any, ask: Callable[[TwinProvider], T]) -> T:
        with self._lock:
            provider = self._providers[context.peer()]
        try:
            return ask(provider)
        except StoppedHalfWay as stopped:
            _abort(context, str(stopped), stopped.details)
        except DeployError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001 - the engine shows what it is told, and nothing of a trace
            context.abort(grpc.StatusCode.UNKNOWN, explain.failure(type(error).__name__, "", error))
        raise AssertionError("unreachable: aborting raises")


def _abort(context: Any, message: str, details: messages.ErrorResourceInitFailed) -> NoReturn:
    """Ends the call with a status that carries more than a message (google.rpc.Status)."""
    packed = any_pb2.Any()
    packed.Pack(details)
    status = status_pb2.Status(code=_UNKNOWN_CODE, message=message, details=[packed])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError("unreachable: aborting raises")


def serve(host: str) -> tuple[grpc.Server, int]:
    """A started server and its port."""
    options = [
        ("grpc.max_receive_message_length", _ANY_SIZE),
        ("grpc.max_send_message_length", _ANY_SIZE),
    ]
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="rpc"), options=options)
    servicer = Servicer(os.environ.get("AWS_ENDPOINT_URL"))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port(f"{host}:0")
    server.start()
    return server, port


def main() -> int:
    server, port = serve("127.0.0.1")
    print(port, flush=True)
    # Ends with the twin, which holds the other end.
    sys.stdin.read()
    server.stop(grace=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
