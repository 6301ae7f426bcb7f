"""Widgets: each shows one noun, gets values and never the store, and posts messages."""
