"""How a network is run: sessions, and convolutions in 8 bits."""
