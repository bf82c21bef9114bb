"""The twin's own certificate authority, and certificates made on the fly for the names clients ask for.

The authority is kept between starts, so that clients may keep trusting it. It is constrained (RFC 5280, name
constraints) to the hosted zone, amazonaws.com and loopback addresses: its key is worthless for anything else.
"""

import datetime
import ipaddress
import os
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from twin.home import Home

_AUTHORITY_NAME = "Local twin of AWS"
_AUTHORITY_DAYS = 3650
_LEAF_DAYS = 90
_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


class Authority:
    """A certificate authority on disk, and the server contexts it backs."""

    def __init__(self, home: Home, zone: str, serves: Callable[[str], bool]) -> None:
        """`serves(name)` says which server names get a certificate; others are refused in the handshake."""
        self._home = home
        self._zone = zone
        self._serves = serves
        self._key, self._certificate = self._load() or self._create()
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._write_bundle()

    def server_context(self, addresses: Iterable[str]) -> ssl.SSLContext:
        """A context for a listener: by default for its IP addresses, by SNI for every name that is served."""
        own = self._context("addresses", [x509.IPAddress(ipaddress.ip_address(a)) for a in addresses])
        own.sni_callback = self._choose
        return own

    def _choose(self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        if name is None:
            return None
        name = name.lower().rstrip(".")
        if not self._serves(name):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        if name not in self._contexts:
            self._contexts[name] = self._context(name, [x509.DNSName(name)])
        connection.context = self._contexts[name]
        return None

    def _context(self, label: str, names: list[x509.GeneralName]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        file = self._home.tls / f".{os.getpid()}-{abs(hash(label))}.pem"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(_private(self._leaf_key))
                out.write(_pem(self._leaf(names)))
                out.write(_pem(self._certificate))
            context.load_cert_chain(file)
        finally:
            file.unlink()
        return context

    def _leaf(self, names: list[x509.GeneralName]) -> x509.Certificate:
        return (
            _builder(_LEAF_DAYS)
            .subject_name(x509.Name([]))
            .issuer_name(self._certificate.subject)
            .public_key(self._leaf_key.public_key())
            .add_extension(x509.SubjectAlternativeName(names), critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )

    def _create(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _AUTHORITY_NAME)])
        certificate = (
            _builder(_AUTHORITY_DAYS)
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(_constraints(self._zone), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        key_file, certificate_file = self._files()
        key_file.unlink(missing_ok=True)
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(_private(key))
        certificate_file.write_bytes(_pem(certificate))
        return key, certificate

    def _load(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
        """The authority of an earlier start, unless it is unreadable, about to end or for another zone."""
        key_file, certificate_file = self._files()
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), None)
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
            constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        except (OSError, ValueError, x509.ExtensionNotFound):
            return None
        enough = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=_LEAF_DAYS)
        same = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()
        if not same or constraints != _constraints(self._zone) or certificate.not_valid_after_utc < enough:
            return None
        return key, certificate  # type: ignore[return-value]

    def _files(self) -> tuple[Path, Path]:
        return self._home.tls / "authority-key.pem", self._home.tls / "authority.pem"

    def _write_bundle(self) -> None:
        public = Path(certifi.where()).read_bytes()
        temporary = self._home.path / f".ca.{os.getpid()}"
        temporary.write_bytes(_pem(self._certificate) + b"\n" + public)
        temporary.replace(self._home.ca_bundle)


def _builder(days: int) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _constraints(zone: str) -> x509.NameConstraints:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in (zone, "amazonaws.com", "localhost")]
    return x509.NameConstraints(
        permitted_subtrees=[*names, x509.IPAddress(_LOOPBACK)], excluded_subtrees=None
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
