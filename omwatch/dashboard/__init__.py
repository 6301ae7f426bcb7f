"""The dashboard: shows what the store says, acts through the desk, and watches nothing itself."""
