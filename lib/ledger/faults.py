"""Why a ledger's book failed, in words that may be shown: a driver's own may hold a password."""

from typing import Final

_REASONS: Final = {
    "disk is full": "the disk is full",
    "used memory >": "the store is full",
    "no module named": "the database's driver is not installed",
    "read-only": "its file is on a read-only file system",
    "readonly database": "its file may not be written",
    "permission denied": "it may not write there",
    "unable to open database file": "its file cannot be opened or made",
    "no such file or directory": "its folder is not there and cannot be made",
    "file exists": "its folder is a file",
    "not a directory": "its folder is a file",
    "not a database": "its file is no database",
    "connection refused": "nobody listens at the database's address",
    "failed to resolve host": "the database's host is not known",
    "authentication failed": "the database does not take the user or the password",
    "does not exist": "the database has no such name, user or table",
    "connection option": "the database's address has an option that there is not",
    "does not support ssl": "the database does not speak TLS, and the address asks for it",
    "connection slots": "the database takes no more connections",
    "too many clients": "the database takes no more connections",
}
"""What to say, by a part of a driver's or the system's words, in small letters."""


def told(error: Exception) -> str:
    """What is known of a failure: a reason from the table, else the kind of the error."""
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    said = str(error).lower()
    return next((reason for part, reason in _REASONS.items() if part in said), type(error).__name__)
