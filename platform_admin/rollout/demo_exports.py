"""Exports for the demonstration's first wave, laid where launches read them: one a school, one of them cut short."""

import shutil

from ent.exchange.aaf.generator import generate, this_year
from ent.exchange.aaf.split import split
from platform_admin.rollout.actions import ready_to_launch
from platform_admin.rollout.models import Wave
from platform_admin.tasks import imports_folder

SEED = 48
LAID, MENDED = "premiere-vague", "premiere-vague-complement"
KEPT_BYTES = 20_000


def write(wave: Wave) -> None:
    """`premiere-vague/<UAI>/` for each ready school, the first one's pupils cut short; hers whole beside."""
    uais = [deployment.school.uai for deployment in ready_to_launch(wave)]
    laid, mended, whole = imports_folder() / LAID, imports_folder() / MENDED, imports_folder() / f"{LAID}-entier"
    for folder in (laid, mended, whole):
        shutil.rmtree(folder, ignore_errors=True)
    generate(whole, len(uais), SEED, size="small", uais=uais, day=this_year())
    split(whole, uais, laid)
    shutil.rmtree(whole)
    shutil.copytree(laid / uais[0], mended)
    for path in (laid / uais[0]).glob("*_Eleve_*.xml"):
        with path.open("r+b") as file:
            file.truncate(KEPT_BYTES)
