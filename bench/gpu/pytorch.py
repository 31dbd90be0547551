"""The same shapes as `wanscope kernels`, by PyTorch on the same card: matrix products, attention, 3-D convolution.

Usage: python3 bench/gpu/pytorch.py FILE.json
Each is warmed up, then timed by CUDA events over about a tenth of a second, five times; the median counts.
"""
import json
import statistics
import sys

import torch
import torch.nn.functional as F

DIM, FFN = 3072, 14336


def median_seconds(run):
    for _ in range(5):
        run()
    torch.cuda.synchronize()
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)

    def timed(count):
        begin.record()
        for _ in range(count):
            run()
        end.record()
        torch.cuda.synchronize()
        return begin.elapsed_time(end) / 1e3 / count

    count = max(1, int(0.1 / timed(3)))
    return statistics.median(timed(count) for _ in range(5))


def cases():
    for name, dtype in (("f16", torch.float16), ("f32", torch.float32)):
        for rows in (128, 1100, 8192):
            for columns, depth in ((DIM, DIM), (FFN, DIM), (DIM, FFN)):
                x = torch.randn(rows, depth, device="cuda", dtype=dtype)
                w = torch.randn(columns, depth, device="cuda", dtype=dtype)
                yield "matmul", f"{rows}×{depth}×{columns} {name}", 2 * rows * columns * depth, lambda: F.linear(x, w)
        if name == "f16":
            for tokens in (8192, 36080):
                q, k, v = (torch.randn(1, 24, tokens, 128, device="cuda", dtype=dtype) for _ in range(3))
                flops = 4 * 24 * tokens * tokens * 128
                yield "attention", f"{tokens} tokens, 24 heads of 128, {name}", flops, lambda: (
                    F.scaled_dot_product_attention(q, k, v)
                )
        for channels, size in ((1024, 44), (512, 88), (256, 176)):
            x = torch.randn(1, channels, 6, size + 2, size + 2, device="cuda", dtype=dtype)
            w = torch.randn(channels, channels, 3, 3, 3, device="cuda", dtype=dtype)
            flops = 2 * 4 * size * size * channels * channels * 27
            yield "conv", f"4 frames of {size}×{size}, {channels} → {channels}, 3×3×3, {name}", flops, lambda: F.conv3d(x, w)


torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True
found = []
with torch.inference_mode():
    for kernel, title, flops, run in cases():
        seconds = median_seconds(run)
        found.append({"kernel": kernel, "title": title, "seconds": seconds, "flopsPerSecond": flops / seconds})
        print(f"{kernel:10} {title:48} {seconds * 1e3:10.3f} ms {flops / seconds / 1e12:8.1f} TFLOP/s", flush=True)
machine = {"adapter": torch.cuda.get_device_name(), "runtime": f"PyTorch {torch.__version__}"}
if len(sys.argv) > 1:
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump({"machine": machine, "kernels": found}, file, indent=2, ensure_ascii=False)
