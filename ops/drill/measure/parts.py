"""What a recovery time is made of: noticing, deciding, switching, and clients that move."""

from dataclasses import dataclass

from ops.drill.measure.recovery import Move


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Seconds, one after the other; together they are the RTO.

    `noticing`: from the failure to the region's alarm, None where no alarm was waited for.
    `deciding`: until the switch was sent, 0 where the move did not begin with a failure.
    `switching`: until ARC had accepted it, the safety rule's wait included.
    `moving`: until the last client had moved: ARC's propagation to DNS, the DNS TTL, the age of connections.
    """

    noticing: float | None
    deciding: float
    switching: float
    moving: float


def parts(move: Move, rto: float, *, noticed: float | None) -> Parts:
    """The parts of an RTO, which counts from `move.start`; `noticed` is a moment of the drill's clock."""
    known = noticed if noticed is not None and move.start <= noticed <= move.sent else None
    switched = move.accepted - move.start
    return Parts(
        noticing=None if known is None else known - move.start,
        deciding=move.sent - (move.start if known is None else known),
        switching=move.accepted - move.sent,
        moving=max(0.0, rto - switched),
    )
