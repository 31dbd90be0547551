"""Whole-clip PyTorch reference of the three Wan2.2 TI2V networks, in tensor-dict form.

Every function takes `p`, a dict of parameters under the original checkpoint names, and
a prefix. Whole-clip convolutions give the same numbers as the chunked, cached form that
the published model runs, because every temporal convolution is causal.
Shapes: video/latents [B, C, T, H, W]; token sequences [B, L, D].
"""
import math
import torch
import torch.nn.functional as F


def lin(p, n, x):
    return F.linear(x, p[n + ".weight"], p.get(n + ".bias"))


# ---------------------------------------------------------------- UMT5 encoder


def t5_bucket(n, buckets, max_distance):
    half = buckets // 2
    rel = torch.arange(n)[None, :] - torch.arange(n)[:, None]
    out = (rel > 0).long() * half
    rel = rel.abs()
    exact = half // 2
    far = (
        exact
        + (
            torch.log(rel.clamp(min=1).float() / exact) / math.log(max_distance / exact) * (half - exact)
        ).long()
    )
    return out + torch.where(rel < exact, rel, far.clamp(max=half - 1))


def t5_norm(p, n, x):
    return p[n + ".weight"] * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


def t5_encode(p, c, ids, mask, pre=""):
    """ids, mask [B, L] -> [B, L, dim]; masked positions carry no meaning."""
    b, n = ids.shape
    h = c["num_heads"]
    x = p[pre + "token_embedding.weight"][ids]
    bucket = t5_bucket(n, c["num_buckets"], c["max_distance"])
    hide = torch.zeros(b, 1, 1, n).masked_fill(mask[:, None, None, :] == 0, -1e30)
    for i in range(c["num_layers"]):
        k = f"{pre}blocks.{i}."
        y = t5_norm(p, k + "norm1", x)
        q, kk, v = (lin(p, k + f"attn.{m}", y).view(b, n, h, -1).transpose(1, 2) for m in "qkv")
        bias = p[k + "pos_embedding.embedding.weight"][bucket].permute(2, 0, 1)[None]
        a = torch.softmax(q @ kk.transpose(-1, -2) + bias + hide, -1) @ v
        x = x + lin(p, k + "attn.o", a.transpose(1, 2).reshape(b, n, -1))
        y = t5_norm(p, k + "norm2", x)
        x = x + lin(
            p,
            k + "ffn.fc2",
            lin(p, k + "ffn.fc1", y) * F.gelu(lin(p, k + "ffn.gate.0", y), approximate="tanh"),
        )
    return t5_norm(p, pre + "norm", x)


# ---------------------------------------------------------------- diffusion transformer


def rope_table(f, h, w, d):
    """cos, sin [f*h*w, d/2] for the 3-axis rotary embedding (frame, row, column)."""
    sizes = [d - 4 * (d // 6), 2 * (d // 6), 2 * (d // 6)]
    ang = []
    for n, s in zip((f, h, w), sizes):
        inv = 1.0 / 10000 ** (torch.arange(0, s, 2, dtype=torch.float64) / s)
        ang.append(torch.outer(torch.arange(n, dtype=torch.float64), inv))
    a = torch.cat(
        [
            ang[0][:, None, None].expand(f, h, w, -1),
            ang[1][None, :, None].expand(f, h, w, -1),
            ang[2][None, None].expand(f, h, w, -1),
        ],
        -1,
    ).reshape(f * h * w, -1)
    return a.cos().float(), a.sin().float()


def rope(x, cs):
    cos, sin = cs[0][None, :, None], cs[1][None, :, None]
    e, o = x[..., 0::2], x[..., 1::2]
    return torch.stack([e * cos - o * sin, e * sin + o * cos], -1).flatten(-2)


def rms(p, n, x, eps):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * p[n + ".weight"]


def attend(q, k, v):
    q, k, v = (t.transpose(1, 2) for t in (q, k, v))
    return (
        (torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), -1) @ v).transpose(1, 2).flatten(2)
    )


