"""The convolutional networks, small and large."""

from torch import Tensor, nn
from torch.nn import functional as F

from mnist_core.networks.network import Network


class CNN(Network):
    """Two convolutions look for strokes anywhere, two layers decide. 215,194 parameters."""

    def __init__(self, dropout: float = 0.0, outputs: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, kernel_size=5)
        self.conv2 = nn.Conv2d(24, 32, kernel_size=3)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(32 * 5 * 5, 256)
        self.output = nn.Linear(256, outputs)

    def hidden_layers(self) -> list[nn.Module]:
        return [self.conv1, self.conv2, self.hidden]

    def features(self, images: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.conv1(images), 2))  # (N, 24, 12, 12)
        x = F.relu(F.max_pool2d(self.conv2(x), 2))  # (N, 32, 5, 5)
        return x.flatten(1)  # (N, 800)

    def decide(self, features: Tensor) -> Tensor:
        x = self.dropout(features)
        x = self.dropout(F.relu(self.hidden(x)))  # (N, 256)
        return self.output(x)  # type: ignore[no-any-return]  # (N, outputs)


class LargeCNN(Network):
    """Four convolutions, each normalised over the batch (Ioffe and Szegedy 2015), then two layers decide.

    Slower than `CNN`, and better with handwriting it has not seen. 393,962 parameters.
    """

    def __init__(self, dropout: float = 0.0, outputs: int = 10) -> None:
        super().__init__()
        self.conv1 = _normalised(1, 32, kernel_size=5)
        self.conv2 = _normalised(32, 64, kernel_size=3, padding=1)
        self.conv3 = _normalised(64, 64, kernel_size=3, padding=1)
        self.conv4 = _normalised(64, 128, kernel_size=3)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(128 * 4 * 4, 128)
        self.output = nn.Linear(128, outputs)

    def hidden_layers(self) -> list[nn.Module]:
        return [self.conv1, self.conv2, self.conv3, self.conv4, self.hidden]

    def features(self, images: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.conv1(images), 2))  # (N, 32, 12, 12)
        x = F.relu(self.conv2(x))  # (N, 64, 12, 12)
        x = F.relu(F.max_pool2d(self.conv3(x), 2))  # (N, 64, 6, 6)
        x = F.relu(self.conv4(x))  # (N, 128, 4, 4)
        return x.flatten(1)  # (N, 2048)

    def decide(self, features: Tensor) -> Tensor:
        x = self.dropout(features)
        x = self.dropout(F.relu(self.hidden(x)))  # (N, 128)
        return self.output(x)  # type: ignore[no-any-return]  # (N, outputs)


def _normalised(channels: int, filters: int, *, kernel_size: int, padding: int = 0) -> nn.Sequential:
    conv = nn.Conv2d(channels, filters, kernel_size, padding=padding, bias=False)  # the normalisation has a bias
    return nn.Sequential(conv, nn.BatchNorm2d(filters))
