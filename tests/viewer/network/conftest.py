"""What the tests of the Network workspace share."""

from tests.viewer.network.tiny import tiny_networks  # noqa: F401  # a fixture