def dit(p, c, x, t, ctx, pre=""):
    """x [B, C, F, H, W], t [B, L] timesteps per token, ctx [B, text_len, text_dim] zero padded -> velocity like x."""
    b, _, f, h, w = x.shape
    _, ph, pw = c["patch"]
    d, nh, eps = c["dim"], c["num_heads"], c["eps"]
    gh, gw = h // ph, w // pw
    x = F.conv3d(
        x, p[pre + "patch_embedding.weight"], p[pre + "patch_embedding.bias"], stride=tuple(c["patch"])
    )
    x = x.flatten(2).transpose(1, 2)
    n = x.shape[1]
    half = c["freq_dim"] // 2
    arg = t.double()[..., None] * 10000 ** (-torch.arange(half, dtype=torch.float64) / half)
    e = torch.cat([arg.cos(), arg.sin()], -1).float()
    e = lin(p, pre + "time_embedding.2", F.silu(lin(p, pre + "time_embedding.0", e)))
    e6 = lin(p, pre + "time_projection.1", F.silu(e)).view(b, -1, 6, d)
    ctx = lin(p, pre + "text_embedding.2", F.gelu(lin(p, pre + "text_embedding.0", ctx), approximate="tanh"))
    cs = rope_table(f, gh, gw, d // nh)

    def ln(y):
        return F.layer_norm(y, (d,), eps=eps)

    def heads(y):
        return y.view(b, -1, nh, d // nh)

    for i in range(c["num_layers"]):
        k = f"{pre}blocks.{i}."
        m = [u.squeeze(2) for u in (p[k + "modulation"][None] + e6).chunk(6, 2)]
        y = ln(x) * (1 + m[1]) + m[0]
        q = rope(heads(rms(p, k + "self_attn.norm_q", lin(p, k + "self_attn.q", y), eps)), cs)
        kk = rope(heads(rms(p, k + "self_attn.norm_k", lin(p, k + "self_attn.k", y), eps)), cs)
        x = x + lin(p, k + "self_attn.o", attend(q, kk, heads(lin(p, k + "self_attn.v", y)))) * m[2]
        y = F.layer_norm(x, (d,), p[k + "norm3.weight"], p[k + "norm3.bias"], eps)
        q = heads(rms(p, k + "cross_attn.norm_q", lin(p, k + "cross_attn.q", y), eps))
        kk = heads(rms(p, k + "cross_attn.norm_k", lin(p, k + "cross_attn.k", ctx), eps))
        x = x + lin(p, k + "cross_attn.o", attend(q, kk, heads(lin(p, k + "cross_attn.v", ctx))))
        y = ln(x) * (1 + m[4]) + m[3]
        x = x + lin(p, k + "ffn.2", F.gelu(lin(p, k + "ffn.0", y), approximate="tanh")) * m[5]
    m = (p[pre + "head.modulation"][None] + e[:, :, None]).chunk(2, 2)
    x = lin(p, pre + "head.head", ln(x) * (1 + m[1].squeeze(2)) + m[0].squeeze(2))
    x = x.view(b, f, gh, gw, ph, pw, c["out_dim"]).permute(0, 6, 1, 2, 4, 3, 5)
    return x.reshape(b, c["out_dim"], f, h, w)


# ---------------------------------------------------------------- causal video VAE


def cconv(p, n, x, stride=1):
    wt = p[n + ".weight"]
    kt, kh, kw = wt.shape[2:]
    x = F.pad(x, (kw // 2, kw // 2, kh // 2, kh // 2, kt - 1, 0))
    return F.conv3d(x, wt, p[n + ".bias"], stride=stride)


def vnorm(p, n, x):
    g = p[n + ".gamma"]
    return F.normalize(x, dim=1) * x.shape[1] ** 0.5 * g.view(1, -1, 1, 1, 1)


def resblock(p, n, x):
    y = cconv(p, n + ".residual.2", F.silu(vnorm(p, n + ".residual.0", x)))
    y = cconv(p, n + ".residual.6", F.silu(vnorm(p, n + ".residual.3", y)))
    return y + (cconv(p, n + ".shortcut", x) if n + ".shortcut.weight" in p else x)


def vattn(p, n, x):
    b, ch, t, h, w = x.shape
    y = vnorm(p, n + ".norm", x).permute(0, 2, 1, 3, 4).reshape(b * t, ch, h, w)
    q, k, v = (
        F.conv2d(y, p[n + ".to_qkv.weight"], p[n + ".to_qkv.bias"]).flatten(2).transpose(1, 2).chunk(3, -1)
    )
    y = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(ch), -1) @ v
    y = F.conv2d(y.transpose(1, 2).reshape(b * t, ch, h, w), p[n + ".proj.weight"], p[n + ".proj.bias"])
    return x + y.view(b, t, ch, h, w).transpose(1, 2)


def spatial(p, n, x, up):
    b, ch, t, h, w = x.shape
    y = x.transpose(1, 2).reshape(b * t, ch, h, w)
    if up:
        y = F.conv2d(
            F.interpolate(y, scale_factor=2.0, mode="nearest-exact"),
            p[n + ".resample.1.weight"],
            p[n + ".resample.1.bias"],
            padding=1,
        )
    else:
        y = F.conv2d(F.pad(y, (0, 1, 0, 1)), p[n + ".resample.1.weight"], p[n + ".resample.1.bias"], stride=2)
    return y.view(b, t, -1, *y.shape[2:]).transpose(1, 2)


def time_up(p, n, x):
    """Frame 0 passes; every later frame becomes two, from a causal convolution that does not see frame 0."""
    b, ch = x.shape[:2]
    if x.shape[2] == 1:
        return x
    y = cconv(p, n + ".time_conv", x[:, :, 1:])
    y = y.view(b, 2, ch, *y.shape[2:]).permute(0, 2, 3, 1, 4, 5).flatten(2, 3)
    return torch.cat([x[:, :, :1], y], 2)


def time_down(p, n, x):
    if x.shape[2] == 1:
        return x
    y = F.conv3d(x, p[n + ".time_conv.weight"], p[n + ".time_conv.bias"], stride=(2, 1, 1))
    return torch.cat([x[:, :, :1], y], 2)


def dup_up(x, out, ft):
    b, ch, t, h, w = x.shape
    y = x.repeat_interleave(out * ft * 4 // ch, 1).view(b, out, ft, 2, 2, t, h, w)
    y = y.permute(0, 1, 5, 2, 6, 3, 7, 4).reshape(b, out, t * ft, h * 2, w * 2)
    return y[:, :, ft - 1 :]


def avg_down(x, out, ft, fs):
    b, ch, t, h, w = x.shape
    if t % ft:
        x = F.pad(x, (0, 0, 0, 0, ft - t % ft, 0))
        t = x.shape[2]
    y = x.view(b, ch, t // ft, ft, h // fs, fs, w // fs, fs).permute(0, 1, 3, 5, 7, 2, 4, 6)
    return y.reshape(b, out, -1, t // ft, h // fs, w // fs).mean(2)


def vae_decode(p, c, z, mean, std, pre=""):
    """z [B, z_dim, T, h, w] normalised latents -> frames [B, 3, 4(T-1)+1, 16h, 16w], not clamped."""
    x = z * std.view(1, -1, 1, 1, 1) + mean.view(1, -1, 1, 1, 1)
    x = cconv(p, pre + "conv2", x)
    k = pre + "decoder."
    x = cconv(p, k + "conv1", x)
    x = resblock(p, k + "middle.2", vattn(p, k + "middle.1", resblock(p, k + "middle.0", x)))
    mult = c["dim_mult"]
    dims = [c["dec_dim"] * u for u in [mult[-1]] + mult[::-1]]
    up_t = c["temporal_downsample"][::-1]
    for i, out in enumerate(dims[1:]):
        y, last = x, i == len(mult) - 1
        for j in range(c["num_res_blocks"] + 1):
            y = resblock(p, f"{k}upsamples.{i}.upsamples.{j}", y)
        if not last:
            n = f'{k}upsamples.{i}.upsamples.{c["num_res_blocks"] + 1}'
            if up_t[i]:
                y = time_up(p, n, y)
            y = spatial(p, n, y, True) + dup_up(x, out, 2 if up_t[i] else 1)
        x = y
    x = cconv(p, k + "head.2", F.silu(vnorm(p, k + "head.0", x)))
    b, _, t, h, w = x.shape
    return x.view(b, 3, 2, 2, t, h, w).permute(0, 1, 4, 5, 3, 6, 2).reshape(b, 3, t, h * 2, w * 2)


def vae_encode(p, c, v, mean, std, pre=""):
    """v [B, 3, T, H, W] in [-1, 1] -> normalised latent means [B, z_dim, (T-1)/4+1, H/16, W/16]."""
    b, _, t, h, w = v.shape
    x = v.view(b, 3, t, h // 2, 2, w // 2, 2).permute(0, 1, 6, 4, 2, 3, 5).reshape(b, 12, t, h // 2, w // 2)
    k = pre + "encoder."
    x = cconv(p, k + "conv1", x)
    mult = c["dim_mult"]
    dims = [c["dim"] * u for u in [1] + mult]
    for i, out in enumerate(dims[1:]):
        y, last = x, i == len(mult) - 1
        down_t = i < len(c["temporal_downsample"]) and c["temporal_downsample"][i]
        for j in range(c["num_res_blocks"]):
            y = resblock(p, f"{k}downsamples.{i}.downsamples.{j}", y)
        if not last:
            n = f'{k}downsamples.{i}.downsamples.{c["num_res_blocks"]}'
            y = spatial(p, n, y, False)
            if down_t:
                y = time_down(p, n, y)
        x = y + avg_down(x, out, 2 if down_t else 1, 1 if last else 2)
    x = resblock(p, k + "middle.2", vattn(p, k + "middle.1", resblock(p, k + "middle.0", x)))
    x = cconv(p, k + "head.2", F.silu(vnorm(p, k + "head.0", x)))
    mu = cconv(p, pre + "conv1", x).chunk(2, 1)[0]
    return (mu - mean.view(1, -1, 1, 1, 1)) / std.view(1, -1, 1, 1, 1)
