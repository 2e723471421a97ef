"""Notifications are part of every school; the bell stands in the top bar."""

from ent.kernel.navigation import class_page, module

module("notifications", "Notifications", "notifications:", essential=True)
class_page("Semaine à imprimer", "notifications:weeks", "report", "notifications.print_weeks", 50)
