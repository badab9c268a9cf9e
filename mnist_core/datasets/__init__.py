"""Where images and labels come from: a registry of data sets, MNIST's download, a person's own pictures."""
