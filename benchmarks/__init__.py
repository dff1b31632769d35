"""Speed and memory claims, measured side by side."""
