"""Numbers out of Step Functions' JSON."""


def whole(value: object) -> int | None:
    """The integer that a JSON number stands for, None for anything else.

    JSONata does not tell integers from other numbers, so what it calculates may arrive as 25 or as 25.0.
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if type(value) is int else None
