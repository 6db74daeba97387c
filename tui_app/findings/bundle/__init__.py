"""The support bundle: what one connection's or sync's incident leaves, in one file that holds no secret."""
