"""The home folder and its config.toml, read into typed settings."""
