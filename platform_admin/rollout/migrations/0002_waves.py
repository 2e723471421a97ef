"""The five waves of the plan exist from the start; what is written of them afterwards is the academy's."""

from django.db import migrations

WAVES = [
    (1, "Pilote", "Six établissements, deux lycées et quatre collèges, pour qualifier le service."),
    (2, "Première vague", "Quarante-huit établissements."),
    (3, "Toute l’académie", "Tous les autres lycées et collèges."),
    (4, "Lycées agricoles", ""),
    (5, "Centres d’apprentissage", ""),
]


def add_waves(apps, editor):
    wave = apps.get_model("rollout", "Wave")
    wave.objects.bulk_create([wave(number=number, name=name, note=note) for number, name, note in WAVES])


class Migration(migrations.Migration):
    dependencies = [("rollout", "0001_initial")]
    operations = [migrations.RunPython(add_waves, migrations.RunPython.noop)]
