"""The commands, a file for each concern; each is one call of the API and one picture of its reply."""
