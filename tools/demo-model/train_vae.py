"""Stage 1: the video VAE, on 9-frame 64×64 crops, then on whole 17-frame clips (`finetune`).

Usage: train_vae.py MINUTES; train_vae.py finetune MINUTES. Writes vae.safetensors.
"""
import math
import sys
import time

import numpy as np
import safetensors_io as st
import scenes
import torch
import wan_torch as W

torch.set_num_threads(2)
C = dict(
    dim=16,
    dec_dim=24,
    z_dim=16,
    dim_mult=[1, 2, 4, 4],
    num_res_blocks=1,
    temporal_downsample=[False, True, True],
)


def init(c):
    """Parameters of the VAE for config c, under the original checkpoint names."""
    p = {}
    g = torch.Generator().manual_seed(0)

    def conv(n, o, i, *k):
        f = i * math.prod(k)
        p[n + ".weight"] = torch.randn(o, i, *k, generator=g) * math.sqrt(1.0 / f)
        p[n + ".bias"] = torch.zeros(o)

    def norm(n, d, images):
        p[n + ".gamma"] = torch.ones(d, 1, 1) if images else torch.ones(d, 1, 1, 1)

    def res(n, i, o):
        norm(n + ".residual.0", i, False)
        conv(n + ".residual.2", o, i, 3, 3, 3)
        norm(n + ".residual.3", o, False)
        conv(n + ".residual.6", o, o, 3, 3, 3)
        p[n + ".residual.6.weight"] *= 0.1
        if i != o:
            conv(n + ".shortcut", o, i, 1, 1, 1)

    def att(n, d):
        norm(n + ".norm", d, True)
        conv(n + ".to_qkv", 3 * d, d, 1, 1)
        conv(n + ".proj", d, d, 1, 1)
        p[n + ".proj.weight"] *= 0

    m = c["dim_mult"]
    nb = c["num_res_blocks"]
    z = c["z_dim"]
    dims = [c["dim"] * u for u in [1] + m]
    conv("encoder.conv1", dims[0], 12, 3, 3, 3)
    for i, (a, b) in enumerate(zip(dims[:-1], dims[1:])):
        x = a
        for j in range(nb):
            res(f"encoder.downsamples.{i}.downsamples.{j}", x, b)
            x = b
        if i < len(m) - 1:
            n = f"encoder.downsamples.{i}.downsamples.{nb}"
            conv(n + ".resample.1", b, b, 3, 3)
            if c["temporal_downsample"][i]:
                conv(n + ".time_conv", b, b, 3, 1, 1)
    d = dims[-1]
    res("encoder.middle.0", d, d)
    att("encoder.middle.1", d)
    res("encoder.middle.2", d, d)
    norm("encoder.head.0", d, False)
    conv("encoder.head.2", 2 * z, d, 3, 3, 3)
    conv("conv1", 2 * z, 2 * z, 1, 1, 1)
    conv("conv2", z, z, 1, 1, 1)
    dims = [c["dec_dim"] * u for u in [m[-1]] + m[::-1]]
    conv("decoder.conv1", dims[0], z, 3, 3, 3)
    d = dims[0]
    res("decoder.middle.0", d, d)
    att("decoder.middle.1", d)
    res("decoder.middle.2", d, d)
    ut = c["temporal_downsample"][::-1]
    for i, (a, b) in enumerate(zip(dims[:-1], dims[1:])):
        x = a
        for j in range(nb + 1):
            res(f"decoder.upsamples.{i}.upsamples.{j}", x, b)
            x = b
        if i < len(m) - 1:
            n = f"decoder.upsamples.{i}.upsamples.{nb+1}"
            conv(n + ".resample.1", b, b, 3, 3)
            if ut[i]:
                conv(n + ".time_conv", 2 * b, b, 3, 1, 1)
    norm("decoder.head.0", dims[-1], False)
    conv("decoder.head.2", 12, dims[-1], 3, 3, 3)
    return p


def enc(p, v):
    one = torch.ones(C["z_dim"])
    zero = torch.zeros(C["z_dim"])
    return W.vae_encode(p, C, v, zero, one)


def dec(p, z):
    return W.vae_decode(p, C, z, torch.zeros(C["z_dim"]), torch.ones(C["z_dim"]))


