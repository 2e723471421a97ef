"""Host → school → schema, or a clear page that says why not."""

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render

from tenants.hosts import base_host, school_at, url_of
from tenants.models import School
from tenants.revisions import head_in_code

CLOSED: dict[str, tuple[int, str]] = {
    School.State.REGISTERED: (503, "tenants/not_open.html"),
    School.State.PROVISIONED: (503, "tenants/not_open.html"),
    School.State.SUSPENDED: (503, "tenants/suspended.html"),
    School.State.CLOSED: (410, "tenants/closed.html"),
    School.State.ARCHIVED: (410, "tenants/archived.html"),
}


class SchoolMiddleware:
    """Sets `request.school` (None on the platform's host), the URL map and the schema."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            # No page knows what to do with it, and PostgreSQL stores none.
            return HttpResponseBadRequest("Cette adresse n'est pas valable.", content_type="text/plain; charset=utf-8")
        connection.is_owner = False
        connection.set_schema_to_public()
        request.school = None
        host = request.get_host().rsplit(":", 1)[0].lower()
        if host == base_host():
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            return self.get_response(request)
        if request.path_info.startswith(settings.STATIC_URL):
            # Style sheets are the same on all hosts; the pages that say why not are dressed too.
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            return self.get_response(request)
        school = school_at(host)
        if school is None:
            return self._closed(request, 404, "tenants/unknown.html", None)
        if school.state in CLOSED:
            return self._closed(request, *CLOSED[school.state], school)
        if school.revision is None or school.revision < head_in_code():
            return self._closed(request, 503, "tenants/behind.html", school)
        request.school = school
        connection.set_tenant(school)
        try:
            return self.get_response(request)
        finally:
            connection.set_schema_to_public()

    def _closed(self, request: HttpRequest, status: int, template: str, school: School | None) -> HttpResponse:
        request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        return render(request, template, {"closed_school": school, "portal": url_of(None)}, status=status)
