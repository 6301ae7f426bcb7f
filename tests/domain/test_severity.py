"""The four severities and their public faces."""

import pytest

from omwatch.domain.severity import ComponentStatus, Impact, Severity


@pytest.mark.parametrize(
    ("severity", "number", "label", "impact", "status"),
    [
        (Severity.OUTAGE, 1, "System outage", Impact.CRITICAL, ComponentStatus.MAJOR_OUTAGE),
        (Severity.IMPAIRMENT, 2, "Major impairment", Impact.MAJOR, ComponentStatus.PARTIAL_OUTAGE),
        (Severity.MINOR, 3, "Minor loss of service", Impact.MINOR, ComponentStatus.DEGRADED_PERFORMANCE),
        (Severity.NONE, 4, "No loss of service", Impact.NONE, ComponentStatus.OPERATIONAL),
    ],
)
def test_each_severity_has_its_number_name_impact_and_component_status(
    severity: Severity, number: int, label: str, impact: Impact, status: ComponentStatus
) -> None:
    assert (severity, severity.label, severity.impact, severity.component_status) == (number, label, impact, status)


def test_there_are_four_and_the_worst_is_the_smallest() -> None:
    assert sorted(Severity) == [Severity.OUTAGE, Severity.IMPAIRMENT, Severity.MINOR, Severity.NONE]


def test_public_words_are_statuspages_own() -> None:
    assert [status.value for status in ComponentStatus] == [
        "operational",
        "degraded_performance",
        "partial_outage",
        "major_outage",
        "under_maintenance",
    ]
    assert [impact.value for impact in Impact] == ["critical", "major", "minor", "none"]
    assert ComponentStatus.PARTIAL_OUTAGE.label == "partial outage"
