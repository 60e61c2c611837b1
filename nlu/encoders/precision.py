"""Where the encoder runs, and in which precision: a GPU when there is one, bfloat16 where the processor
computes in it.

Mixed precision (Micikevicius et al. 2018): matrix products in bfloat16; weights, losses and what is added
up in float32. One core with AVX512-BF16, the bundled encoder, 16 texts of 96 tokens, CPU seconds in float32
and bfloat16: forward .74 / .42, a step of LoRA on the top 4 layers .94 / .63, a full step 3.02 / 1.91. The
cosine between the token vectors of both is at least .9999.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch

Precision = Literal["auto", "float32"]

_X86_BFLOAT16 = ("avx512_bf16", "amx_bf16")
"""Without them bfloat16 is emulated, slower than float32."""


def best_device() -> torch.device:
    """The GPU where there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mixed_precision(precision: Precision, device: torch.device) -> torch.autocast:
    """A fresh context for forward passes: bfloat16 where `device` computes in it, else float32.

    What comes out inside may be bfloat16: `.float()` it before the loss. The backward pass and the optimizer
    may stand inside or outside: no cast of a weight is kept, for it would outlive the step that changes the
    weight, and keeping it saves no time that can be measured.
    """
    mixed = precision == "auto" and _computes_in_bfloat16(device)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=mixed, cache_enabled=False)


def _computes_in_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    ask = getattr(torch.cpu, "get_capabilities", dict)  # older versions of torch lack it
    capabilities: Mapping[str, object] = ask()
    return any(capabilities.get(name) for name in _X86_BFLOAT16)
