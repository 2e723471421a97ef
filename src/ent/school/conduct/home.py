"""What waits for a parent's signature."""

from collections import Counter

from ent.kernel.home import pupil_block
from ent.school.conduct.models import Remark


@pupil_block("conduct.sign", order=20, template="conduct/_home_to_sign.html", url_name="conduct:pupil")
def to_sign(request, pupils):
    """{child: how many remarks this guardian has still to sign}. One query."""
    waiting = Remark.objects.filter(pupil__in=pupils, needs_signature=True)
    waiting = waiting.exclude(acknowledgements__guardian=request.acting.person_id)
    return Counter(waiting.order_by().values_list("pupil", flat=True))
