"""The laptop cloud: template.yaml deployed for real into a stand-in for AWS on loopback."""
