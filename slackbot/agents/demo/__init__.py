"""The built-in demo agent: an ACP program without AI that follows explicit instructions and knows one story."""
