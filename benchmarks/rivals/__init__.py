"""What users would pick instead, written as their own guides say."""
