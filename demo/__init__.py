"""A small newsroom on loopback: the first run without internet, and the world of the end-to-end test."""
