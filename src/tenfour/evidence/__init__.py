"""Evidence: exhibits of an incident, who had them, and whether they are still what they were."""
