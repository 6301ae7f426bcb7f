"""The rules of the product: pure values and functions that take ``now`` and never wait."""
