"""Logos, as every host serves them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ent.kernel.access import open_to_all
from tenants.configuration.images import content_of


@open_to_all("un logo se voit avant de s'identifier")
@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """An image of a setting: what its name stands for never changes, so browsers keep it."""
    content = content_of(digest)
    if content is None:
        raise Http404("Cette image n'existe pas, ou plus.")
    return HttpResponse(
        content,
        content_type="image/webp",
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Disposition": 'inline; filename="logo.webp"',
            # Opened as a page, it may do nothing.
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
