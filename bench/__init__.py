"""How fast the bot is, measured: each figure beside its reference from the same run. `make bench`; no product code."""
