"""Steps of the core's own tables; frozen once applied."""
