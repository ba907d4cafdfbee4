import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import Misconfigured
from streams.mail_settings import MailServer, Sender
from streams.settings import Aliyun, JPush, Secret, Tencent, Wechat, load

ALIYUN = {"ORDERBELL_ALIYUN_ACCESS_KEY_ID": "id", "ORDERBELL_ALIYUN_ACCESS_KEY_SECRET": "s3cret"}
TENCENT = {
    "ORDERBELL_TENCENT_SECRET_ID": "id",
    "ORDERBELL_TENCENT_SECRET_KEY": "s3cret",
    "ORDERBELL_TENCENT_SDK_APP_ID": "1400006666",
}
WECHAT = {"ORDERBELL_WECHAT_APP_ID": "wx1", "ORDERBELL_WECHAT_APP_SECRET": "s3cret"}
JPUSH = {"ORDERBELL_JPUSH_APP_KEY": "id", "ORDERBELL_JPUSH_MASTER_SECRET": "s3cret"}


def test_nothing_needs_to_be_set() -> None:
    settings = load({})
    assert settings.jpush is None
    assert settings.brokers == ()
    assert settings.aliyun is None
    assert settings.tencent is None
    assert settings.wechat is None
    assert (settings.partitions, settings.web_port) == (4, 8080)


@pytest.mark.parametrize("text", ["kafka://a:9092,kafka://b:9093", "kafka://a:9092, b:9093"])
def test_only_the_first_broker_needs_the_scheme(text: str) -> None:
    assert load({"ORDERBELL_BROKER": text, "ORDERBELL_HASH_KEY": "k"}).brokers == ("a:9092", "b:9093")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BROKER", "kafka://a"),
        ("BROKER", "http://a:1"),
        ("BROKER", "kafka://a:99999"),
        ("BROKER", "a:9092"),
        ("RULES", "/nowhere/rules.toml"),
        ("PARTITIONS", "0"),
        ("PARTITIONS", "four"),
        ("PARTITIONS", "-1"),
        ("REPLICATION", "0"),
        ("WEB_PORT", "65536"),
        ("PUBLIC_PORT", "http"),
        ("STORE", "postgres"),
        ("LOG_FORMAT", "xml"),
        ("ALIYUN_ENDPOINT", "dysmsapi.aliyuncs.com"),
        ("ALIYUN_ENDPOINT", "ftp://dysmsapi.aliyuncs.com"),
        ("TENCENT_ENDPOINT", "sms.tencentcloudapi.com"),
        ("JPUSH_ENDPOINT", "api.jpush.cn"),
        ("WECHAT_ENDPOINT", "api.weixin.qq.com"),
        ("SMTP_URL", "mail.example:587"),
        ("SMTP_URL", "http://mail.example"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://user@mail.example"),
        ("SMTP_URL", "smtp://:pass@mail.example"),
        ("SMTP_URL", "smtp://mail.example/path"),
        ("SMTP_URL", "smtp://mail.example:99999"),
        ("SMTP_URL", "smtp://mail.example?starttls=maybe"),
        ("SMTP_URL", "smtp://mail.example?tls=1"),
        ("SMTP_URL", "smtps://mail.example?starttls=never"),
        ("SMTP_URL", "smtp://user:pa/ss@mail.example"),
        ("SMTP_URL", "smtp://user:pa#ss@mail.example"),
        ("MAIL_FROM", "shop"),
        ("MAIL_FROM", "shop.example"),
        ("MAIL_FROM", "某商城 service@shop.example"),
        ("MAIL_FROM", "a@shop.example, b@shop.example"),
        ("MAIL_FROM", "a\nb <service@shop.example>"),
        ("MAIL_FROM", "<>"),
        ("DRY_RUN", "yes"),
        ("DRY_RUN", "true"),
        ("DRY_RUN_NUMBERS", "13900000001,1390000"),
        ("DRY_RUN_NUMBERS", "13900000001"),
    ],
)
def test_a_bad_one_is_one_line_that_names_it(name: str, text: str) -> None:
    with pytest.raises(Misconfigured, match=f"^ORDERBELL_{name}: ") as raised:
        load({f"ORDERBELL_{name}": text, "ORDERBELL_HASH_KEY": "k", **ALIYUN})
    assert "\n" not in str(raised.value)


def test_an_external_broker_needs_a_hash_key() -> None:
    with pytest.raises(Misconfigured, match="ORDERBELL_HASH_KEY"):
        load({"ORDERBELL_BROKER": "kafka://a:9092"})


@pytest.mark.parametrize("credentials", [ALIYUN, TENCENT, JPUSH, WECHAT], ids=["aliyun", "tencent", "jpush", "wechat"])
@given(data=st.data())
def test_some_but_not_all_of_the_credentials_is_an_error_that_names_one_that_is_missing(
    credentials: dict[str, str], data: st.DataObject
) -> None:
    some = data.draw(st.sets(st.sampled_from(sorted(credentials)), min_size=1, max_size=len(credentials) - 1))
    with pytest.raises(Misconfigured) as raised:
        load({name: credentials[name] for name in some})
    assert str(raised.value).partition(": ")[0] in set(credentials) - some
    assert "s3cret" not in str(raised.value)


