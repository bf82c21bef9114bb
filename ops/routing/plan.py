"""Which routing controls to change, decided from their states alone.

The rules: a region's control is changed by name only; the last control that is On is never switched Off
unless another one is switched On in the same call; nothing that somebody switched Off comes back by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.errors import MisuseError, RefusedError

# Region -> is its control On.
States = Mapping[str, bool]
FAILS_OPEN = "every control is Off, and Route 53 then answers with every region, as if all were On."


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The changes to make in one call (region -> On), and a sentence on why there are none."""

    changes: Mapping[str, bool]
    reason: str = ""

    @property
    def empty(self) -> bool:
        return not self.changes


def in_words(states: States) -> str:
    """Each region with its state, in the states' order: `us-east-1 On, us-west-2 Off`."""
    return ", ".join(f"{region} {'On' if on else 'Off'}" for region, on in states.items())


def fails_open(states: States) -> bool:
    """Is every control Off? Then no health check is good, and Route 53 answers as if all were."""
    return not any(states.values())


def traffic(states: States) -> str:
    """Which regions Route 53 sends customers to, in a sentence."""
    if fails_open(states):
        return f"Now {FAILS_OPEN}"
    on, off = (sorted(name for name in states if states[name] is wanted) for wanted in (True, False))
    return f"Traffic goes to {', '.join(on)}" + (f" (Off: {', '.join(off)})." if off else ".")


def plan_off(states: States, region: str, *, on: str | None = None, override: bool = False) -> Plan:
    """Switch `region` Off, and `on` On in the same call where it is given.

    RefusedError: every other control is Off and neither `on` nor `override` was given, or every control is
    Off already.
    MisuseError: a region without a control, or `on` is the region itself.
    """
    _known(states, region)
    if on is not None:
        _known(states, on)
        if on == region:
            raise MisuseError(f"--on {on}: that is the region to switch off; name another one.")
    changes = {}
    if on is not None and not states[on]:
        changes[on] = True
    if states[region]:
        changes[region] = False
    others = [name for name in sorted(states) if name != region]
    if fails_open(states) and on is None:
        raise RefusedError(
            f"{region} is Off already, and customers still reach it: {FAILS_OPEN} Give the traffic to one "
            f"region: python -m ops controls on {others[0] if others else 'REGION'}"
        )
    if states[region] and on is None and not override and not any(states[name] for name in others):
        raise RefusedError(
            f"{region} is the only region that is On; the others ({', '.join(others) or 'none'}) are Off, and"
            " with every control Off, Route 53 answers as if all were On. Name the region to take the "
            f"traffic: python -m ops controls off {region} --on {others[0] if others else 'REGION'}"
        )
    return Plan(changes=changes, reason="" if changes else f"{region} is Off already.")


def plan_on(states: States, region: str) -> Plan:
    """Switch `region` On; no other control changes."""
    _known(states, region)
    if states[region]:
        return Plan(changes={}, reason=f"{region} is On already.")
    return Plan(changes={region: True})


def plan_init(states: States, region: str) -> Plan:
    """Give the traffic to `region` when no control is On yet, as after the first deployment.

    Where one is On already, nothing changes: a control that is Off may have been switched off on purpose.
    """
    _known(states, region)
    already = [name for name in sorted(states) if states[name]]
    if already:
        return Plan(
            changes={}, reason=f"{', '.join(already)} {'is' if len(already) == 1 else 'are'} On already."
        )
    return Plan(changes={region: True})


def plan_restore(states: States, wanted: States) -> Plan:
    """What brings `states` back to `wanted`, in one call."""
    changes = {name: wanted[name] for name in sorted(wanted) if states.get(name) != wanted[name]}
    return Plan(changes=changes, reason="" if changes else "The controls are as they were.")


def _known(states: States, region: str) -> None:
    if region not in states:
        raise MisuseError(
            f"{region}: no routing control has this name; there are controls for {', '.join(sorted(states))}."
        )
