"""Writes to_meta.pt: a TorchScript module that moves a tensor to the meta device.

A meta tensor has a shape and no data, so that whatever reads a value of it fails. The crate tch has
no name for that device. Run with the Python that holds PyTorch:

    .libtorch/bin/python tests/golden/to_meta.py
"""

from pathlib import Path

import torch


class ToMeta(torch.nn.Module):
    def forward(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(torch.device("meta"))


torch.jit.script(ToMeta()).save(str(Path(__file__).with_suffix(".pt")))
