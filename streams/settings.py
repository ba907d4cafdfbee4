"""The settings: ``ORDERBELL_*`` environment variables, read once and checked at start."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from streams.errors import Misconfigured
from streams.mail_settings import MailServer, Sender, mail_server, sender
from streams.policy.contacts import normalise

T = TypeVar("T")
PREFIX = "ORDERBELL_"


class Secret(str):
    """A string that does not show itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(..)"


class Aliyun(msgspec.Struct, frozen=True):
    """The credentials for Aliyun SMS, and where it answers."""

    access_key_id: Secret
    access_key_secret: Secret
    endpoint: str


class Tencent(msgspec.Struct, frozen=True):
    """The credentials for Tencent SMS, and where it answers."""

    secret_id: Secret
    secret_key: Secret
    sdk_app_id: str
    endpoint: str


class Wechat(msgspec.Struct, frozen=True):
    """The credentials of the WeChat official account, and where its platform answers."""

    app_id: str
    app_secret: Secret
    endpoint: str


class JPush(msgspec.Struct, frozen=True):
    """The credentials for app pushes by JPush, and where it answers."""

    app_key: str
    master_secret: Secret
    endpoint: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings. ``brokers`` is empty where the embedded Kafka is to be used; ``dry_run_numbers`` are E.164.

    With ``smtp_url`` there is always a ``mail_from``.
    """

    brokers: tuple[str, ...] = ()
    partitions: int = 4
    replication: int = 1
    data_dir: Path = Path(".orderbell")
    instance: str | None = None
    store: Literal["memory"] = "memory"
    rules: Path | None = None
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    public_port: int | None = None
    callback_token: Secret | None = None
    admin_token: Secret | None = None
    hash_key: Secret | None = None
    log_format: Literal["json", "console"] = "json"
    aliyun: Aliyun | None = None
    tencent: Tencent | None = None
    wechat: Wechat | None = None
    jpush: JPush | None = None
    smtp_url: MailServer | None = None
    mail_from: Sender | None = None
    dry_run: bool = False
    dry_run_numbers: tuple[Secret, ...] = ()


def load(environment: Mapping[str, str]) -> Settings:
    """Reads the settings. Raises ``Misconfigured``, one line that names the variable, for a bad one."""
    read = _Reader(environment)
    brokers: tuple[str, ...] = read("BROKER", _brokers, ())
    hash_key = read("HASH_KEY", Secret, None)
    if brokers and hash_key is None:
        raise Misconfigured(f"{PREFIX}HASH_KEY: needed with {PREFIX}BROKER, since the opt-out ledger is keyed with it")
    aliyun, tencent = _aliyun(read), _tencent(read)
    smtp_url, mail_from = read("SMTP_URL", mail_server, None), read("MAIL_FROM", sender, None)
    if smtp_url is not None and mail_from is None:
        raise Misconfigured(f"{PREFIX}MAIL_FROM: needed with {PREFIX}SMTP_URL, since each mail comes from somebody")
    dry_run = read("DRY_RUN", _yes_or_no, None)
    dry_run_numbers: tuple[Secret, ...] = read("DRY_RUN_NUMBERS", _numbers, ())
    if dry_run_numbers and dry_run is None:
        raise Misconfigured(f"{PREFIX}DRY_RUN_NUMBERS: given without {PREFIX}DRY_RUN, so all messages would be sent")
    if dry_run_numbers and dry_run and aliyun is None and tencent is None:
        raise Misconfigured(f"{PREFIX}DRY_RUN_NUMBERS: nothing can be sent to them without a provider's credentials")
    return Settings(
        brokers=brokers,
        partitions=read("PARTITIONS", _number(1, 10_000), 4),
        replication=read("REPLICATION", _number(1, 100), 1),
        data_dir=read("DATA_DIR", Path, Path(".orderbell")),
        instance=read("INSTANCE", str, None),
        store=read("STORE", _store, "memory"),
        rules=read("RULES", _file, None),
        web_host=read("WEB_HOST", str, "127.0.0.1"),
        web_port=read("WEB_PORT", _number(0, 65_535), 8080),
        public_port=read("PUBLIC_PORT", _number(0, 65_535), None),
        callback_token=read("CALLBACK_TOKEN", Secret, None),
        admin_token=read("ADMIN_TOKEN", Secret, None),
        hash_key=hash_key,
        log_format=read("LOG_FORMAT", _log_format, "json"),
        aliyun=aliyun,
        tencent=tencent,
        wechat=_wechat(read),
        jpush=_jpush(read),
        smtp_url=smtp_url,
        mail_from=mail_from,
        dry_run=bool(dry_run),
        dry_run_numbers=dry_run_numbers,
    )


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def __call__(self, name: str, parse: Callable[[str], T], default: T | None) -> T:
        """The variable's value; one that is unset or empty has the default."""
        text = self._environment.get(PREFIX + name, "").strip()  # a secret read from a file ends in a newline
        if not text:
            return default  # type: ignore[return-value]  # None is a default only where T allows it
        try:
            return parse(text)
        except ValueError as error:
            raise Misconfigured(f"{PREFIX}{name}: {error}") from None


