"""Races on a real DynamoDB; as a package, so that each is ended when its last test is done."""
