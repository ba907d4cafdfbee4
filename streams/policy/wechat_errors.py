"""What the codes of the WeChat platform mean, by what can be done about them."""

from collections.abc import Mapping

from schemas.calls import ErrorClass

DUPLICATE = "40241"
"""A message like this one went to this follower within 60 s (not documented; the vendor's own words)."""
STALE_TOKEN = frozenset({"40001", "40014", "42001"})
"""The access token is not, or no longer, the account's. To the fetching of one, 40001 says that of the secret."""

_CODES: Mapping[ErrorClass, tuple[str, ...]] = {
    ErrorClass.RETRY_LATER: ("-1", "system_failed"),
    ErrorClass.RATE_LIMITED: (
        DUPLICATE,
        "43117",  # too many to this follower
        "45011",  # too many calls in this minute
        "freq_limit",
    ),
    ErrorClass.DAY_LIMIT: ("45009",),
    ErrorClass.OPTED_OUT: (
        "43004",  # does not follow the account, or no longer
        "43019",  # is on the account's own list of those it does not write to
        "43101",  # refuses its messages
        "user_block",
    ),
    ErrorClass.TEMPLATE: (
        "40036",
        "40037",
        "40039",  # the length of the link
        "40048",  # the link
        "43116",  # the template was banned
        "45002",  # longer than the platform takes
        "47003",  # a field's value is not of its type
    ),
    ErrorClass.CONTENT: ("40249",),
    ErrorClass.BAD_NUMBER: ("40003",),
    ErrorClass.CONFIGURATION: (
        *STALE_TOKEN,
        "40002",
        "40013",
        "40125",  # the secret
        "40164",  # our address is not on the account's list
        "40243",  # the secret is frozen
        "41001",
        "41002",
        "41004",
        "43003",  # expects https
        "45109",  # the account can no longer use this interface
        "48001",
        "48004",
        "50001",
        "50002",
        "50004",
        "50007",  # the account is frozen
        "61004",
        "89503",  # an administrator has to confirm our address
        "89506",
        "89507",
    ),
}
_CLASSES = {code: error_class for error_class, codes in _CODES.items() for code in codes}


def wechat_class(code: str) -> ErrorClass:
    """The class of an ``errcode``, or of the status of a TEMPLATESENDJOBFINISH event (``user_block`` and so on).

    Vendor documentation (global return codes, template messages), and what its community reports where that is
    silent. What is not listed is ``UNKNOWN``.
    """
    return _CLASSES.get(code, ErrorClass.UNKNOWN)
