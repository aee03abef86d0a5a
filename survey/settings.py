"""Every setting of an installation, its environment variable, default and effect, in one table.

The documentation's configuration table is made from :data:`SETTINGS`; a test keeps them equal.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SHORTEST_SECRET_KEY = 32
"""Characters; `khaosat init` writes 64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as documented."""

    variable: str
    default: str
    effect: str


SETTINGS = (
    Setting(
        variable="KHAOSAT_HOME",
        default="./khaosat-data",
        effect="Folder of the database, the secret key file and backups.",
    ),
    Setting(
        variable="KHAOSAT_DATABASE_URL",
        default="sqlite:///<home>/khaosat.sqlite3",
        effect="Database: a SQLite file or postgresql://user:password@host/name.",
    ),
    Setting(
        variable="KHAOSAT_SECRET_KEY",
        default="<home>/secret.key",
        effect="Signs staff sessions and form tokens; the file is made by `khaosat init`.",
    ),
    Setting(
        variable="KHAOSAT_PUBLIC_URL",
        default="http://127.0.0.1:8000",
        effect="Address printed in invitations; https:// in production.",
    ),
    Setting(
        variable="KHAOSAT_PROXY_HOPS",
        default="0",
        effect="Number of reverse proxies whose X-Forwarded-* headers are trusted.",
    ),
    Setting(
        variable="KHAOSAT_INSECURE_LOOPBACK",
        default="0",
        effect="1: cookies without Secure, for http on 127.0.0.1 only; refused elsewhere.",
    ),
    Setting(
        variable="KHAOSAT_LOG_LEVEL",
        default="INFO",
        effect="Least level of the structured log on standard error.",
    ),
)


class SettingsError(ValueError):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a running installation."""

    home: Path
    database_url: str
    secret_key: str | None
    public_url: str
    proxy_hops: int
    insecure_loopback: bool
    log_level: str

    @property
    def secret_key_file(self) -> Path:
        """Where `khaosat init` writes the secret key."""
        return self.home / "secret.key"

    @property
    def backup_folder(self) -> Path:
        """Where managed backups live."""
        return self.home / "backups"

    def read_secret_key(self) -> str:
        """Return the secret key from the environment or its file.

        Raises
        ------
        SettingsError
            Neither is there, or it is short enough to be guessed.
        """
        key = self.secret_key or self._stored_secret_key()
        if len(key) < SHORTEST_SECRET_KEY:
            msg = (
                f"the secret key has {len(key)} characters; it needs at least "
                f"{SHORTEST_SECRET_KEY}, or sign-ins can be forged: leave KHAOSAT_SECRET_KEY "
                f"unset, remove {self.secret_key_file} if it is there, and run `khaosat init`"
            )
            raise SettingsError(msg)
        return key

    def _stored_secret_key(self) -> str:
        """Read the key's file."""
        try:
            return self.secret_key_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            msg = (
                f"there is no secret key: {self.secret_key_file} does not exist and "
                "KHAOSAT_SECRET_KEY is not set; run `khaosat init` first"
            )
            raise SettingsError(msg) from None

    def write_secret_key(self) -> None:
        """Make the secret key file, readable by its owner only, unless it is there."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.secret_key is None and not self.secret_key_file.exists():
            self.secret_key_file.touch(mode=0o600)
            self.secret_key_file.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")


def settings_from(environment: Mapping[str, str], *, home: Path | None = None) -> Settings:
    """Read the settings from ``environment``; ``home`` overrides KHAOSAT_HOME.

    Raises
    ------
    SettingsError
        A value cannot be used; the message names the variable.
    """
    folder = (home or Path(environment.get("KHAOSAT_HOME", "khaosat-data"))).resolve()
    hops = environment.get("KHAOSAT_PROXY_HOPS", "0")
    if not hops.isdigit():
        msg = f"KHAOSAT_PROXY_HOPS is {hops!r}; write the number of proxies, such as 1"
        raise SettingsError(msg)
    return Settings(
        home=folder,
        database_url=environment.get("KHAOSAT_DATABASE_URL")
        or f"sqlite:///{folder / 'khaosat.sqlite3'}",
        secret_key=environment.get("KHAOSAT_SECRET_KEY") or None,
        public_url=environment.get("KHAOSAT_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        proxy_hops=int(hops),
        insecure_loopback=environment.get("KHAOSAT_INSECURE_LOOPBACK", "0") == "1",
        log_level=environment.get("KHAOSAT_LOG_LEVEL", "INFO").upper(),
    )
