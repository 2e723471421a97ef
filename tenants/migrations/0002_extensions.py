"""Extensions that schools' indexes and constraints use; they live in `public`."""

from django.contrib.postgres.operations import BtreeGistExtension, CITextExtension, TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [BtreeGistExtension(), CITextExtension(), TrigramExtension(), UnaccentExtension()]
