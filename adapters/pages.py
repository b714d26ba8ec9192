"""What the HTML pages share: what a browser may load for them, and how long their files keep."""

from typing import Final

from lib.endpoint import Document

ASSET_AGE_S: Final = 365 * 86400
"""A page asks for its files by their digests: another file has another address."""

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
    )
)


def html(body: bytes) -> Document:
    """A page under its policy."""
    headers = (("Content-Security-Policy", CSP),)
    return Document(body, "text/html; charset=utf-8", max_age_s=None, headers=headers)
