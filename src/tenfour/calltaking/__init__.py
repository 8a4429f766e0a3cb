"""Call taking: what a call is, who may be called back, how it is answered, heard and ends."""
