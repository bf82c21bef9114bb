"""Which resource and method of an API serves a request."""

import pytest

from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.routing import Router


def router(*routes: str) -> Router:
    resources: dict[str, Json] = {}
    for route in routes:
        method, _, path = route.partition(" ")
        resource = resources.setdefault(path, {"path": path, "resourceMethods": {}})
        resource["resourceMethods"][method] = {"httpMethod": method}
    return Router(list(resources.values()))


ROUTES = router("GET /", "GET /a/{id}", "GET /a/b", "POST /a/{id}/c", "ANY /{all+}")


@pytest.mark.parametrize(
    ("method", "path", "resource", "parameters"),
    [
        ("GET", "/", "/", {}),
        ("GET", "/a/b", "/a/b", {}),
        ("GET", "/a/b/", "/a/b", {}),
        ("GET", "/a/7", "/a/{id}", {"id": "7"}),
        ("POST", "/a/7/c", "/a/{id}/c", {"id": "7"}),
        ("DELETE", "/a/b", "/{all+}", {"all": "a/b"}),
        ("GET", "/x/y/z", "/{all+}", {"all": "x/y/z"}),
    ],
)
def test_the_most_specific_resource_with_the_method_serves(
    method: str, path: str, resource: str, parameters: dict[str, str]
) -> None:
    found = ROUTES.match(method, path)

    assert found is not None
    assert (found.resource["path"], found.parameters) == (resource, parameters)


def test_nothing_serves_another_method_or_path() -> None:
    assert router("GET /a").match("POST", "/a") is None
    assert router("GET /a").match("GET", "/b") is None
    assert router("GET /a").match("GET", "/a/b") is None