def train(mins, B=4):
    p = {k: v.requires_grad_(True) for k, v in init(C).items()}
    print("params", sum(v.numel() for v in p.values()) / 1e6, flush=True)
    opt = torch.optim.AdamW(list(p.values()), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0)
    ema = {k: v.detach().clone() for k, v in p.items()}
    rng = np.random.default_rng(0)
    t0 = time.time()
    s = 0
    log = []
    while True:
        el = (time.time() - t0) / 60
        if el > mins:
            break
        lr = 1.2e-3 * min(1, (s + 1) / 100) * (0.5 * (1 + math.cos(math.pi * el / mins)) * 0.97 + 0.03)
        for g in opt.param_groups:
            g["lr"] = lr
        vs = []
        for _ in range(B):
            v = scenes.render(rng, scenes.sample(rng))
            t = rng.integers(0, 9)
            y, x = rng.integers(0, 33, 2)
            vs.append(v[:, t : t + 9, y : y + 64, x : x + 64])
        v = torch.from_numpy(np.stack(vs))
        mu = enc(p, v)
        z = mu + torch.randn_like(mu) * 0.03
        r = dec(p, z)
        d = r - v
        l1 = d.abs().mean()
        l2 = d.pow(2).mean()
        gx = (d[..., 1:] - d[..., :-1]).abs().mean() + (d[..., 1:, :] - d[..., :-1, :]).abs().mean()
        reg = mu.pow(2).mean()
        loss = l1 + 2 * l2 + 0.5 * gx + 2e-3 * reg
        opt.zero_grad()
        loss.backward()
        gn = torch.nn.utils.clip_grad_norm_(list(p.values()), 1.0)
        opt.step()
        s += 1
        dk = min(0.999, (1 + s) / (10 + s))
        with torch.no_grad():
            for k in p:
                ema[k].lerp_(p[k].detach(), 1 - dk)
        log.append(float(l2))
        if s % 50 == 0:
            print(
                s,
                f"{el:.1f}m lr {lr:.1e} l1 {float(l1):.4f} psnr {10*math.log10(4/np.mean(log[-50:])):.2f} reg {float(reg):.2f} gn {float(gn):.2f}",
                flush=True,
            )
        if s % 500 == 0:
            st.save("vae.safetensors", {k: v.numpy() for k, v in ema.items()}, {"config": C})
    st.save("vae.safetensors", {k: v.numpy() for k, v in ema.items()}, {"config": C})
    print("done", s)


def finetune(mins, B=3):
    p = {k: torch.from_numpy(v.copy()).requires_grad_(True) for k, v in st.load("vae.safetensors")[0].items()}
    ema = {k: v.detach().clone() for k, v in p.items()}
    opt = torch.optim.AdamW(list(p.values()), lr=3e-4, betas=(0.9, 0.98), weight_decay=0.0)
    rng = np.random.default_rng(77)
    t0 = time.time()
    s = 0
    log = []
    while (time.time() - t0) / 60 < mins:
        el = (time.time() - t0) / 60
        lr = 3e-4 * min(1, (s + 1) / 50) * (0.5 * (1 + math.cos(math.pi * el / mins)) * 0.97 + 0.03)
        for g in opt.param_groups:
            g["lr"] = lr
        vs = []
        for _ in range(B):
            v = scenes.render(rng, scenes.sample(rng))
            y, x = rng.integers(0, 33, 2)
            vs.append(v[:, :, y : y + 64, x : x + 64])
        v = torch.from_numpy(np.stack(vs))
        mu = enc(p, v)
        z = mu + torch.randn_like(mu) * 0.03
        r = dec(p, z)
        d = r - v
        gx = (d[..., 1:] - d[..., :-1]).abs().mean() + (d[..., 1:, :] - d[..., :-1, :]).abs().mean()
        loss = d.abs().mean() + 2 * d.pow(2).mean() + 0.5 * gx + 2e-3 * mu.pow(2).mean()
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(p.values()), 1.0)
        opt.step()
        s += 1
        dk = min(0.995, (1 + s) / (10 + s))
        with torch.no_grad():
            for k in p:
                ema[k].lerp_(p[k].detach(), 1 - dk)
        log.append(float(d.pow(2).mean()))
        if s % 50 == 0:
            print(s, f"{el:.1f}m psnr {10*math.log10(4/np.mean(log[-50:])):.2f}", flush=True)
    st.save("vae.safetensors", {k: v.numpy() for k, v in ema.items()}, {"config": C})
    print("done", s)


if __name__ == "__main__":
    finetune(float(sys.argv[2])) if sys.argv[1] == "finetune" else train(float(sys.argv[1]))
