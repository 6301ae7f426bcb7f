"""A simulated contact centre on loopback, with faults to inject: the demonstration, and the fixture of the tests."""
