"""The subjects of a check: numbered ones, or the names that the configuration lists."""


def subjects(population: int | tuple[str, ...], noun: str) -> tuple[str, ...]:
    """Return the names of a check's subjects: agent-01 … agent-50 for 50 agents."""
    if isinstance(population, tuple):
        return population
    width = max(2, len(str(population)))
    stem = noun.replace(" ", "-")
    return tuple(f"{stem}-{number:0{width}}" for number in range(1, population + 1))
