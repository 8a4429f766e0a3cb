"""The record: the append contract, its codec, the digest chain, folds. Pure: stores are adapters."""
