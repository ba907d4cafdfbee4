"""What JPush's codes mean, by what can be done about them (vendor documentation of the push API v3)."""

from collections.abc import Mapping

from schemas.calls import ErrorClass

_CODES: Mapping[ErrorClass, tuple[int, ...]] = {
    ErrorClass.RETRY_LATER: (
        1000,  # internal error
        1030,  # internal time-out
    ),
    ErrorClass.RATE_LIMITED: (2002,),
    ErrorClass.DAY_LIMIT: (
        1012,  # a phone maker's allowance is used up
        2005,  # more than is usual has gone to these devices
        2008,
    ),
    ErrorClass.CONTENT: (1005,),  # too long
    ErrorClass.TEMPLATE: (
        1002,  # a parameter is missing
        1003,  # a parameter is wrong, which may be the id of the only device
        1009,  # an unknown key
        1035,  # options that exclude each other
    ),
    ErrorClass.BAD_NUMBER: (1011,),  # no such device, or not seen for 255 days
    ErrorClass.CONFIGURATION: (
        1001,
        1004,  # the key or the secret is wrong
        1008,  # the key is of no app
        1020,  # HTTPS only
        2003,  # the app is barred
        2004,  # our address is not on the app's list
        2006,  # for paying customers only
        2007,
    ),
}
_CLASSES = {str(code): error_class for error_class, codes in _CODES.items() for code in codes}


def jpush_class(code: str) -> ErrorClass:
    """The class of a code in JPush's answer. What is not listed is ``UNKNOWN``."""
    return _CLASSES.get(code, ErrorClass.UNKNOWN)
