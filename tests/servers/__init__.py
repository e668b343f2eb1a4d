"""Real servers for tests: started on loopback, killed, frozen and restarted at will."""
