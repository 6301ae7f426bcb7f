"""Getting notices to subscribers: claim, send through Apprise, settle. The only place that imports Apprise."""
