"""A certificate for the servers of these tests."""

from tests.transport.conftest import certificate, tls

__all__ = ["certificate", "tls"]
