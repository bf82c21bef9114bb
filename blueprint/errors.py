"""What the configuration cannot be. Whoever reads it turns the error into one of its own."""


class FourPartError(Exception):
    """A refusal in four parts, so that the reader can act on it without opening the source."""

    def __init__(self, what: str, *, seen: object, why: str, do: str) -> None:
        self.what = what
        self.seen = seen
        self.why = why
        self.do = do
        super().__init__(f"{what}\n  value seen: {_shown(seen)}\n  why: {why}\n  what to do: {do}")


class ConfigError(FourPartError):
    """A value of the stack's configuration is missing, malformed or contradicts another one."""


_SHOWN_CHARACTERS = 200


def _shown(seen: object) -> str:
    text = repr(seen)
    return (
        text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}... ({len(text)} characters)"
    )
