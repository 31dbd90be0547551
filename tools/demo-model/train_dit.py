"""Stage 3: text encoder and transformer together, flow matching, 10 % empty prompts, 20 % with a clean first frame.

Usage: train_dit.py MINUTES BATCH. Two processes share gradients. Writes dit.safetensors, latent_stats.json.
"""
import json
import math
import sys
import time

import numpy as np
import safetensors_io as st
import scenes
import sentencepiece as spm
import torch
import torch.multiprocessing as mp
import wan_torch as W

torch.set_num_threads(1)
T5 = dict(
    vocab=582, dim=128, dim_attn=128, dim_ffn=320, num_heads=2, num_layers=3, num_buckets=32, max_distance=128
)
DC = dict(
    patch=[1, 2, 2],
    text_len=48,
    in_dim=16,
    out_dim=16,
    dim=256,
    ffn_dim=896,
    freq_dim=256,
    text_dim=128,
    num_heads=2,
    num_layers=6,
    eps=1e-6,
)
sp = spm.SentencePieceProcessor(model_file="spiece.model")


def tok(s):
    return (sp.encode(s) + [1])[: DC["text_len"]]


def init():
    g = torch.Generator().manual_seed(1)
    p = {}

    def lin(n, o, i, b=True, s=1.0):
        p[n + ".weight"] = torch.randn(o, i, generator=g) * s / math.sqrt(i)
        if b:
            p[n + ".bias"] = torch.zeros(o)

    c = T5
    d = c["dim"]
    p["t5.token_embedding.weight"] = torch.randn(c["vocab"], d, generator=g)
    for l in range(c["num_layers"]):
        k = f"t5.blocks.{l}."
        p[k + "norm1.weight"] = torch.ones(d)
        p[k + "norm2.weight"] = torch.ones(d)
        lin(k + "attn.q", c["dim_attn"], d, False, (c["dim_attn"] // c["num_heads"]) ** -0.5)
        for m in "kv":
            lin(k + f"attn.{m}", c["dim_attn"], d, False)
        lin(k + "attn.o", d, c["dim_attn"], False, 0.5)
        lin(k + "ffn.gate.0", c["dim_ffn"], d, False)
        lin(k + "ffn.fc1", c["dim_ffn"], d, False)
        lin(k + "ffn.fc2", d, c["dim_ffn"], False, 0.5)
        p[k + "pos_embedding.embedding.weight"] = (
            torch.randn(c["num_buckets"], c["num_heads"], generator=g) * 0.3
        )
    p["t5.norm.weight"] = torch.ones(d)
    c = DC
    d = c["dim"]
    i = c["in_dim"]
    p["patch_embedding.weight"] = torch.randn(d, i, 1, 2, 2, generator=g) / math.sqrt(4 * i)
    p["patch_embedding.bias"] = torch.zeros(d)
    lin("text_embedding.0", d, c["text_dim"])
    lin("text_embedding.2", d, d)
    lin("time_embedding.0", d, c["freq_dim"], True, 0.5)
    lin("time_embedding.2", d, d, True, 0.5)
    lin("time_projection.1", 6 * d, d, True, 0.1)
    for l in range(c["num_layers"]):
        k = f"blocks.{l}."
        p[k + "modulation"] = torch.randn(1, 6, d, generator=g) * 0.02
        p[k + "modulation"][:, 2] += 0.3
        p[k + "modulation"][:, 5] += 0.3
        for a in ("self_attn", "cross_attn"):
            for m in "qkvo":
                lin(f"{k}{a}.{m}", d, d, True, 0.5 if m == "o" else 1.0)
            p[f"{k}{a}.norm_q.weight"] = torch.ones(d)
            p[f"{k}{a}.norm_k.weight"] = torch.ones(d)
        p[k + "norm3.weight"] = torch.ones(d)
        p[k + "norm3.bias"] = torch.zeros(d)
        lin(k + "ffn.0", c["ffn_dim"], d)
        lin(k + "ffn.2", d, c["ffn_dim"], True, 0.5)
    p["head.modulation"] = torch.randn(1, 2, d, generator=g) * 0.02
    lin("head.head", 4 * c["out_dim"], d, True, 0.02)
    return p


def forward(p, x, t, ids, mask, sig=None):
    e = W.t5_encode(p, T5, ids, mask, "t5.") * mask[..., None]
    ctx = torch.zeros(x.shape[0], DC["text_len"], DC["text_dim"])
    ctx[:, : e.shape[1]] = e
    return W.dit(p, DC, x, t, ctx)


def batch_tokens(caps):
    t = [tok(c) for c in caps]
    n = max(map(len, t))
    ids = torch.zeros(len(t), n, dtype=torch.long)
    m = torch.zeros(len(t), n)
    for i, x in enumerate(t):
        ids[i, : len(x)] = torch.tensor(x)
        m[i, : len(x)] = 1
    return ids, m


def worker(rank, n, mins, B, buf, bar, Z, S, q):
    torch.set_num_threads(1)
    p = {k: v.requires_grad_(True) for k, v in init().items()}
    names = list(p)
    opt = torch.optim.AdamW(list(p.values()), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0)
    ema = {k: v.detach().clone() for k, v in p.items()}
    rng = np.random.default_rng(1000 + rank)
    torch.manual_seed(rank)
    t0 = time.time()
    s = 0
    log = []
    f, h, w = Z.shape[2:]
    while True:
        if rank == 0:
            q[0] = (time.time() - t0) / 60
        bar.wait()
        el = float(q[0])
        if el > mins:
            break
        lr = (
            1.2e-3 * min(1, (s + 1) / 150) * (0.5 * (1 + math.cos(math.pi * min(1, el / mins))) * 0.97 + 0.03)
        )
        for g in opt.param_groups:
            g["lr"] = lr
        ix = rng.integers(0, len(Z), B)
        x0 = Z[ix]
        caps = [scenes.caption(rng, S[i]) if rng.random() > 0.1 else "" for i in ix]
        ids, m = batch_tokens(caps)
        u = torch.from_numpy(rng.random(B).astype("f"))
        sg = 3 * u / (1 + 2 * u)
        nz = torch.randn_like(x0)
        sv = sg.view(-1, 1, 1, 1, 1).expand(B, 1, f, h, w).clone()
        i2v = torch.from_numpy((rng.random(B) < 0.2))
        sv[i2v, :, 0] = 0
        xt = (1 - sv) * x0 + sv * nz
        t = (sv[:, 0, :, ::2, ::2] * 1000).flatten(1)
        v = forward(p, xt, t, ids, m)
        wgt = (sv > 0).float()
        loss = ((v - (nz - x0)).pow(2) * wgt).sum() / wgt.sum() / x0.shape[1]
        opt.zero_grad(set_to_none=True)
        loss.backward()
        buf[rank].copy_(torch.cat([p[k].grad.flatten() for k in names]))
        bar.wait()
        g = (buf[0] + buf[1]) * 0.5
        gn = g.norm()
        g *= min(1.0, 1.0 / (float(gn) + 1e-6))
        bar.wait()
        o = 0
        for k in names:
            c = p[k].numel()
            p[k].grad = g[o : o + c].view_as(p[k])
            o += c
        opt.step()
        s += 1
        if rank == 0:
            dk = min(0.999, (1 + s) / (10 + s))
            with torch.no_grad():
                for k in p:
                    ema[k].lerp_(p[k].detach(), 1 - dk)
            log.append(float(loss))
            if s % 50 == 0:
                print(
                    s, f"{el:.1f}m lr {lr:.1e} loss {np.mean(log[-100:]):.4f} gn {float(gn):.2f}", flush=True
                )
            if s % 400 == 0:
                st.save("dit.safetensors", {k: v.numpy() for k, v in ema.items()}, {"config": DC, "t5": T5})
    if rank == 0:
        st.save("dit.safetensors", {k: v.numpy() for k, v in ema.items()}, {"config": DC, "t5": T5})
        print("done", s, flush=True)


if __name__ == "__main__":
    mins = float(sys.argv[1])
    B = int(sys.argv[2])
    d = np.load("latents.npz", allow_pickle=True)
    Z = torch.from_numpy(d["z"])
    S = list(d["s"])
    mean = Z.mean((0, 2, 3, 4))
    std = Z.std((0, 2, 3, 4))
    Z = (Z - mean.view(1, -1, 1, 1, 1)) / std.view(1, -1, 1, 1, 1)
    Z.share_memory_()
    json.dump({"mean": mean.tolist(), "std": std.tolist()}, open("latent_stats.json", "w"))
    n = sum(v.numel() for v in init().values())
    buf = torch.zeros(2, n).share_memory_()
    q = torch.zeros(1).share_memory_()
    ctx = mp.get_context("fork")
    bar = ctx.Barrier(2)
    ps = [ctx.Process(target=worker, args=(r, 2, mins, B, buf, bar, Z, S, q)) for r in range(2)]
    [x.start() for x in ps]
    [x.join() for x in ps]
