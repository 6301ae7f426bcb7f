"""The list of suggestions in memory, for replays and simulations: what the store keeps for a live watcher."""

from collections.abc import Iterable
from dataclasses import replace

from omwatch.domain.proposing import Proposal
from omwatch.domain.suggestion import Suggestion, SuggestionState


class Docket:
    """Suggestions by number, as the judge's moves leave them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._next = 1
        self._pending: dict[int, Suggestion] = {}

    @property
    def pending(self) -> list[Suggestion]:
        """What the judge has to know: open ones, and dismissed ones whose trouble is not over; the newest first."""
        return list(reversed(self._pending.values()))

    @property
    def open(self) -> list[Suggestion]:
        """Those that wait for an operator, the newest first."""
        return [item for item in self.pending if item.state is SuggestionState.OPEN]

    def carry_out(self, proposals: Iterable[Proposal]) -> list[Proposal]:
        """Apply the judge's moves and return them, new suggestions with their numbers."""
        return [self._carry_out(proposal) for proposal in proposals]

    def decide(self, number: int, state: SuggestionState) -> Suggestion:
        """Note an operator's decision on an open suggestion and return it as it is now.

        Raises:
            KeyError: there is no such suggestion, or it waits for nobody.
        """
        decided = replace(self._pending[number], state=state)
        self._keep(decided)
        return decided

    def _carry_out(self, proposal: Proposal) -> Proposal:
        suggestion = proposal.suggestion
        if not suggestion.id:
            suggestion = replace(suggestion, id=self._next)
            self._next += 1
        self._keep(suggestion)
        return replace(proposal, suggestion=suggestion)

    def _keep(self, suggestion: Suggestion) -> None:
        dismissed = suggestion.state is SuggestionState.DISMISSED and not suggestion.settled
        if suggestion.state is SuggestionState.OPEN or dismissed:
            self._pending[suggestion.id] = suggestion
        else:
            self._pending.pop(suggestion.id, None)
