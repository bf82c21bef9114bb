"""Which API and stage a request means: by the API's own address, or through a custom domain."""

from dataclasses import dataclass

from twin.aws.apigateway import store
from twin.aws.apigateway.domains import ROOT
from twin.front.data_plane import host_name
from twin.front.protocol import Scope
from twin.front.request import request_of

# What twin.front.data_plane makes of an API's own addresses.
_OWN_ADDRESS = "/_aws/execute-api/"


@dataclass(frozen=True, kw_only=True)
class StageAddress:
    """`api_id` is empty when nothing is there; `base_path` is of the mapping, empty without one."""

    api_id: str = ""
    stage: str = ""
    path: str = "/"
    domain_name: str = ""
    base_path: str = ""
    default_endpoint: bool = False


def target_of(scope: Scope) -> StageAddress:
    """The target in the region being served; custom domain names are looked up in that region alone."""
    host = host_name(request_of(scope))
    path = str(scope["path"])
    if path.startswith(_OWN_ADDRESS):
        api_id, _, rest = path.removeprefix(_OWN_ADDRESS).partition("/")
        stage, slash, rest = rest.partition("/")
        name = f"{api_id}.execute-api.{store.get_region()}.amazonaws.com"
        return StageAddress(
            api_id=api_id, stage=stage, path=slash + rest or "/", domain_name=name, default_endpoint=True
        )
    return _mapped(host, path)


def _mapped(host: str, path: str) -> StageAddress:
    """The longest base path that fits wins."""
    mappings = store.mappings(host)
    segments = [segment for segment in path.split("/") if segment]
    for base_path in sorted(mappings, key=len, reverse=True):
        prefix = [] if base_path == ROOT else base_path.split("/")
        if segments[: len(prefix)] != prefix:
            continue
        rest = "/" + "/".join(path.lstrip("/").split("/")[len(prefix) :])
        mapping = mappings[base_path]
        stage = mapping.get("stage", "")
        if not stage:
            stage, slash, rest = rest.lstrip("/").partition("/")
            rest = slash + rest or "/"
        shown = "" if base_path == ROOT else base_path
        return StageAddress(
            api_id=mapping["restApiId"], stage=stage, path=rest, domain_name=host, base_path=shown
        )
    return StageAddress(domain_name=host)
