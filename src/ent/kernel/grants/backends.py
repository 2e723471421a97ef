"""Who signs in, and django-guardian as one of the answers to `user.has_perm`; the matrix gives the others."""

from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db.models import Model, QuerySet
from guardian.backends import ObjectPermissionBackend
from guardian.core import ObjectPermissionChecker

from ent.kernel.prepared import prepared


@prepared
def _account(key: UUID) -> QuerySet:
    return get_user_model().objects.filter(pk=key)


class PasswordBackend(ModelBackend):
    """Name and password. Grants nothing, so that no page asks Django's tables of permissions."""

    def get_user(self, user_id):
        """Who signed in, as long as they may: asked by every request."""
        found = next(iter(_account(user_id)), None)
        return found if found and self.user_can_authenticate(found) else None

    def get_all_permissions(self, user_obj, obj=None) -> set[str]:
        return set()

    def has_perm(self, user_obj, perm, obj=None) -> bool:
        return False

    def has_module_perms(self, user_obj, app_label) -> bool:
        return False


class GrantBackend(ObjectPermissionBackend):
    """Asked only for what guardian's tables can hold, and once per object and request."""

    def has_perm(self, user_obj, perm, obj=None) -> bool:
        if not user_obj.is_authenticated or not isinstance(obj, Model) or not _can_be_granted(perm, type(obj)):
            return False
        # The account lives as long as its request.
        checker = user_obj.__dict__.setdefault("_grants", ObjectPermissionChecker(user_obj))
        return checker.has_perm(perm, obj)


def _can_be_granted(perm: str, model: type[Model]) -> bool:
    """Whether the model declares this permission (Django's four, and those of its Meta): others have no row."""
    app_label, _, codename = perm.partition(".")
    options = model._meta
    ordinary = {f"{action}_{options.model_name}" for action in options.default_permissions}
    return app_label == options.app_label and codename in ordinary | {name for name, _ in options.permissions}
