"""What the AWS provider answers: refused where the program cannot go on without it.

Its types say that most outputs are always there. It answers null all the same where AWS told nothing, and an
empty text or list where it takes one for the other (its `d.Set` of a missing value), so nothing that is made
from an answer, a policy or an address, may be made from "None".
"""

from typing import Any, TypeVar

import pulumi

from components.errors import ProviderAnswerError

T = TypeVar("T")


def required(resource: pulumi.CustomResource, name: str) -> pulumi.Output[str]:
    """A text among a resource's outputs. Raises ProviderAnswerError once it is seen to be null or empty."""
    value: pulumi.Output[str | None] = getattr(resource, name)
    return value.apply(lambda answer: present(answer, of=type(resource).__name__, name=name))


def present(answer: T | None, *, of: str, name: str) -> T:
    """The answer itself; raises ProviderAnswerError where it is null or empty. `of` says whose it is."""
    return answer or refused(of, name, answer)


def refused(of: str, name: str, answer: object) -> Any:
    """Raises ProviderAnswerError."""
    raise ProviderAnswerError(
        f"The AWS provider answered no {name} of {of}.",
        seen=answer,
        why="Other resources are made from it, and would be made wrong.",
        do="Run pulumi up --refresh, which asks AWS again. If the answer is the same, look at the resource "
        "in AWS: where its creation failed, delete it there and refresh, so that the next up makes it again.",
    )
