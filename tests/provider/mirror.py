"""Finds terraform and an AWS provider on this machine, and tells terraform to use it and no network."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "TF_AWS_PROVIDER_MIRROR"
_PROVIDER = Path("registry.terraform.io", "hashicorp", "aws")
_IMPLIED = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
"""Where terraform itself looks for a mirror on Linux ("Implied Local Mirror Directories")."""


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """A directory laid out as terraform's filesystem mirrors are."""

    terraform: str
    path: Path
    version: str

    @property
    def terraform_version(self) -> str:
        """As terraform prints it: `Terraform v1.11.4`."""
        environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
        command = [self.terraform, "version"]
        printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        return printed.splitlines()[0]

    def configuration(self) -> str:
        """The content of a CLI configuration file that takes providers from here alone."""
        return f'provider_installation {{\n  filesystem_mirror {{\n    path = "{self.path}"\n  }}\n}}\n'


def find(environment: Mapping[str, str] = os.environ, root: Path = Path("/")) -> Mirror | str:
    """The newest provider of the first place that has one, or the reason why there is none."""
    terraform = shutil.which("terraform", path=environment.get("PATH"))
    if terraform is None:
        return "terraform is not on the PATH"
    for place in _places(environment, root):
        versions = sorted((entry.name for entry in (place / _PROVIDER).glob("[0-9]*")), key=_order)
        if versions:
            return Mirror(terraform=terraform, path=place, version=versions[-1])
    return f"no AWS provider was found in a filesystem mirror; name the mirror's directory in {VARIABLE}"


def _places(environment: Mapping[str, str], root: Path) -> Iterator[Path]:
    if named := environment.get(VARIABLE):
        yield Path(named)
        return
    home = Path(environment.get("HOME", root))
    yield from _configured([Path(environment.get("TF_CLI_CONFIG_FILE", "")), home / ".terraformrc"])
    for implied in _IMPLIED:
        yield Path(implied.replace("~", str(home)))
    yield from sorted((root / "opt").glob("*"))


def _configured(files: Iterable[Path]) -> Iterator[Path]:
    """The mirrors that a CLI configuration file names."""
    for file in files:
        if file.is_file():
            for block in re.findall(r"filesystem_mirror\s*{([^}]*)}", file.read_text(encoding="utf-8")):
                yield from (Path(found) for found in re.findall(r'path\s*=\s*"([^"]*)"', block))


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
