"""Archives: millions of paragraphs labelled, nothing lost and nothing twice. The page about it is README.md here.

The data flow one way and the files are named after its steps: inputs -> streams -> records -> rows -> plan (shards)
-> work (one shard on its way) -> output. ``models`` answer, in the processes of a ``pool`` or on a cluster; ``answers``
remembers; ``storage`` makes files that are whole or absent. ``command`` is ``standfirst score``; ``job`` is what was
asked for, and ``run`` does it. Engines (``local``, ``cluster``) differ only in where a shard's texts are scored.
"""
