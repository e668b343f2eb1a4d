"""What news says about sanctuary policy: relevance, places, actions with evidence. ``read`` is the way in."""

from pipeline.policy.reading import read

__all__ = ["read"]
