"""Any picture a person has, from decoding to the digit, 28 x 28, that the networks read."""
