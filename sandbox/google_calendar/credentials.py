"""The credentials with which a client gets in; the key pair is made anew at every start.

Only the public half would be needed here: signatures are not verified, so that a demo stack may bring its own key.
"""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SERVICE_ACCOUNT = "calendar-sync@sandbox-project.iam.gserviceaccount.com"
CLIENT_ID = "100000000001-sandbox.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-sandbox-client-secret"
REFRESH_TOKEN = "1//sandbox-refresh-token-of-the-dispatcher"
ACCESS_TOKEN = "ya29.sandbox-access-token-of-the-dispatcher"
DISPATCHER = "dispatch@bluebonnet.example.com"
"""The user who administers the Workspace and may write to every calendar."""

SCOPES = (
    "https://www.googleapis.com/auth/calendar",
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
)


def make_private_key() -> str:
    """A new RSA key of 2048 bits, PEM, PKCS#8 as in a downloaded service account file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


def make_credentials() -> dict[str, str]:
    """What a client needs for any of the three ways in.

    Delegated service account: ``client_email``, ``private_key``, ``private_key_id``, ``subject`` (the user to act
    as). User: ``client_id``, ``client_secret``, ``refresh_token``. Or ``access_token`` as it is, which never expires.
    ``token_path`` follows the twin's base address; ``scopes`` are separated by spaces.
    """
    return {
        "type": "service_account",
        "project_id": "sandbox-project",
        "client_email": SERVICE_ACCOUNT,
        "private_key_id": "sandboxkey0001",
        "private_key": make_private_key(),
        "subject": DISPATCHER,
        "scopes": " ".join(SCOPES),
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
        "access_token": ACCESS_TOKEN,
        "token_path": "/token",
    }
