"""Which resource and method of a deployed API serves a request (API Gateway Developer Guide, "resources")."""

from dataclasses import dataclass

from twin.aws.apigateway.definition import Json


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method and the resource it is on; `parameters` are the path's."""

    resource: Json
    method: Json
    parameters: dict[str, str]


class Router:
    """Resources by path; a literal segment wins over `{name}`, that over `{name+}`."""

    def __init__(self, resources: list[Json]) -> None:
        self._resources = [(_segments(resource["path"]), resource) for resource in resources]
        self._resources.sort(key=lambda entry: [_weight(segment) for segment in entry[0]])

    def match(self, method: str, path: str) -> Route | None:
        """The route for a request, None when no resource on this path serves the method."""
        wanted = _segments(path)
        for segments, resource in self._resources:
            methods = resource.get("resourceMethods") or {}
            served = methods.get(method) or methods.get("ANY")
            if served is None:
                continue
            parameters = _match(segments, wanted)
            if parameters is not None:
                return Route(resource=resource, method=served, parameters=parameters)
        return None


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _weight(segment: str) -> int:
    if not segment.startswith("{"):
        return 0
    return 2 if segment.endswith("+}") else 1


def _match(pattern: list[str], wanted: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for index, segment in enumerate(pattern):
        if index >= len(wanted):
            return None
        if segment.endswith("+}"):
            parameters[segment[1:-2]] = "/".join(wanted[index:])
            return parameters
        if segment.startswith("{"):
            parameters[segment[1:-1]] = wanted[index]
        elif segment != wanted[index]:
            return None
    return parameters if len(pattern) == len(wanted) else None
