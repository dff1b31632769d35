"""A bulk batch through the real splitter and real workers, one of which is killed midway."""
