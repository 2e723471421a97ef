"""One account per person for the whole academy."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ent.accounts"
    label = "accounts"
