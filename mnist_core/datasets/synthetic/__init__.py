"""Digits and non-digits that MNIST lacks, drawn stroke by stroke and from handwriting fonts."""
