"""What of the school's addresses is conduct's, and where they stand in the navigation."""

from ent.kernel.navigation import entry, module, person_page

module("conduct", "Observations, punitions, incidents", "conduct:", "api:conduct-")
entry("school", "Incidents", "conduct:incidents", "report", "conduct.view_incident", 27)
entry("school", "Retenues", "conduct:detentions", "lock", "conduct.supervise", 28)
entry("school", "Besoin d'aide", "conduct:help", "warning", "conduct.ask_help", 60)
person_page("Observations et punitions", "conduct:pupil", "pen", "conduct.view", 30)
