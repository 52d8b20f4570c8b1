"""What paramiko's exceptions mean, told once.

Reading is harmless to repeat and a temporary upload is nobody's, so a lost connection is Unavailable; while a name
is being given, moved or removed it is InDoubt.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

import paramiko
import paramiko.ssh_exception as vendor
from paramiko.pkey import UnknownKeyType

from adapters.wire.translation import Meaning, Translation, causes, meaning_of
from gateway.errors import ConfigurationError, GatewayError, InDoubt, NotFound, Refused, Unavailable, Untrusted

_LOST = Meaning(Unavailable, "sftp-connection-lost", "the connection broke")
_SIGN_IN = Meaning(Unavailable, "sftp-sign-in-refused", "the server did not accept our user and key")
_UNREACHABLE = Meaning(Unavailable, "sftp-unreachable", "no connection could be made")
_KEY = Meaning(ConfigurationError, "sftp-key-unusable", "the private key cannot be read")
_SETTING = Meaning(ConfigurationError, "sftp-setting-invalid", "the SSH settings cannot be used")

TRANSLATION: Translation = MappingProxyType(
    {
        vendor.BadHostKeyException: Meaning(Untrusted, "sftp-host-key-unknown", "the host key is not the known one"),
        vendor.AuthenticationException: _SIGN_IN,
        vendor.BadAuthenticationType: _SIGN_IN,
        vendor.PartialAuthentication: _SIGN_IN,
        vendor.UnableToAuthenticate: _SIGN_IN,
        vendor.PasswordRequiredException: _KEY,
        UnknownKeyType: _KEY,
        vendor.IncompatiblePeer: Meaning(Unavailable, "sftp-no-common-algorithm", "no algorithm in common"),
        vendor.NoValidConnectionsError: _UNREACHABLE,
        vendor.ProxyCommandFailure: _UNREACHABLE,
        vendor.ChannelException: Meaning(Unavailable, "sftp-not-offered", "the server opened no SFTP session"),
        vendor.MessageOrderError: _LOST,
        vendor.CouldNotCanonicalize: _SETTING,
        vendor.ConfigParseError: _SETTING,
        vendor.SSHException: _LOST,
        paramiko.SFTPError: Meaning(Unavailable, "sftp-answer-unreadable", "the answer is not SFTP"),
        EOFError: _LOST,
        TimeoutError: Meaning(Unavailable, "sftp-no-answer-in-time", "no answer came in time"),
        ConnectionError: _LOST,
        OSError: Meaning(Refused, "sftp-refused", "the server refused the operation"),
    }
)
_LOCAL = Meaning(Unavailable, "local-disk-failed", "a file of ours cannot be read or written")
_LOCAL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG, errno.EMFILE})
# Status codes of SFTP version 3, as paramiko tells them.
_STATUS = {
    errno.ENOENT: Meaning(NotFound, "sftp-file-not-found", "the server has no such file"),
    errno.EACCES: Meaning(Refused, "sftp-refused", "the server refused the operation"),
}


def translate(error: BaseException, where: str, *, alive: bool, doubtful: bool = False) -> GatewayError:
    """Our exception for one of paramiko. ``alive``: the connection still stands, so a bare OSError is an answer."""
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _LOCAL_ERRORS):
        return _LOCAL.error(where, errno.errorcode.get(error.errno or 0, ""))  # a partner's never names a file of ours
    meaning = _STATUS.get(error.errno or 0) if isinstance(error, OSError) and alive else None
    meaning = meaning or _meaning(error, alive)
    if doubtful and meaning.kind is Unavailable:
        return InDoubt(f"{meaning.message} before the outcome was known", code=meaning.code, where=where)
    ours = meaning.error(where, type(error).__name__)
    if isinstance(ours, Refused):
        ours.partner_code = "permission-denied" if isinstance(error, PermissionError) else "failure"
    return ours


def _meaning(error: BaseException, alive: bool) -> Meaning:
    found = meaning_of(TRANSLATION, error) or _LOST
    if found.kind is Refused and not alive:
        return _LOST  # paramiko tells "Socket is closed" by a bare OSError, as it tells a refusal
    if found is _LOST and any(isinstance(cause, TimeoutError) for cause in causes(error)):
        return TRANSLATION[TimeoutError]
    return found


@contextmanager
def translated(transport: paramiko.Transport | None, where: str, *, doubtful: bool = False) -> Iterator[None]:
    """Turn what paramiko raises inside into our exceptions; ``doubtful`` while others would see an outcome."""
    try:
        yield
    except (paramiko.SSHException, paramiko.SFTPError, EOFError, OSError) as error:
        alive = transport is not None and transport.is_active()
        raise translate(error, where, alive=alive, doubtful=doubtful) from error
