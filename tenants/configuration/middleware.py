"""A school's settings are read once in a request; pages of a closed module are not found, and say why."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from ent.kernel.navigation import is_closed, module_of
from tenants.configuration.queries import effective


class SettingsMiddleware:
    """Sets `request.in_force` and `request.closed_modules`, and answers for closed modules' pages."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """A page's module is known once its address is."""
        request.closed_modules = frozenset()
        if request.school is None:
            return None
        # Kept as those that are closed.
        request.in_force = effective(request.school)
        request.closed_modules = frozenset(request.in_force["closed_modules"].value)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not is_closed(request, name):
            return None
        module = module_of(name)
        if name.startswith("api:"):
            return JsonResponse({"detail": f"Le module « {module.label} » n'est pas ouvert ici."}, status=404)
        return render(request, "configuration/closed_module.html", {"module": module}, status=404)
