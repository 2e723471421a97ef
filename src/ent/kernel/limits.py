"""Rates, counted in Valkey, keyed by school like everything that remembers."""

from functools import lru_cache

from django.conf import settings
from django.db import connection
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter


@lru_cache(maxsize=1)
def _limiter() -> MovingWindowRateLimiter:
    url = settings.REDIS_URL
    return MovingWindowRateLimiter(storage_from_string(url.replace("unix://", "redis+unix://")))


@lru_cache
def _rate(rate: str) -> RateLimitItem:
    return parse(rate)


def allowed(rate: str, *keys: str) -> bool:
    """Count one try; False when `rate` ("10/hour") is used up for these keys in this school."""
    return _limiter().hit(_rate(rate), connection.schema_name, *keys)


def client_address(request) -> str:
    """The visitor's address, through as many proxies as the settings trust."""
    hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    trusted = settings.TRUSTED_PROXIES
    return hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR", "")
