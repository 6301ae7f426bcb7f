"""omwatch: a terminal dashboard with an embedded monitoring agent for contact-centre operations."""

__version__ = "0.1.0"
