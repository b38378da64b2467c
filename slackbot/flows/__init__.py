"""Floor 2: what happens, in order, durably. The only room that imports the engine.

A flow is a workflow of steps; a step finds what an earlier try of it made before it makes anything.
"""
