"""A call of Aliyun's SMS service, version 2017-05-25 (vendor documentation): parameters in the query, no body."""

import secrets
from collections.abc import Callable, Mapping

from yarl import URL

from agents.gateways.aliyun_signature import authorization, canonical_query, sha256_hex
from agents.gateways.http import Poster, Reply
from schemas.times import Micros, instant
from streams.clock import Clock
from streams.settings import Aliyun


class AliyunApi:
    """Signs calls and makes them."""

    def __init__(self, settings: Aliyun, http: Poster, clock: Clock) -> None:
        self._key_id = settings.access_key_id
        self._secret = settings.access_key_secret
        self._endpoint = URL(settings.endpoint)
        self._http = http
        self._clock = clock

    async def call(
        self,
        action: str,
        parameters: Mapping[str, str],
        call_by: Micros,
        hindrance: Callable[[], str | None] = lambda: None,
    ) -> Reply:
        """Makes one call. Raises what ``Poster.post`` raises."""
        path = self._endpoint.raw_path
        query = canonical_query(parameters)
        signed = {
            "host": self._endpoint.host_port_subcomponent or "",
            "x-acs-action": action,
            "x-acs-content-sha256": sha256_hex(b""),
            "x-acs-date": f"{instant(self._clock.now()):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": "2017-05-25",
        }
        headers = {
            **signed,
            "accept": "application/json",
            "Authorization": authorization(self._key_id, self._secret, path, query, signed),
        }
        # yarl would write the query in its own way, and the signature is of this one.
        url = URL(f"{self._endpoint.origin()}{path}?{query}", encoded=True)
        return await self._http.post(url, headers, call_by=call_by, hindrance=hindrance)
