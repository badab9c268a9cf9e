"""One thread for one picture."""

import torch

from mnist_core.reading.threads import one_thread


def test_torch_has_one_thread_within_and_as_many_as_before_afterwards() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
