"""Signing in: one ``httpx.Auth`` for each kind that a connector may declare.

A token that is renewed is written to the vault before it is used, so that a crash between the two never
loses a rotated one; whoever finds that somebody else renewed it meanwhile takes theirs. That a renewal is under
way is written down before it is asked for: when the process dies before the answer is stored and the vendor then
refuses the old token, the error says what happened and what to do.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.errors import failure, sentence
from connectors.spec import EMPTY, Auth, Basic, Bearer, ClientCredentials, Connector, RefreshToken, ServiceAccount
from connectors.vault import Vault
from models.errors import CredentialError, Transient, Unauthorized, Unreachable, did_you_mean

# An access token counts as ended this many seconds early, so that no request leaves with a dying one.
EARLY = 60
ASSERTION_LIFE = 3600

Clock = Callable[[], datetime]
Post = Callable[[httpx.Request], Awaitable[httpx.Response]]
Grant = Callable[[str], Awaitable["Token"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What signing in needs to know about one system. ``post`` sends a request without credentials."""

    connector: Connector
    system: str
    credentials: Mapping[str, str]
    settings: Mapping[str, Any]
    base_url: str
    vault: Vault
    clock: Clock
    post: Post

    def need(self, name: str) -> str:
        """One credential; CredentialError when the stack gives none."""
        value = self.credentials.get(name)
        if value:
            return value
        near = did_you_mean(name, self.credentials) if self.credentials else "none are given"
        raise CredentialError(f"{self.system}: credential {name!r} is missing in stack.yml; {near}")


def sign_in(auth: Auth, about: SignIn) -> httpx.Auth | None:
    """The sign-in that a connector declares, ready for a client; None when there is nothing to show."""
    if isinstance(auth, Bearer):
        return _Fixed(f"{auth.scheme} {about.need(auth.credential)}")
    if isinstance(auth, Basic):
        return httpx.BasicAuth(about.need(auth.user), about.need(auth.password))
    if isinstance(auth, ClientCredentials) and auth.person is not None and about.credentials.get("refresh_token"):
        auth = auth.person
    if isinstance(auth, RefreshToken):
        return Renewing(Tokens(about, seed=about.need("refresh_token"), grant=_refresh_grant(auth, about)))
    if isinstance(auth, ServiceAccount):
        account = _service_account(about)
        return Renewing(Tokens(about, seed=account["private_key"], grant=_assertion_grant(auth, about, account)))
    if isinstance(auth, ClientCredentials):
        shown = {header: about.need(name) for header, name in auth.shown.items()}
        return Renewing(Tokens(about, seed=about.need("client_secret"), grant=_client_grant(auth, about)), shown)
    return None


