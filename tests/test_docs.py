"""What the documents say is so."""

from pathlib import Path

import pytest

from omwatch.cli.reference import shipped_reference

ROOT = Path(__file__).parents[1]


def test_the_configuration_reference_is_what_the_models_say() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == shipped_reference(), "run 'make docs'"


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") <= 120
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("probe", sorted((ROOT / "probes").glob("*.py")), ids=lambda path: path.name)
def test_shipped_probes_are_short(probe: Path) -> None:
    assert probe.read_text(encoding="utf-8").count("\n") <= 60
