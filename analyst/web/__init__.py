"""The web: search, timeline, sources, dockets, why, feeds and status as pages rendered on the server.

``app.make_app`` makes the application, ``serve.serve`` runs it: on loopback, or elsewhere for whoever shows a key. All
state is in the address of a page, and nothing needs a script, though two make charts and keyboard better. Texts from
the web are data: escaped, freed of what turns writing round, never a link unless it is one to http or https.
"""
