"""A person's key for an application: the same rights as the person, on one school's host."""

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from ent.accounts.codes import digest
from ent.accounts.models import ApiToken
from ent.accounts.queries import is_member
from ent.kernel.access import attach


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer ent_…`."""

    keyword = "Bearer"

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed("L'en-tête attendu est « Authorization: Bearer CLÉ ».")
        school = request._request.school
        token = (
            ApiToken.objects.select_related("account")
            .filter(digest=digest(parts[1].decode("latin-1")), school=school, expires_at__gt=timezone.now())
            .first()
        )
        if token is None or not token.account.is_active or not is_member(token.account, school):
            raise AuthenticationFailed("Cette clé n'est pas valable ici.")
        today = timezone.localdate()
        if token.last_used_on != today:
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
        token.account.by_token = token
        attach(token.account, request._request)
        return token.account, token

    def authenticate_header(self, request) -> str:
        return self.keyword


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description names it."""

    target_class = "ent.accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Une clé créée dans « Mon compte »."}
