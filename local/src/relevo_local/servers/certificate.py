"""A certificate that a server gives itself: only its own parts may talk to each other."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from relevo_local.places.ports import LOOPBACK
from relevo_local.places.secret_file import write_private

LIFETIME = datetime.timedelta(days=36_500)
"""It never leaves its folder; whoever wants a new one deletes that."""


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """Paths of certificate and key (PEM) in `folder`, made once; mode 0600.

    The certificate is its own authority: who checks against it accepts nobody else.
    """
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not certificate.exists():
        private_key = ec.generate_private_key(ec.SECP256R1())
        write_private(key, _pem_of(private_key))
        made = _signed_by_itself(private_key).public_bytes(serialization.Encoding.PEM)
        write_private(certificate, made.decode())
    return certificate, key


def _signed_by_itself(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relevo local")])
    address = x509.IPAddress(ipaddress.ip_address(LOOPBACK))
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(yesterday)
        .not_valid_after(yesterday + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
