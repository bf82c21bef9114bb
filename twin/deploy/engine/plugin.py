"""The AWS provider's plugin in the engine's home: a placeholder, or Pulumi's own.

The engine looks for the plugin also where it attaches to the twin's provider, and must not download it: so a
placeholder lies in its place. Pulumi's own one is linked there, from wherever this machine has it.
"""

import importlib.metadata
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from twin.deploy.errors import SettingsError

PROGRAM = "pulumi-resource-aws"
VERSION = importlib.metadata.version("pulumi-aws")
"""The engine takes the version that the program's pulumi-aws asks for, and no other."""
_DIRECTORY = f"resource-aws-v{VERSION}"
_PLACEHOLDER = b"""\
#!/bin/sh
echo "This is no provider. The engine attaches to the twin's by PULUMI_DEBUG_PROVIDERS, which is not set:" >&2
echo 'eval "$(python -m twin env)"' >&2
exit 1
"""


def hold_place(pulumi_home: Path) -> None:
    """Puts the placeholder where nothing else is."""
    place = _place(pulumi_home)
    if not place.exists():
        # Away with a link to a plugin that has been removed.
        place.unlink(missing_ok=True)
        draft = place.with_name(f".{PROGRAM}.{os.getpid()}")
        draft.write_bytes(_PLACEHOLDER)
        draft.chmod(0o755)
        # In one step: another command may be looking.
        draft.replace(place)


def link_official(pulumi_home: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Makes Pulumi's own plugin this home's; where it was found. Raises SettingsError where it is nowhere."""
    found = _find(pulumi_home, environment)
    place = _place(pulumi_home)
    if found != place:
        draft = place.with_name(f".{PROGRAM}.{os.getpid()}")
        draft.symlink_to(found.resolve())
        draft.replace(place)
    return found


def _place(pulumi_home: Path) -> Path:
    directory = pulumi_home / "plugins" / _DIRECTORY
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return directory / PROGRAM


def _find(pulumi_home: Path, environment: Mapping[str, str]) -> Path:
    on_path = shutil.which(PROGRAM, path=environment.get("PATH", os.defpath))
    if on_path:
        # The engine takes it too, of whatever version it is, and says so.
        return Path(on_path)
    homes = list(dict.fromkeys(_homes(pulumi_home, environment)))
    for home in homes:
        candidate = home / "plugins" / _DIRECTORY / PROGRAM
        if os.access(candidate, os.X_OK) and not _is_placeholder(candidate):
            return candidate
    raise SettingsError(_nowhere([home / "plugins" for home in homes]))


def _homes(pulumi_home: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    yield pulumi_home
    if environment.get("PULUMI_HOME"):
        yield Path(environment["PULUMI_HOME"])
    yield Path(environment.get("HOME") or Path.home()) / ".pulumi"


def _is_placeholder(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PLACEHOLDER) + 1) == _PLACEHOLDER


def _nowhere(places: list[Path]) -> str:
    return (
        f"Pulumi's own AWS plugin is not on this machine.\n "
        f" value seen: no {PROGRAM} on the PATH, no {_DIRECTORY} in {', '.join(map(str, places))}\n "
        f" why: --provider official has the engine launch this plugin, in the version of pulumi-aws "
        f"({VERSION}); it is no Python package, and the engine is not allowed to download it by itself.\n "
        f" what to do: env -u PULUMI_HOME pulumi plugin install resource aws {VERSION}\n "
        f"   It needs get.pulumi.com or GitHub. Where neither can be reached, leave --provider out: "
        f"the twin's own provider deploys the same resources."
    )
