"""A stand-in for Pulumi's Python language host, which comes with the official download only.

The engine starts `pulumi-language-python` from the PATH, reads its port, and has it run the program. Users
have the official one, with virtual environments and all; this one runs `__main__.py` in its own interpreter.
"""

import os
import runpy
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2


class Host(LanguageServer):
    """The Automation API's server for inline programs, with the program's file as its program."""

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        return plugin_pb2.PluginInfo(version="0.0.0")

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        return language_pb2.RuntimeOptionsResponse()

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        return language_pb2.GetProgramDependenciesResponse()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        return empty_pb2.Empty()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        directory = Path(request.info.program_directory)
        os.chdir(directory)
        sys.path.insert(0, str(directory))

        def execute() -> None:
            runpy.run_path(str(directory / "__main__.py"), run_name="__main__")

        self.program = execute
        return super().Run(request, context)  # type: ignore[no-untyped-call]


def main() -> None:
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(lambda: None), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Event().wait()  # the engine ends this process


if __name__ == "__main__":
    main()
