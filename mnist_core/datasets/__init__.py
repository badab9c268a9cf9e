"""Where images and labels come from: a registry of data sets, MNIST's download, people's own pictures."""
