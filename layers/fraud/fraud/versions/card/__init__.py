"""The model card: what is known of a version, for people, as Markdown or as one HTML page."""
