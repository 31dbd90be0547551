"""Stage 2: latents of N clips, for the transformer. Usage: encode.py N. Writes latents.npz."""
import sys
import time

import numpy as np
import safetensors_io as st
import scenes
import torch
from train_vae import C, enc, dec

torch.set_num_threads(2)
torch.set_grad_enabled(False)
p = {k: torch.from_numpy(v.copy()) for k, v in st.load("vae.safetensors")[0].items()}
N = int(sys.argv[1])
rng = np.random.default_rng(99)
zs = []
ss = []
t0 = time.time()
while len(ss) < N:
    s = [scenes.sample(rng) for _ in range(8)]
    v = torch.from_numpy(np.stack([scenes.render(rng, x) for x in s]))
    zs.append(enc(p, v).numpy())
    ss += s
    if len(ss) % 400 == 0:
        print(len(ss), time.time() - t0, flush=True)
        np.savez("latents.npz", z=np.concatenate(zs).astype("f"), s=np.array(ss, dtype=object))
np.savez("latents.npz", z=np.concatenate(zs).astype("f"), s=np.array(ss, dtype=object))
