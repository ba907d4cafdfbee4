"""What the vendors' codes mean, by what can be done about them."""

from collections.abc import Mapping

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
_ALIYUN_FAMILIES: tuple[tuple[str, ErrorClass], ...] = (
    ("Throttling", ErrorClass.RATE_LIMITED),
    ("InvalidAccessKeyId", ErrorClass.CONFIGURATION),
    ("InvalidTimeStamp", ErrorClass.CONFIGURATION),
    ("Forbidden", ErrorClass.CONFIGURATION),
)
"""Codes of the vendor's front, which come with and without a part after a full stop."""

_TENCENT: dict[ErrorClass, tuple[str, ...]] = {
    ErrorClass.RETRY_LATER: ("ServiceUnavailable", "COMFAIL", "WTNFAIL"),
    ErrorClass.RATE_LIMITED: (
        "LimitExceeded.DeliveryFrequencyLimit",
        "LimitExceeded.PhoneNumberThirtySecondLimit",
        "LimitExceeded.PhoneNumberOneHourLimit",
    ),
    ErrorClass.DAY_LIMIT: (
        "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
        "LimitExceeded.AppDailyLimit",
        "LimitExceeded.AppMainlandChinaDailyLimit",
        "LimitExceeded.AppGlobalDailyLimit",
        "LimitExceeded.AppCountryOrRegionDailyLimit",
        "LimitExceeded.DailyLimit",
    ),
    ErrorClass.NOT_NOW: ("FailedOperation.MarketingSendTimeConstraint",),
    ErrorClass.OPTED_OUT: ("FailedOperation.PhoneNumberInBlacklist",),
    ErrorClass.TEMPLATE: (
        "FailedOperation.SignatureIncorrectOrUnapproved",
        "FailedOperation.MissingSignature",
        "FailedOperation.TemplateIncorrectOrUnapproved",
        "FailedOperation.TemplateUnapprovedOrNotExist",
        "FailedOperation.TemplateIdNotExist",
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
        "InvalidParameterValue.TemplateParameterFormatError",
        "InvalidParameterValue.TemplateParameterLengthLimit",
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
        "InvalidParameterValue.ContentLengthLimit",
        "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",
        "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",
    ),
    ErrorClass.CONTENT: ("FailedOperation.ContainSensitiveWord", "InvalidParameter.DirtyWordFound", "REJECTD"),
    ErrorClass.BALANCE: (
        "FailedOperation.InsufficientBalanceInSmsPackage",
        "UnauthorizedOperation.ServiceSuspendDueToArrears",
    ),
    ErrorClass.BAD_NUMBER: ("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberParseFail"),
    ErrorClass.NUMBER_UNAVAILABLE: ("UNDELIV", "EXPIRED", "DELETED"),
    ErrorClass.CONFIGURATION: (
        "InvalidParameterValue.SdkAppIdNotExist",
        "FailedOperation.ProhibitSubAccountUse",
        "FailedOperation.NotEnterpriseCertification",
    ),
}

_TENCENT_FAMILIES: tuple[tuple[str, ErrorClass], ...] = (
    ("RequestLimitExceeded", ErrorClass.RATE_LIMITED),
    ("AuthFailure", ErrorClass.CONFIGURATION),
    ("UnauthorizedOperation", ErrorClass.CONFIGURATION),
    ("InternalError", ErrorClass.RETRY_LATER),
)


class _Table:
    """What a vendor's codes mean: each of its own, or by the part before a full stop."""

    def __init__(
        self, codes: Mapping[ErrorClass, tuple[str, ...]], families: tuple[tuple[str, ErrorClass], ...]
    ) -> None:
        self._codes = {code: error_class for error_class, listed in codes.items() for code in listed}
        self._families = families

    def find(self, code: str) -> ErrorClass | None:
        if code in self._codes:
            return self._codes[code]
        for family, error_class in self._families:
            if code == family or code.startswith(f"{family}."):
                return error_class
        return None


_aliyun = _Table(_ALIYUN, _ALIYUN_FAMILIES)
_tencent = _Table(_TENCENT, _TENCENT_FAMILIES)


def aliyun_class(code: str) -> ErrorClass:
    """The class of a code in Aliyun's answer, or of an ``err_code`` in a delivery report (vendor documentation).

    Of what is not listed, ``isp.*`` is by its prefix a trouble of the vendor's, which passes. All else is still the
    vendor's own no: ``UNKNOWN``, since to repeat what we don't understand would only be refused again, or worse.
    """
    found = _aliyun.find(code)
    if found is None:
        return ErrorClass.RETRY_LATER if code.startswith("isp.") else ErrorClass.UNKNOWN
    return found


def tencent_class(code: str) -> ErrorClass:
    """The class of a code in Tencent's answer, or of an ``errmsg`` in a delivery report (vendor documentation).

    Whether ``InternalError.*`` is a no at all the gateway knows. What is not listed is ``UNKNOWN``, the carriers' own
    codes (``MK:0001``) among it: each of them means something else at each carrier.
    """
    return _tencent.find(code) or ErrorClass.UNKNOWN
