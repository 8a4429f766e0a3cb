"""Release: what is told to the public. Drafts only: nothing is approved or published here."""
