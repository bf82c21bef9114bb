"""The twin's certificate authority: kept, constrained, and useless for names that are not the twin's."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from twin.home import Home
from twin.net.tls import Authority


def authority(home: Home, zone: str = "example.com") -> Authority:
    home.create()
    return Authority(home, zone, lambda name: name.endswith("." + zone))


def handshake(server: ssl.SSLContext, bundle: Path, name: str) -> None:
    """A TLS handshake in memory; raises ssl.SSLError."""
    client = ssl.create_default_context(cafile=bundle)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(10):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize("name", ["orders.example.com", "127.0.10.1"])
def test_clients_that_trust_the_bundle_trust_its_servers(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path)
    handshake(authority(home).server_context(["127.0.10.1"]), home.ca_bundle, name)


@pytest.mark.parametrize("name", ["www.example.org", "127.0.11.1"])
def test_it_certifies_nothing_else(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path)
    with pytest.raises(ssl.SSLError):
        handshake(authority(home).server_context(["127.0.10.1"]), home.ca_bundle, name)


def test_a_certificate_beyond_its_constraints_is_not_trusted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create()
    careless = Authority(home, "example.com", lambda name: True)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(careless.server_context(["127.0.0.1"]), home.ca_bundle, "www.example.org")


def test_the_authority_outlives_a_restart(tmp_path: Path) -> None:
    home = Home(tmp_path)
    authority(home)
    first = home.ca_bundle.read_bytes()
    authority(home)
    assert home.ca_bundle.read_bytes() == first


def test_another_zone_gets_another_authority(tmp_path: Path) -> None:
    home = Home(tmp_path)
    authority(home)
    first = home.ca_bundle.read_bytes()
    authority(home, "example.net")
    assert home.ca_bundle.read_bytes() != first


def test_a_broken_authority_is_made_anew(tmp_path: Path) -> None:
    home = Home(tmp_path)
    authority(home)
    (home.tls / "authority.pem").write_text("broken")
    handshake(authority(home).server_context(["127.0.10.1"]), home.ca_bundle, "orders.example.com")


def test_no_private_key_of_a_server_stays_on_disk(tmp_path: Path) -> None:
    home = Home(tmp_path)
    authority(home).server_context(["127.0.10.1"])
    assert sorted(path.name for path in home.tls.iterdir()) == ["authority-key.pem", "authority.pem"]


def test_the_bundle_holds_the_public_authorities_too(tmp_path: Path) -> None:
    home = Home(tmp_path)
    authority(home)
    bundle = home.ca_bundle.read_bytes()
    assert bundle.count(b"BEGIN CERTIFICATE") > 50
    own = x509.load_pem_x509_certificate(bundle)
    assert own.not_valid_after_utc > datetime.datetime.now(datetime.UTC)
