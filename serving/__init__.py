"""The BentoML service: HTTP in front of ``standfirst.Reader``, and nothing that the library does itself."""
