import pytest

from schemas.calls import ErrorClass
from streams.policy.providers import aliyun_class, tencent_class


@pytest.mark.parametrize(
    ("code", "error_class"),
    [
        ("isp.SYSTEM_ERROR", ErrorClass.RETRY_LATER),
        ("IS_CLOSE", ErrorClass.RETRY_LATER),
        ("Throttling", ErrorClass.RATE_LIMITED),
        ("Throttling.User", ErrorClass.RATE_LIMITED),
        ("isv.BUSINESS_LIMIT_CONTROL", ErrorClass.RATE_LIMITED),
        ("isv.DAY_LIMIT_CONTROL", ErrorClass.DAY_LIMIT),
        ("isv.BLACK_KEY_CONTROL_LIMIT", ErrorClass.OPTED_OUT),
        ("USER_REJECT", ErrorClass.OPTED_OUT),
        ("isv.SMS_TEMPLATE_ILLEGAL", ErrorClass.TEMPLATE),
        ("CONTENT_KEYWORD", ErrorClass.CONTENT),
        ("isv.OUT_OF_SERVICE", ErrorClass.BALANCE),
        ("isv.MOBILE_NUMBER_ILLEGAL", ErrorClass.BAD_NUMBER),
        ("MOBLLE_TERMINAL_ERROR", ErrorClass.NUMBER_UNAVAILABLE),
        ("InvalidAccessKeyId.NotFound", ErrorClass.CONFIGURATION),
        ("InvalidTimeStamp.Expired", ErrorClass.CONFIGURATION),
        ("isp.RAM_PERMISSION_DENY", ErrorClass.CONFIGURATION),
    ],
)
def test_a_code_says_what_can_be_done(code: str, error_class: ErrorClass) -> None:
    assert aliyun_class(code) is error_class


def test_an_unlisted_trouble_of_the_vendors_passes() -> None:
    assert aliyun_class("isp.SOMETHING_NEW") is ErrorClass.RETRY_LATER


@pytest.mark.parametrize("code", ["isv.SOMETHING_NEW", "ThrottlingX", "REQUEST_SUCCESS", "MK:1008", ""])
def test_what_is_not_known_is_not_repeated(code: str) -> None:
    assert aliyun_class(code) is ErrorClass.UNKNOWN


@pytest.mark.parametrize(
    ("code", "error_class"),
    [
        ("ServiceUnavailable", ErrorClass.RETRY_LATER),
        ("InternalError", ErrorClass.RETRY_LATER),
        ("InternalError.Timeout", ErrorClass.RETRY_LATER),
        ("RequestLimitExceeded", ErrorClass.RATE_LIMITED),
        ("RequestLimitExceeded.UinLimitExceeded", ErrorClass.RATE_LIMITED),
        ("LimitExceeded.PhoneNumberThirtySecondLimit", ErrorClass.RATE_LIMITED),
        ("LimitExceeded.PhoneNumberDailyLimit", ErrorClass.DAY_LIMIT),
        ("FailedOperation.MarketingSendTimeConstraint", ErrorClass.NOT_NOW),
        ("FailedOperation.PhoneNumberInBlacklist", ErrorClass.OPTED_OUT),
        ("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", ErrorClass.TEMPLATE),
        ("InvalidParameterValue.TemplateParameterLengthLimit", ErrorClass.TEMPLATE),
        ("FailedOperation.ContainSensitiveWord", ErrorClass.CONTENT),
        ("FailedOperation.InsufficientBalanceInSmsPackage", ErrorClass.BALANCE),
        ("UnauthorizedOperation.ServiceSuspendDueToArrears", ErrorClass.BALANCE),
        ("UnauthorizedOperation.RequestIpNotInWhitelist", ErrorClass.CONFIGURATION),
        ("AuthFailure.SignatureFailure", ErrorClass.CONFIGURATION),
        ("InvalidParameterValue.IncorrectPhoneNumber", ErrorClass.BAD_NUMBER),
        ("UNDELIV", ErrorClass.NUMBER_UNAVAILABLE),
        ("REJECTD", ErrorClass.CONTENT),
    ],
)
def test_a_code_of_tencents_says_what_can_be_done(code: str, error_class: ErrorClass) -> None:
    assert tencent_class(code) is error_class


@pytest.mark.parametrize("code", ["FailedOperation.New", "InternalErrors", "isp.SYSTEM_ERROR", "MK:0001", ""])
def test_what_is_not_known_of_tencents_is_not_repeated(code: str) -> None:
    assert tencent_class(code) is ErrorClass.UNKNOWN
