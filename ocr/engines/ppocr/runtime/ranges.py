"""What goes into convolutions that may calculate in 8 bits, by the digest of the network's file.

Printed by `python -m benchmarks.fitting.calibrate`, which says how it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping

RANGES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    # PP-OCRv6_rec_small.onnx
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884": {
        "Conv.4": (0.0, 21.113),
        "Conv.8": (-1.599, 2.151),
        "Conv.9": (-0.17, 3.68),
        "Conv.11": (-2.707, 2.458),
        "Conv.12": (-0.17, 4.586),
        "Conv.14": (-2.184, 2.345),
        "Conv.15": (-0.17, 2.969),
        "Conv.17": (-5.853, 3.956),
        "Conv.18": (-0.17, 4.546),
        "Conv.22": (-1.07, 1.542),
        "Conv.23": (-0.17, 4.111),
        "Conv.25": (-2.303, 3.061),
        "Conv.26": (-0.17, 4.155),
        "Conv.30": (-1.764, 1.274),
        "Conv.31": (-0.17, 3.599),
        "Conv.33": (-2.222, 3.534),
        "Conv.34": (-0.17, 3.884),
        "Conv.38": (-1.015, 1.46),
        "Conv.39": (-0.17, 4.164),
        "Conv.41": (-2.851, 2.587),
        "Conv.42": (-0.17, 2.446),
        "Conv.44": (-3.386, 6.188),
        "Conv.45": (-0.17, 5.349),
        "Conv.49": (-0.851, 1.073),
        "Conv.50": (-0.17, 6.754),
        "Conv.52": (-9.265, 7.299),
        "Conv.53": (-0.17, 4.309),
        "Conv.55": (-6.767, 9.416),
        "Conv.54": (-6.767, 9.416),
    },
}