def _brokers(text: str) -> tuple[str, ...]:
    if not text.startswith("kafka://"):
        raise ValueError(f"expected kafka://HOST:PORT,..., got {text!r}")
    addresses = []
    for part in text.split(","):
        address = part.strip().removeprefix("kafka://")
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65_536 or "/" in host:
            raise ValueError(f"expected kafka://HOST:PORT,..., got {text!r}")
        addresses.append(address)
    return tuple(addresses)


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"expected a whole number from {least} to {most}, got {text!r}")
        return int(text)

    return parse


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"there is no file {text!r}")
    return path


def _store(text: str) -> Literal["memory"]:
    if text != "memory":
        raise ValueError(f"expected memory (rocksdb is not there yet), got {text!r}")
    return "memory"


def _log_format(text: str) -> Literal["json", "console"]:
    if text not in ("json", "console"):
        raise ValueError(f"expected json or console, got {text!r}")
    return "json" if text == "json" else "console"


def _yes_or_no(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"expected 1 or 0, got {text!r}")
    return text == "1"


def _numbers(text: str) -> tuple[Secret, ...]:
    numbers = [normalise(part) for part in text.split(",")]
    if None in numbers:
        raise ValueError(f"number {numbers.index(None) + 1} of {len(numbers)} can't be read as a mobile's")
    return tuple(Secret(number) for number in numbers if number is not None)


def _endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"expected an http or https address, got {text!r}")
    return text.rstrip("/")


def _aliyun(read: _Reader) -> Aliyun | None:
    endpoint = read("ALIYUN_ENDPOINT", _endpoint, "https://dysmsapi.aliyuncs.com")
    credentials = _credentials(read, "Aliyun", "ALIYUN_ACCESS_KEY_ID", "ALIYUN_ACCESS_KEY_SECRET")
    if credentials is None:
        return None
    key_id, secret = credentials
    return Aliyun(key_id, secret, endpoint)


def _tencent(read: _Reader) -> Tencent | None:
    endpoint = read("TENCENT_ENDPOINT", _endpoint, "https://sms.tencentcloudapi.com")
    names = ("TENCENT_SECRET_ID", "TENCENT_SECRET_KEY", "TENCENT_SDK_APP_ID")
    credentials = _credentials(read, "Tencent", *names)
    if credentials is None:
        return None
    secret_id, secret_key, sdk_app_id = credentials
    # The id alone is no secret: it travels in the body of each request.
    return Tencent(secret_id, secret_key, str(sdk_app_id), endpoint)


def _wechat(read: _Reader) -> Wechat | None:
    endpoint = read("WECHAT_ENDPOINT", _endpoint, "https://api.weixin.qq.com")
    credentials = _credentials(read, "WeChat", "WECHAT_APP_ID", "WECHAT_APP_SECRET")
    if credentials is None:
        return None
    app_id, app_secret = credentials
    # The id alone is no secret: whoever reads one of the account's pages sees it.
    return Wechat(str(app_id), app_secret, endpoint)


def _jpush(read: _Reader) -> JPush | None:
    endpoint = read("JPUSH_ENDPOINT", _endpoint, "https://api.jpush.cn")
    credentials = _credentials(read, "JPush", "JPUSH_APP_KEY", "JPUSH_MASTER_SECRET")
    if credentials is None:
        return None
    app_key, master_secret = credentials
    # The key alone is no secret: each id of a push begins with it.
    return JPush(str(app_key), master_secret, endpoint)


def _credentials(read: _Reader, vendor: str, *names: str) -> list[Secret] | None:
    """All of them, or ``None`` where none is set."""
    values = [(name, read(name, Secret, None)) for name in names]
    given = [value for _, value in values if value is not None]
    if not given:
        return None
    for name, value in values:
        if value is None:
            raise Misconfigured(f"{PREFIX}{name}: needed, since other credentials of {vendor} are set")
    return given
