"""Roads: the road graph, snapping, travel times of all units to one place."""
