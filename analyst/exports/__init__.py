"""A search in the forms that other programs read: CSV, JSON, JSON lines, RSS, iCalendar.

Every form says which query it answers and when it was asked. Snippets have at most 300 characters; full texts are
the outlets' and never leave the archive. CSV, JSON and JSON lines hold the whole result, however large, and are made
page by page; RSS holds the newest articles, iCalendar the dated actions of the measures that the result reports.
"""
