"""Minimal safetensors reader and writer (F32, F64, F16, BF16 as float32, ints)."""
import json
import struct
import numpy as np

DT = {
    "F32": np.float32,
    "F64": np.float64,
    "I32": np.int32,
    "I64": np.int64,
    "U8": np.uint8,
    "U32": np.uint32,
    "F16": np.float16,
}


def to_bf16(a):
    u = a.astype(np.float32).view(np.uint32)
    r = ((u >> 16) & 1) + 0x7FFF
    return ((u + r) >> 16).astype(np.uint16)


def save(path, tensors, meta=None):
    hdr = {}
    off = 0
    blobs = []
    if meta:
        hdr["__metadata__"] = {k: (v if isinstance(v, str) else json.dumps(v)) for k, v in meta.items()}
    for k, v in tensors.items():
        if isinstance(v, tuple):
            dt, a = v
        else:
            a = np.ascontiguousarray(v)
            dt = {np.dtype(x): n for n, x in DT.items()}[a.dtype]
        if dt == "BF16":
            b = to_bf16(a).tobytes()
            shape = a.shape
        else:
            b = np.ascontiguousarray(a).astype(DT[dt]).tobytes()
            shape = a.shape
        hdr[k] = {"dtype": dt, "shape": list(shape), "data_offsets": [off, off + len(b)]}
        off += len(b)
        blobs.append(b)
    h = json.dumps(hdr, separators=(",", ":")).encode()
    h += b" " * ((-len(h)) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(h)))
        f.write(h)
        for b in blobs:
            f.write(b)


def load(path):
    with open(path, "rb") as f:
        n = struct.unpack("<Q", f.read(8))[0]
        h = json.loads(f.read(n))
        base = f.read()
    meta = h.pop("__metadata__", {})
    out = {}
    for k, v in h.items():
        a, b = v["data_offsets"]
        if v["dtype"] == "BF16":
            x = (np.frombuffer(base[a:b], np.uint16).astype(np.uint32) << 16).view(np.float32)
        else:
            x = np.frombuffer(base[a:b], DT[v["dtype"]])
        out[k] = x.reshape(v["shape"])
    return out, meta
