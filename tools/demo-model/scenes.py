"""Procedural clips of one moving shape, with English and Chinese captions."""
import numpy as np

COLORS = {
    "red": ((225, 45, 45), "红色"),
    "green": ((50, 185, 75), "绿色"),
    "blue": ((50, 95, 230), "蓝色"),
    "yellow": ((245, 210, 50), "黄色"),
    "purple": ((145, 65, 205), "紫色"),
    "orange": ((245, 140, 35), "橙色"),
    "pink": ((245, 130, 180), "粉色"),
    "cyan": ((55, 205, 215), "青色"),
    "white": ((245, 245, 245), "白色"),
}
GROUNDS = {
    "black": ((16, 16, 20), "黑色"),
    "gray": ((110, 112, 118), "灰色"),
    "white": ((238, 238, 234), "白色"),
    "navy": ((22, 34, 82), "深蓝色"),
    "brown": ((96, 62, 38), "棕色"),
    "teal": ((20, 88, 88), "深青色"),
}
SHAPES = {"circle": "圆形", "square": "正方形", "triangle": "三角形", "star": "星形", "ring": "圆环"}
MOTIONS = {
    "moving right": "向右移动",
    "moving left": "向左移动",
    "moving up": "向上移动",
    "moving down": "向下移动",
    "growing": "变大",
    "shrinking": "变小",
    "spinning": "旋转",
    "bouncing": "弹跳",
    "circling": "绕圈",
}


def sdf(shape, x, y, r):
    """Signed distance in pixels, negative inside; x, y centred."""
    if shape == "circle":
        return np.hypot(x, y) - r
    if shape == "ring":
        return np.abs(np.hypot(x, y) - r * 0.8) - r * 0.24
    if shape == "square":
        return np.maximum(abs(x), abs(y)) - r * 0.85
    if shape == "triangle":
        return (
            np.maximum.reduce(
                [x * np.cos(a) + y * np.sin(a) for a in (np.pi / 2, np.pi * 7 / 6, np.pi * 11 / 6)]
            )
            - r * 0.55
        )
    a = np.arctan2(y, x)
    k = np.cos(((a + np.pi / 2 + np.pi / 5) % (2 * np.pi / 5)) - np.pi / 5)
    return (
        np.hypot(x, y)
        * (0.62 + 0.38 * (1 - np.clip((k - np.cos(np.pi / 5)) / (1 - np.cos(np.pi / 5)), 0, 1)))
        - r * 0.62
    ) * 0.8


def sample(rng):
    s = dict(
        shape=rng.choice(list(SHAPES)),
        color=rng.choice(list(COLORS)),
        ground=rng.choice(list(GROUNDS)),
        motion=rng.choice(list(MOTIONS)),
    )
    if s["color"] == s["ground"]:
        s["ground"] = "black"
    return s


def caption(rng, s):
    c, g, sh, m = s["color"], s["ground"], s["shape"], s["motion"]
    k = rng.integers(5)
    if k == 0:
        return f"a {c} {sh} {m} on a {g} background"
    if k == 1:
        return f"{c} {sh} {m}, {g} background"
    if k == 2:
        return f"on a {g} background, a {c} {sh} is {m}"
    if k == 3:
        return f"{GROUNDS[g][1]}背景上，一个{COLORS[c][1]}的{SHAPES[sh]}在{MOTIONS[m]}"
    return f"一个{COLORS[c][1]}{SHAPES[sh]}{MOTIONS[m]}，{GROUNDS[g][1]}背景"


def render(rng, s, frames=17, size=96):
    """-> float32 [3, frames, size, size] in [-1, 1]."""
    u = np.linspace(0, 1, frames)
    m = s["motion"]
    r0 = rng.uniform(0.16, 0.24) * size

    def jit():
        return rng.uniform(-0.1, 0.1)

    cx, cy = np.full(frames, 0.5 + jit()), np.full(frames, 0.5 + jit())
    r, ang = np.full(frames, r0), np.zeros(frames)
    if m == "moving right":
        cx = 0.22 + u * 0.56
    if m == "moving left":
        cx = 0.78 - u * 0.56
    if m == "moving down":
        cy = 0.22 + u * 0.56
    if m == "moving up":
        cy = 0.78 - u * 0.56
    if m == "growing":
        r = size * (0.1 + 0.24 * u)
    if m == "shrinking":
        r = size * (0.34 - 0.24 * u)
    if m == "spinning":
        ang = u * np.pi
    if m == "bouncing":
        cy = 0.75 - 0.5 * np.abs(np.sin(u * 2 * np.pi))
    if m == "circling":
        cx, cy = 0.5 + 0.24 * np.cos(u * 2 * np.pi), 0.5 + 0.24 * np.sin(u * 2 * np.pi)
    g = np.arange(size) + 0.5
    X, Y = np.meshgrid(g, g)
    fg, bg = np.array(COLORS[s["color"]][0]) / 255, np.array(GROUNDS[s["ground"]][0]) / 255
    shade = 1 + 0.10 * (0.5 - Y / size)
    out = np.empty((3, frames, size, size), np.float32)
    for i in range(frames):
        x, y = X - cx[i] * size, Y - cy[i] * size
        c, d = np.cos(ang[i]), np.sin(ang[i])
        a = np.clip(0.5 - sdf(s["shape"], c * x + d * y, c * y - d * x, r[i]), 0, 1)
        light = 1.06 - 0.12 * np.clip((x + y) / (2 * r[i]), -1, 1)
        for ch in range(3):
            out[ch, i] = bg[ch] * shade * (1 - a) + fg[ch] * light * a
    return np.clip(out, 0, 1) * 2 - 1
