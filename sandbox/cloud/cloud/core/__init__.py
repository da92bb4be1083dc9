"""What every extension rests on: settings, patches, labels, kept state, the server."""