def test_an_endpoint_alone_turns_no_gateway_on() -> None:
    assert load({"ORDERBELL_ALIYUN_ENDPOINT": "http://127.0.0.1:1"}).aliyun is None
    assert load({"ORDERBELL_TENCENT_ENDPOINT": "http://127.0.0.1:1"}).tencent is None
    assert load({"ORDERBELL_JPUSH_ENDPOINT": "http://127.0.0.1:1"}).jpush is None
    assert load({"ORDERBELL_WECHAT_ENDPOINT": "http://127.0.0.1:1"}).wechat is None


def test_each_vendor_has_its_endpoint_and_its_credentials() -> None:
    settings = load({**ALIYUN, **TENCENT, **JPUSH, **WECHAT, "ORDERBELL_TENCENT_ENDPOINT": "http://127.0.0.1:1/"})
    assert settings.aliyun == Aliyun(Secret("id"), Secret("s3cret"), "https://dysmsapi.aliyuncs.com")
    assert settings.tencent == Tencent(Secret("id"), Secret("s3cret"), "1400006666", "http://127.0.0.1:1")
    assert settings.jpush == JPush("id", Secret("s3cret"), "https://api.jpush.cn")
    assert settings.wechat == Wechat("wx1", Secret("s3cret"), "https://api.weixin.qq.com")
    assert type(settings.tencent.sdk_app_id) is type(settings.wechat.app_id) is str  # parts of a request's JSON
    assert "s3cret" not in repr(settings)


def test_a_secret_may_end_in_the_newline_of_its_file_and_does_not_show_itself() -> None:
    settings = load({**ALIYUN, "ORDERBELL_ALIYUN_ACCESS_KEY_SECRET": "s3cret\n"})
    assert settings.aliyun is not None
    assert settings.aliyun.access_key_secret == "s3cret"
    assert "s3cret" not in repr(settings)


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(Misconfigured, match=r"^ORDERBELL_MAIL_FROM: "):
        load({"ORDERBELL_SMTP_URL": "smtp://mail.example"})
    alone = load({"ORDERBELL_MAIL_FROM": "service@shop.example"})
    assert (alone.smtp_url, alone.mail_from) == (None, Sender("", "service@shop.example"))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, "if-offered")),
        ("smtp://mail.example:25?starttls=never", MailServer("mail.example", 25, "never")),
        ("smtp://mail.example/?starttls=required", MailServer("mail.example", 587, "required")),
        ("smtps://mail.example", MailServer("mail.example", 465, "implicit")),
        ("smtp://u%40x:p%2F%3A@[::1]:2525", MailServer("::1", 2525, "required", "u@x", "p/:")),
        ("smtp://u:p@mail.example?starttls=if-offered", MailServer("mail.example", 587, "if-offered", "u", "p")),
    ],
)
def test_a_mail_server_is_written_as_a_url(url: str, server: MailServer) -> None:
    settings = load({"ORDERBELL_SMTP_URL": url, "ORDERBELL_MAIL_FROM": "某商城 <service@shop.example>"})
    assert settings.smtp_url == server
    assert settings.mail_from == Sender("某商城", "service@shop.example")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_part_of_a_mail_servers_password_shows_itself(password: str) -> None:
    try:
        shown = repr(
            load(
                {
                    "ORDERBELL_SMTP_URL": f"smtp://u:SECRET{password}SECRET@mail.example",
                    "ORDERBELL_MAIL_FROM": "a@shop.example",
                }
            )
        )
    except Misconfigured as error:
        shown = str(error)
    assert "SECRET" not in shown


def test_an_empty_one_counts_as_unset() -> None:
    assert load({"ORDERBELL_WEB_PORT": ""}).web_port == 8080


def test_a_dry_run_is_one_or_none() -> None:
    assert not load({}).dry_run
    assert not load({"ORDERBELL_DRY_RUN": "0", "ORDERBELL_DRY_RUN_NUMBERS": "13900000001"}).dry_run
    assert load({"ORDERBELL_DRY_RUN": "1"}).dry_run


def test_test_numbers_may_be_written_in_any_way_and_do_not_show_themselves() -> None:
    numbers = "13900000001, +86 139-0000-0002"
    settings = load({"ORDERBELL_DRY_RUN": "1", "ORDERBELL_DRY_RUN_NUMBERS": numbers, **ALIYUN})
    assert settings.dry_run_numbers == ("+8613900000001", "+8613900000002")
    assert "1390000" not in repr(settings)
    with pytest.raises(Misconfigured) as raised:
        load({"ORDERBELL_DRY_RUN": "1", "ORDERBELL_DRY_RUN_NUMBERS": "13900000001,555", **ALIYUN})
    assert str(raised.value) == "ORDERBELL_DRY_RUN_NUMBERS: number 2 of 2 can't be read as a mobile's"


def test_test_numbers_need_credentials_to_be_sent_to() -> None:
    with pytest.raises(Misconfigured, match=r"^ORDERBELL_DRY_RUN_NUMBERS: "):
        load({"ORDERBELL_DRY_RUN": "1", "ORDERBELL_DRY_RUN_NUMBERS": "13900000001"})
