"""Who holds an address: told from a twin's own administration API, or from the kernel's tables on Linux."""

import contextlib
import socket
from pathlib import Path

from twin.client import admin_call
from twin.description import phrase
from twin.errors import TwinError
from twin.net.ports import Address

_LISTENING = "0A"


def who_listens(address: Address, admin: Address) -> str:
    """A sentence part naming the process that listens on an address.

    `admin` is where a twin of the same port base has its administration: the only place to ask where the
    kernel does not tell.
    """
    pid = _listening_pid(address)
    if pid is None:
        return _twin_at(admin) or "a process that cannot be seen from here"
    own = sorted(found.port for found in _listening_addresses(pid) if found.host == admin.host)
    # A twin's administration has the lowest of its ports.
    twin = _twin_at(Address(host=admin.host, port=own[0])) if own else None
    return twin or f"pid {pid}, {_command(pid)!r}"


def _twin_at(address: Address) -> str | None:
    with contextlib.suppress(TwinError):
        return f"a twin, {phrase(admin_call(f'http://{address}', 'GET', '/_twin/status'))}"
    return None


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        parts = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return b" ".join(parts).decode(errors="replace").strip()
    return "?"


def _listening_pid(address: Address) -> int | None:
    for inode, found in _listening_sockets().items():
        if found.port == address.port and found.host in (address.host, "0.0.0.0"):  # noqa: S104 - compared only
            return _pid_of(inode)
    return None


def _listening_addresses(pid: int) -> list[Address]:
    sockets = _listening_sockets()
    return [sockets[inode] for inode in _inodes(pid) if inode in sockets]


def _listening_sockets() -> dict[str, Address]:
    """IPv4 TCP sockets that listen, by inode (Linux; empty elsewhere)."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        rows = [line.split() for line in lines]
        return {row[9]: _address(row[1]) for row in rows if row[3] == _LISTENING}
    return {}


def _address(text: str) -> Address:
    host, _, port = text.partition(":")
    return Address(host=socket.inet_ntoa(bytes.fromhex(host)[::-1]), port=int(port, 16))


def _pid_of(inode: str) -> int | None:
    for directory in Path("/proc").glob("[0-9]*"):
        if inode in _inodes(int(directory.name)):
            return int(directory.name)
    return None


def _inodes(pid: int) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(descriptor.readlink())
                if target.startswith("socket:["):
                    found.add(target.removeprefix("socket:[").removesuffix("]"))
    return found
