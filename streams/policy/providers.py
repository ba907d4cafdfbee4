"""What the vendors' codes mean, by what can be done about them."""

from schemas.calls import ErrorClass

_ALIYUN: dict[ErrorClass, tuple[str, ...]] = {
    ErrorClass.RETRY_LATER: (
        "isp.SYSTEM_ERROR",
        "isp.GATEWAY_ERROR",
        "InternalError",
        "ServiceUnavailable",
        "IS_CLOSE",
        "SP_UNKNOWN_ERROR",
    ),
    ErrorClass.RATE_LIMITED: ("isv.BUSINESS_LIMIT_CONTROL", "MOBILE_SEND_LIMIT"),
    ErrorClass.DAY_LIMIT: ("isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"),
    ErrorClass.OPTED_OUT: ("isv.BLACK_KEY_CONTROL_LIMIT", "isv.CUSTOMER_REFUSED", "MOBILE_IN_BLACK", "USER_REJECT"),
    ErrorClass.TEMPLATE: (
        "isv.SMS_TEMPLATE_ILLEGAL",
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.SMS_SIGN_ILLEGAL",
        "isv.SIGN_STATE_ILLEGAL",
        "isv.SMS_SIGNATURE_SCENE_ILLEGAL",
        "isv.TEMPLATE_MISSING_PARAMETERS",
        "isv.TEMPLATE_PARAMS_ILLEGAL",
        "isv.INVALID_JSON_PARAM",
        "isv.PARAM_LENGTH_LIMIT",
        "isv.PARAM_NOT_SUPPORT_URL",
        "isv.EXTEND_CODE_ERROR",
        "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
        "PORT_NOT_REGISTERED",
    ),
    ErrorClass.CONTENT: (
        "isv.SMS_CONTENT_ILLEGAL",
        "isv.UNSUPPORTED_CONTENT",
        "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE",
        "CONTENT_KEYWORD",
        "CONTENT_ERROR",
        "NO_ROUTE",
    ),
    ErrorClass.BALANCE: ("isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE"),
    ErrorClass.BAD_NUMBER: ("isv.MOBILE_NUMBER_ILLEGAL", "INVALID_NUMBER"),
    ErrorClass.NUMBER_UNAVAILABLE: (
        "MOBILE_NOT_ON_SERVICE",
        "MOBILE_ACCOUNT_ABNORMAL",
        "MOBLLE_TERMINAL_ERROR",  # the vendor's own spelling
    ),
    ErrorClass.CONFIGURATION: (
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "NoPermission",
        "isp.RAM_PERMISSION_DENY",
        "isv.RAM_PERMISSION_DENY",
        "isv.DENY_IP_RANGE",
        "isv.PRODUCT_UN_SUBSCRIPT",
        "isv.PRODUCT_UNSUBSCRIBE",
        "isv.ACCOUNT_NOT_EXISTS",
        "isv.ACCOUNT_ABNORMAL",
        "isv.SECURITY_FROZEN_ACCOUNT",
    ),
}
_ALIYUN_CODES = {code: error_class for error_class, codes in _ALIYUN.items() for code in codes}

_ALIYUN_FAMILIES: tuple[tuple[str, ErrorClass], ...] = (
    ("Throttling", ErrorClass.RATE_LIMITED),
    ("InvalidAccessKeyId", ErrorClass.CONFIGURATION),
    ("InvalidTimeStamp", ErrorClass.CONFIGURATION),
    ("Forbidden", ErrorClass.CONFIGURATION),
)
"""Codes of the vendor's front, which come with and without a part after a full stop."""


def aliyun_class(code: str) -> ErrorClass:
    """The class of a code in Aliyun's answer, or of an ``err_code`` in a delivery report (vendor documentation).

    Of what is not listed, ``isp.*`` is by its prefix a trouble of the vendor's, which passes. All else is still the
    vendor's own no: ``UNKNOWN``, since to repeat what we don't understand would only be refused again, or worse.
    """
    if code in _ALIYUN_CODES:
        return _ALIYUN_CODES[code]
    for family, error_class in _ALIYUN_FAMILIES:
        if code == family or code.startswith(f"{family}."):
            return error_class
    return ErrorClass.RETRY_LATER if code.startswith("isp.") else ErrorClass.UNKNOWN
