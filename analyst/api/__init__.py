"""The API under ``/api/v1``: the answers of ``analyst.answers`` as JSON, exports, saved searches.

``table.py`` says which question is asked where, ``app.py`` answers, ``document.py`` describes it all as OpenAPI 3.1.
``keys.py``, ``gate.py`` and ``limits.py`` say who may ask, and how often.
"""
