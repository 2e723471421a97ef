"""django-guardian as one of the answers to `user.has_perm`."""

from guardian.backends import ObjectPermissionBackend


class GrantBackend(ObjectPermissionBackend):
    """Answers for rights of the object's own application; guardian alone refuses the question for all others."""

    def has_perm(self, user_obj, perm, obj=None) -> bool:
        if obj is not None and perm.partition(".")[0] != obj._meta.app_label:
            return False
        return super().has_perm(user_obj, perm, obj)
