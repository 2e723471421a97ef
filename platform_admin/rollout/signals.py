"""What others may want to know of the plan."""

from django.dispatch import Signal

# Schools (`schools`: their keys) were placed in a wave or moved to another, many at once.
schools_moved = Signal()
