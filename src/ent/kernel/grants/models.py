"""django-guardian's tables without constraints to public ones: no foreign key crosses from a school to `public`."""

from django.conf import settings
from django.db import models
from guardian.models import GroupObjectPermissionAbstract, UserObjectPermissionAbstract

from ent.kernel.ids import new_id


class AccountGrant(UserObjectPermissionAbstract):
    """One account may do one thing to one object."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False)
    permission = models.ForeignKey("auth.Permission", models.CASCADE, db_constraint=False)
    content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE, db_constraint=False)

    class Meta(UserObjectPermissionAbstract.Meta):
        abstract = False


class GroupGrant(GroupObjectPermissionAbstract):
    """One group of accounts may do one thing to one object."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey("auth.Group", models.CASCADE, db_constraint=False)
    permission = models.ForeignKey("auth.Permission", models.CASCADE, db_constraint=False)
    content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE, db_constraint=False)

    class Meta(GroupObjectPermissionAbstract.Meta):
        abstract = False