class _Fixed(httpx.Auth):
    """A token that does not change, with its scheme."""

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._shown
        yield request


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token; ``ends`` in epoch seconds, None when the system does not say; ``refresh`` asks for the next.

    asked  when the next one was asked for, while its answer is not stored
    """

    access: str = ""
    ends: float | None = None
    refresh: str = ""
    asked: str = ""

    def good(self, now: datetime) -> bool:
        return bool(self.access) and (self.ends is None or now.timestamp() < self.ends)


class Tokens:
    """The access token of one credential, renewed by one caller at a time, however many wait for it."""

    def __init__(self, about: SignIn, *, seed: str, grant: Grant) -> None:
        self._vault, self._clock, self._grant, self._system = about.vault, about.clock, grant, about.system
        self._configured = seed
        # What is kept belongs to this company at this address: another one, or one that a person connects anew, has
        # another seed in the stack, and neither finds the token of the other nor writes over it.
        origin = f"{seed}|{about.base_url}|{about.settings.get('subject')}"
        self._key = f"token:{about.system}:{hashlib.sha256(origin.encode()).hexdigest()[:16]}"
        self._known = Token()
        self._one = asyncio.Lock()

    async def current(self) -> str:
        """A usable access token, renewed when there is none."""
        known = self._known
        return known.access if known.good(self._clock()) else await self.renew(stale=None)

    async def renew(self, *, stale: str | None) -> str:
        """Another access token than ``stale``: the one somebody else renewed meanwhile, or a new one."""
        async with self._one, _held(self._vault, self._key):
            kept = self._load()
            if not kept.good(self._clock()) or kept.access == stale:
                kept = await self._renewed(kept)
                self._store(kept)
            self._known = kept
            return kept.access

    async def _renewed(self, kept: Token) -> Token:
        """A new token; that one is being asked for is on disk before it is."""
        if not kept.asked:
            self._store(replace(kept, access="", asked=self._clock().isoformat()))
        try:
            return await self._grant(kept.refresh or self._configured)
        except Unauthorized as problem:
            if not kept.asked:
                raise
            raise Unauthorized(
                self._system,
                f"the renewal of its token at {kept.asked} was interrupted before the answer was stored, and the old "
                "token is no longer good; connect the system again and put its new credentials into the stack",
            ) from problem

    def _load(self) -> Token:
        text = self._vault.get(self._key)
        return Token(**json.loads(text)) if text else Token()

    def _store(self, token: Token) -> None:
        self._vault.put(self._key, json.dumps(asdict(token)))


@asynccontextmanager
async def _held(vault: Vault, key: str) -> AsyncIterator[None]:
    """The vault's lock of a key, which threads and processes share, waited for beside the loop and not on it."""
    hold = vault.hold(key)
    entering = asyncio.ensure_future(asyncio.to_thread(hold.__enter__))
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        entering.add_done_callback(lambda _: hold.__exit__(None, None, None))
        raise
    try:
        yield
    finally:
        hold.__exit__(None, None, None)


class Renewing(httpx.Auth):
    """Shows an access token and ``shown`` (header -> value); on 401 renews the token once and asks again.

    That is safe: a 401 did nothing.
    """

    def __init__(self, tokens: Tokens, shown: Mapping[str, str] = EMPTY) -> None:
        self._tokens, self._shown = tokens, shown

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        token = await self._tokens.current()
        request.headers.update(self._shown)
        request.headers["Authorization"] = f"Bearer {token}"
        answer = yield request
        if answer.status_code == 401:
            request.headers["Authorization"] = f"Bearer {await self._tokens.renew(stale=token)}"
            yield request


def token_address(declared: str, *, base_url: str, production: str, given: str | None = None) -> str:
    """Where tokens are asked for: the one given, else the declared one, moved along when the stack moves the system.

    A base address in the vendor's own domain (another region, the vendor's own sandbox) moves nothing; one
    elsewhere serves its token endpoint too, so that credentials never leave for a host nobody named.
    """
    if given:
        return given
    root = base_url.rstrip("/").removesuffix(urlsplit(production).path.rstrip("/"))
    parts = urlsplit(declared)
    if not parts.netloc:
        return f"{root}/{declared.lstrip('/')}"
    here = urlsplit(base_url).hostname or ""
    if base_url.rstrip("/") == production.rstrip("/") or _domain(here) == _domain(parts.hostname or ""):
        return declared
    return f"{root}/{parts.path.lstrip('/')}"


