"""Model versions: registered once, activated and rolled back by moving one pointer."""
