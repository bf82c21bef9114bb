"""The way of a request through the twin: every layer in running order, to be read from top to bottom."""

from collections.abc import Sequence
from functools import partial

from twin.core import Core
from twin.front.allow_list import allow_list_layer
from twin.front.credentials import credentials_layer
from twin.front.data_plane import data_plane_layer, is_in_zone
from twin.front.faults import faults_layer
from twin.front.function_code import function_code_layer
from twin.front.outage import outage_layer
from twin.front.protocol import ASGIApp, Layer
from twin.front.reading import reading_layer
from twin.front.transport import transport_layer


def layers(core: Core) -> Sequence[Layer]:
    """What a request passes, outermost first; each passes it on, or answers and ends its way.

    Those of `core` are attached by the services in twin/aws/.
    """
    in_zone = is_in_zone(core.settings.hosted_zone)
    is_up = core.outages.is_up
    return [
        reading_layer,  # reads the request
        partial(outage_layer, regions=core.settings.regions, is_up=is_up),  # cuts it where its region is dead
        partial(function_code_layer, code_of=lambda token: core.function_code(token)),  # a function's archive
        partial(credentials_layer, domain_of=in_zone),  # refuses unknown keys and signatures for elsewhere
        partial(allow_list_layer, domain_of=in_zone),  # names the operation; 501 where the twin lacks it
        *core.watchers,  # see what clients get, the faults below included
        partial(faults_layer, table=core.faults, is_up=is_up),  # delays or fails it where a fault says so
        *core.own_services,  # answer for what no emulator has: ARC, Synthetics, KMS
        data_plane_layer,  # tells calls of deployed APIs from calls of AWS's own
        *core.fixups,  # the deployed APIs' data plane
        transport_layer,  # stands for HTTPS towards the emulator, which answers what is left
    ]


def assemble(core: Core, emulator: ASGIApp) -> ASGIApp:
    """The application that the listeners serve."""
    app = emulator
    for layer in reversed(layers(core)):
        app = layer(app)
    return app
