"""Stage 4: the trained networks as the files of public/demo: bf16, original Wan names.

Usage: export.py OUT. Reads dit.safetensors (with the text encoder under `t5.`), vae.safetensors and
latent_stats.json; writes the three weight files, and the latents' moments into OUT/model.json.
"""
import json
import sys
from pathlib import Path

import safetensors_io as st


def write(path, tensors):
    st.save(path, {name: ("BF16", values) for name, values in sorted(tensors.items())})


def main(out):
    trained, _ = st.load("dit.safetensors")
    vae, _ = st.load("vae.safetensors")
    stats = json.loads(Path("latent_stats.json").read_text())
    write(out / "text_encoder.safetensors", {k[3:]: v for k, v in trained.items() if k.startswith("t5.")})
    write(out / "transformer.safetensors", {k: v for k, v in trained.items() if not k.startswith("t5.")})
    write(out / "vae.safetensors", vae)
    model = json.loads((out / "model.json").read_text())
    model["vae"]["latents_mean"] = [round(value, 5) for value in stats["mean"]]
    model["vae"]["latents_std"] = [round(value, 5) for value in stats["std"]]
    (out / "model.json").write_text(json.dumps(model, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
