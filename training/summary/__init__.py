"""The summary model: which sentence makes the line, what belongs in a digest, and which words may go."""
