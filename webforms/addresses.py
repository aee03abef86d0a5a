"""Where a visitor may be sent next: an address inside this site, or the default."""

from urllib.parse import urlsplit

__all__ = ["local_path"]


def local_path(wanted: str | None, default: str = "/") -> str:
    """Return ``wanted`` if it is a path of this site, else ``default``.

    Examples
    --------
    >>> local_path("/nhat-ky?trang=2"), local_path("//evil.example/x"), local_path(None)
    ('/nhat-ky?trang=2', '/', '/')
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return default
    if not wanted.isprintable() or "\\" in wanted:
        return default
    parts = urlsplit(wanted)
    return default if parts.scheme or parts.netloc else wanted
