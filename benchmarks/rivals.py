"""What people would train MNIST with instead, each written from its published recipe as it is meant to be run.

Each is a generator over its epochs: it trains one, then hands out how to read the test images. Whoever takes the time
stops the clock while it asks.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier
from torch import Tensor, nn
from torch.nn import functional as F

from mnist_core.datasets.torchvision_import import torchvision_datasets

torchvision_datasets()
from torchvision import transforms  # noqa: E402 -- only after our way of importing it

Batches = torch.utils.data.DataLoader[tuple[Tensor, Tensor]]  # images and labels
Reader = Callable[[], np.ndarray]  # reads the test images: (10000,) digits, in the official order
MEAN, STD = (0.1307,), (0.3081,)


def seed_project(folder: Path, seed: int) -> Iterator[Reader]:
    """The usual first MNIST program, with which this project began: DataLoader, MLP 784-512-256-10, Adam, batch 64."""
    torch.manual_seed(seed)
    train, test = _loaders(folder, batch_size=64)
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    while True:
        _epoch(model, train, optimizer, F.cross_entropy)
        yield lambda: _read(model, test)


class ExampleNet(nn.Module):
    """The network of pytorch/examples."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = F.relu(self.conv2(F.relu(self.conv1(images))))  # (N, 64, 24, 24)
        x = self.dropout1(F.max_pool2d(x, 2))  # (N, 64, 12, 12)
        x = self.dropout2(F.relu(self.fc1(x.flatten(1))))  # (N, 128)
        return F.log_softmax(self.fc2(x), dim=1)


def pytorch_examples(folder: Path, seed: int) -> Iterator[Reader]:
    """Source: github.com/pytorch/examples, mnist/main.py with its defaults; shuffled, as it is where there is a GPU."""
    torch.manual_seed(seed)
    train, test = _loaders(folder, batch_size=64)
    model = ExampleNet()
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    while True:
        _epoch(model, train, optimizer, F.nll_loss)
        yield lambda: _read(model, test)
        schedule.step()


def scikit_learn(folder: Path, seed: int) -> Iterator[Reader]:
    """scikit-learn's MLPClassifier with hidden layers 512 and 256, all else as it comes, pixels scaled to 0 to 1."""
    mnist = torchvision_datasets().MNIST
    train, test = mnist(folder, train=True), mnist(folder, train=False)
    images = train.data.numpy().reshape(-1, 784).astype(np.float32) / 255
    labels = train.targets.numpy()
    test_images = test.data.numpy().reshape(-1, 784).astype(np.float32) / 255
    model = MLPClassifier((512, 256), random_state=seed)
    while True:
        model.partial_fit(images, labels, classes=range(10))  # one epoch, shuffled
        yield lambda: model.predict(test_images)


def _loaders(folder: Path, *, batch_size: int) -> tuple[Batches, Batches]:
    mnist = torchvision_datasets().MNIST
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
    train, test = (mnist(folder, train=part, transform=transform) for part in (True, False))
    loader = torch.utils.data.DataLoader
    return loader(train, batch_size=batch_size, shuffle=True), loader(test, batch_size=1000)


def _epoch(
    model: nn.Module,
    batches: Batches,
    optimizer: torch.optim.Optimizer,
    loss_of: Callable[[Tensor, Tensor], Tensor],
) -> None:
    model.train()
    for images, labels in batches:
        optimizer.zero_grad()
        loss_of(model(images), labels).backward()
        optimizer.step()


@torch.no_grad()
def _read(model: nn.Module, batches: Batches) -> np.ndarray:
    model.eval()
    return torch.cat([model(images).argmax(1) for images, _ in batches]).numpy()
