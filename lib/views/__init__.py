"""What several endpoints make of feeds before they answer: rows, pages, charts, alerts."""