def _domain(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def _address(declared: str, about: SignIn) -> str:
    given, production = about.credentials.get("token_url"), about.connector.base_url
    return token_address(declared, base_url=about.base_url, production=production, given=given)


def _client_grant(auth: ClientCredentials, about: SignIn) -> Grant:
    address = _address(auth.token_url.format_map(about.settings), about)
    form = {"grant_type": "client_credentials", "client_id": about.need("client_id")}
    form |= {"client_secret": about.need("client_secret")}
    form |= {"scope": " ".join(auth.scopes)} if auth.scopes else {}

    async def grant(_: str) -> Token:
        answer = await _ask(about, httpx.Request("POST", address, data=form, headers={"Accept": "application/json"}))
        return _token(answer, about.clock(), "")

    return grant


def _refresh_grant(auth: RefreshToken, about: SignIn) -> Grant:
    address = _address(auth.token_url.format_map(about.settings), about)
    identity = {"client_id": about.need("client_id"), "client_secret": about.need("client_secret")}

    async def grant(refresh: str) -> Token:
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        headers = {"Accept": "application/json"}
        if auth.client == "basic":
            headers["Authorization"] = _basic(identity["client_id"], identity["client_secret"])
        else:
            form |= identity
        answer = await _ask(about, httpx.Request("POST", address, data=form, headers=headers))
        return _token(answer, about.clock(), refresh)

    return grant


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _service_account(about: SignIn) -> Mapping[str, str]:
    try:
        account = json.loads(about.need("service_account"))
    except ValueError as problem:
        raise CredentialError(
            f"{about.system}: credential 'service_account' is not JSON; give the whole key file that was downloaded"
        ) from problem
    for name in ("client_email", "private_key"):
        if not isinstance(account, dict) or not account.get(name):
            raise CredentialError(
                f"{about.system}: credential 'service_account' has no {name!r}; give the whole key file"
            )
    return {str(name): str(value) for name, value in account.items()}


def _assertion_grant(auth: ServiceAccount, about: SignIn, account: Mapping[str, str]) -> Grant:
    address = _address(account.get("token_uri") or auth.token_url, about)
    subject = about.credentials.get("subject") or about.settings.get("subject")

    async def grant(_: str) -> Token:
        now = int(about.clock().timestamp())
        claims: dict[str, Any] = {"iss": account["client_email"], "scope": " ".join(auth.scopes), "aud": address}
        claims |= {"iat": now, "exp": now + ASSERTION_LIFE} | ({"sub": subject} if subject else {})
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": signed(claims, account["private_key"], account.get("private_key_id")),
        }
        answer = await _ask(about, httpx.Request("POST", address, data=form, headers={"Accept": "application/json"}))
        return _token(answer, about.clock(), "")

    return grant


def signed(claims: Mapping[str, Any], private_key: str, key_id: str | None) -> str:
    """A JSON Web Token, RS256 (RFC 7515); ``private_key`` is PEM. CredentialError when it is no RSA key."""
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except ValueError as problem:
        raise CredentialError(
            "the service account's private_key is not a PEM key; give the whole key file"
        ) from problem
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CredentialError("the service account's private_key is not an RSA key; make a new key of type JSON")
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    body = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(dict(claims)).encode())}"
    return f"{body}.{_b64(key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def _ask(about: SignIn, request: httpx.Request) -> Mapping[str, Any]:
    """The token endpoint's answer. Unauthorized when it refuses us, Transient when it is out of sorts."""
    line = f"POST {request.url.path} (sign-in)"
    try:
        answer = await about.post(request)
    except httpx.RequestError as problem:
        # Whatever waits for this token was not sent: the caller may simply try again.
        raise Transient(about.system, f"{line} got no answer ({type(problem).__name__}); try again later") from problem
    try:
        body = answer.json()
    except ValueError:
        body = answer.text
    if answer.status_code in (400, 401, 403):
        raise Unauthorized(
            about.system,
            f"{line} was refused ({sentence(body) or answer.status_code}); connect the system again and put its new "
            "credentials into the stack",
        )
    if not answer.is_success:
        raise failure(about.system, line, answer.status_code, answer.headers, body, about.clock())
    if not isinstance(body, dict) or not body.get("access_token"):
        kind = answer.headers.get("content-type", "no content type")
        raise Unreachable(about.system, f"{line} was answered without an access token ({kind}); check its address")
    return body


def _token(answer: Mapping[str, Any], now: datetime, refresh: str) -> Token:
    life = float(answer.get("expires_in") or 0) or _life(str(answer.get("expires_at") or ""), now)
    return Token(
        access=str(answer["access_token"]),
        ends=now.timestamp() + life - min(EARLY, life / 10) if life else None,
        refresh=str(answer.get("refresh_token") or refresh),
    )


def _life(ends: str, now: datetime) -> float:
    """Seconds until an instant such as ``2024-04-09 21:04:31 UTC``; 0 when it says none that we can read."""
    try:
        at = datetime.fromisoformat(ends.replace(" UTC", "+00:00"))
    except ValueError:
        return 0.0  # then a 401 tells us when it ended
    return max(0.0, (at - now).total_seconds()) if at.tzinfo else 0.0
