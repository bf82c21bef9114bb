"""The twin's home directory: what a running twin leaves for its clients, readable by its owner only.

ca.pem          certificates to trust: the twin's own authority and the public ones
twin.json       the running twin: pid, addresses, credentials (mode 0600)
outputs/        one JSON file of stack outputs a deployed stack
pulumi/         what Pulumi's engine keeps: the state of the stacks it deployed here
state/ log/ tls/
"""

import contextlib
import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import HomeError

_ANOTHER_HOME = "Name another one with --home DIR or TWIN_HOME"


@dataclass(frozen=True)
class Home:
    """Paths under one home directory, and the description of the twin that runs there."""

    path: Path

    @property
    def ca_bundle(self) -> Path:
        """Certificates for a client's SSL_CERT_FILE."""
        return self.path / "ca.pem"

    @property
    def description_file(self) -> Path:
        """twin.json."""
        return self.path / "twin.json"

    @property
    def outputs(self) -> Path:
        """Stack outputs, `<stack>.json` each."""
        return self.path / "outputs"

    @property
    def state(self) -> Path:
        """Working files of a running twin (unpacked functions and the like); emptied at start."""
        return self.path / "state"

    @property
    def log(self) -> Path:
        """Log files."""
        return self.path / "log"

    @property
    def log_file(self) -> Path:
        """The twin's own log."""
        return self.log / "twin.log"

    @property
    def pulumi(self) -> Path:
        """Pulumi's own files (see twin.deploy.engine.workspace)."""
        return self.path / "pulumi"

    @property
    def tls(self) -> Path:
        """The twin's certificate authority."""
        return self.path / "tls"

    def create(self) -> None:
        """Make the directories, readable by their owner only. Raises HomeError."""
        try:
            for directory in (self.path, self.outputs, self.state, self.pulumi, self.log, self.tls):
                directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self._unusable(error) from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise HomeError(f"cannot write to the home directory {self.path}. {_ANOTHER_HOME}")

    def take(self) -> bool:
        """Lock the home for the life of this process; False when another process has it.

        The kernel frees the lock with its process, however that ends.
        """
        descriptor = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        return True

    def describe(self, description: dict[str, Any]) -> None:
        """Write twin.json in one step, mode 0600."""
        temporary = self.path / f".twin.json.{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(description, file, indent=2)
            file.write("\n")
        temporary.replace(self.description_file)

    def description(self) -> dict[str, Any] | None:
        """What twin.json says, None when there is none or it is something else. Raises HomeError."""
        try:
            found = json.loads(self.description_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError as error:
            raise self._unusable(error) from error
        return found if isinstance(found, dict) and "pid" in found else None

    def _unusable(self, error: OSError) -> HomeError:
        return HomeError(f"cannot use the home directory {self.path}: {error.strerror}. {_ANOTHER_HOME}")

    def forget(self) -> None:
        """Remove twin.json."""
        self.description_file.unlink(missing_ok=True)


def process_is_alive(pid: int) -> bool:
    """Whether a process exists (and is not a zombie, where /proc tells)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError, IndexError):
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        return stat.rpartition(")")[2].split()[0] != "Z"
    return True
