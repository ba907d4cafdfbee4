"""Asks over HTTP, for tests without a loop."""

import urllib.error
import urllib.parse
import urllib.request


def get(url: str, **query: str) -> tuple[int, str]:
    """Status and text."""
    return _asked(urllib.request.Request(f"{url}?{urllib.parse.urlencode(query)}"))


def post(url: str) -> tuple[int, str]:
    """Status and text."""
    return _asked(urllib.request.Request(url, method="POST"))


def _asked(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
