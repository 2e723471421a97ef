"""Accounts of the academy: one name and one password per person, whatever the schools and roles."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from ent.kernel.ids import new_id


class AccountManager(BaseUserManager["Account"]):
    """Looks accounts up by sign-in name, as typed."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(sign_in_name=(username or "").strip().lower())


class Account(AbstractBaseUser, PermissionsMixin):
    """A person of the academy. Names stay in the schools; here is only what signing in needs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sign_in_name = models.CharField("identifiant", max_length=80, unique=True)
    email = models.EmailField("adresse électronique", blank=True)
    language = models.CharField("langue", max_length=10, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Null until the person chose a password.
    activated_at = models.DateTimeField(null=True, blank=True)
    # Set when no school knows the person any more; cleared when one does again.
    closed_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "sign_in_name"
    objects = AccountManager()

    class Meta:
        indexes = [models.Index(fields=["email"], name="account_email")]

    def __str__(self) -> str:
        return self.sign_in_name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django signs in active accounts only."""
        return self.closed_at is None

    @property
    def state(self) -> str:
        """`waiting` (never activated), `active` or `closed`."""
        if self.closed_at:
            return "closed"
        return "active" if self.activated_at else "waiting"


class AccountKey(models.Model):
    """A key of the directory that stands for this account ("relative", "staff" or "pupil", ENTPersonJointure)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="keys")
    category = models.CharField(max_length=10)
    key = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["category", "key"], name="one_account_per_directory_key")]


class Membership(models.Model):
    """An account has a person in a school (the person's row lives there, known here by id alone)."""

    class Profile(models.TextChoices):
        PUPIL = "pupil", "Élève"
        RELATIVE = "relative", "Responsable"
        STAFF = "staff", "Personnel"

    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    school = models.ForeignKey("tenants.School", models.CASCADE, related_name="memberships")
    profile = models.CharField(max_length=10, choices=Profile)
    person_id = models.UUIDField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "person_id"], name="one_membership_per_person")]


class ActivationCode(models.Model):
    """What a letter carries: lets its holder choose a password, once. Only a digest is kept."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="activation_code")
    # SHA-256 of the code; codes have 60 bits of chance, so a slow hash adds nothing.
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()


class PassageTicket(models.Model):
    """Takes a signed-in person from one host to another: single use, half a minute."""

    digest = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE)
    school = models.ForeignKey("tenants.School", models.CASCADE, null=True, help_text="Null: the portal.")
    expires_at = models.DateTimeField()


class ApiToken(models.Model):
    """A person's key for an application; valid on one host. Only a digest is kept."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="api_tokens")
    school = models.ForeignKey("tenants.School", models.CASCADE, null=True)
    name = models.CharField("nom de l'application", max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    # What it opens (kernel.access.api_scope); empty: all that its owner may read here.
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
