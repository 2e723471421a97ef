"""What the browser is told to refuse."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# No inline script or style, no other host. The API's documentation page draws its own styles.
POLICY = (
    "default-src 'self'; connect-src 'self'{live}; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action {targets}"
)


class ContentSecurityPolicyMiddleware:
    """Adds the policy; forms may lead to our own hosts only (passing from one school to another)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""
        targets = f"'self' {settings.SCHEME}://{settings.BASE_DOMAIN}{port} {settings.SCHEME}://*.{settings.BASE_DOMAIN}{port}"
        host = request.get_host().rsplit(":", 1)[0]
        live = f" {settings.SCHEME}://{host}:{settings.LIVE_PORT}" if settings.LIVE_PORT else ""
        response.headers.setdefault("Content-Security-Policy", POLICY.format(targets=targets, live=live))
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
