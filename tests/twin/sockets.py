"""Which sockets a process listens on, from the kernel's tables (Linux)."""

import contextlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

_TCP_LISTEN, _UDP_OPEN = "0A", "07"


@dataclass(frozen=True, order=True)
class Listening:
    """A listening TCP socket or a bound, unconnected UDP socket."""

    kind: str
    host: str
    port: int


def listening_sockets(pid: int) -> set[Listening]:
    """All of a process and its children."""
    own = {inode for process in [pid, *_children(pid)] for inode in _inodes(process)}
    found = set()
    for kind, state in (("tcp", _TCP_LISTEN), ("tcp6", _TCP_LISTEN), ("udp", _UDP_OPEN), ("udp6", _UDP_OPEN)):
        for line in Path(f"/proc/net/{kind}").read_text(encoding="ascii").splitlines()[1:]:
            row = line.split()
            if row[3] == state and row[9] in own:
                host, _, port = row[1].partition(":")
                found.add(Listening(kind, _host(host), int(port, 16)))
    return found


def _host(text: str) -> str:
    words = [bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8)]
    return str(ipaddress.ip_address(b"".join(words)))


def _inodes(pid: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                found.add(target[8:-1])
    return found


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children = [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
        found += [grand for child in children for grand in (child, *_children(child))]
    return found
