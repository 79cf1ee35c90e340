"""People who sign in, what role they hold in which program, and the tokens their programs use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from knox.models import AbstractAuthToken, AuthTokenManager

from pmo.accounts.roles import Role
from pmo.zones import validate_zone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person with an Argon2-hashed password; e-mail addresses are unique in any case of letters."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # knox has no types
    """A person who signs in with an e-mail address."""

    email = models.EmailField(
        max_length=254, unique=True, error_messages={"unique": "This address is taken."}
    )
    name = models.CharField(max_length=120, validators=[MinLengthValidator(1)])
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    address_proven = models.BooleanField(
        default=True,
        help_text="False where the link of its invitation was read in the office: no mail proved whose it is.",
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pmo_user_email_lower", condition=Q(email=models.functions.Lower("email"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def is_staff(self) -> bool:
        return False  # there is no admin site: every change goes through a service


class AccountMove(models.Model):
    """A person was deactivated or reactivated. Append-only; of the office, in no program."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    active = models.BooleanField(help_text="Whether the person may sign in from then on.")
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="pmo_accountmove_by_another", condition=~Q(person=F("by"))),
            models.CheckConstraint(name="pmo_accountmove_reason", condition=Q(reason__regex=r"\S")),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.active}"


class NameChange(models.Model):
    """A person has another name. Written by the database whenever one is changed; append-only, of no program."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    was = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="Null: the office itself."
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id}: {self.name}"


@pghistory.track()
class Membership(models.Model):
    """A role held by a person in one program (a project manager: in one project of it) from a day to a day.

    Both days count. A role that ended and is given again is another row; on one day it is held once (migration). One
    that was ended on the day it began never counted: its last day is the one before.
    """

    program = models.ForeignKey("programs.Program", models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=32, choices=Role.choices)
    project = models.ForeignKey(
        "programs.Project", models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pmo_membership_term",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from") - timedelta(days=1)),
            ),
            models.CheckConstraint(
                name="pmo_membership_project_of_manager",
                condition=~Q(role=Role.PROJECT_MANAGER) | Q(project__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["user", "program"])]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role} in {self.program_id}"


class ApiToken(AbstractAuthToken):
    """A named token: hashed at rest, with programs and scope, never wider than its owner's roles are today."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Read and write"

    user = models.ForeignKey(User, models.CASCADE, related_name="auth_token_set")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.READ)
    programs: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "programs.Program", blank=True, related_name="+"
    )
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[AuthTokenManager] = AuthTokenManager()

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"
