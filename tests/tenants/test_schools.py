"""What a school is called where there is little room."""

import pytest

from tenants.models import without_kind


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Collège du Grand Tilleul", "Le Grand Tilleul"), ("Collège de la Pierre Bleue", "La Pierre Bleue"),
        ("Lycée des Volcans d'Essai", "Les Volcans d'Essai"), ("Collège de l'Essai", "L'Essai"),
        ("Lycée professionnel d’Essai", "Essai"), ("Collège Jean-Essai", "Jean-Essai"),
        ("Lycée général et technologique de Bourg-Essai", "Bourg-Essai"),
        ("Institution du Parc", "Institution du Parc"),
    ],
)  # fmt: skip
def test_a_school_is_called_without_its_kind(name, called):
    assert without_kind(name) == called
