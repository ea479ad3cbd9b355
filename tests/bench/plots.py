# SPDX-License-Identifier: GPL-2.0-only
"""plots.py - the curves of growth.py as SVG: panels side by side, logarithmic axes, names at the lines' ends; for light and dark pages."""
import math
import os

PANEL_WIDTH, PANEL_HEIGHT = 400, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 215, 46, 52
LABEL_STEP = 13

STYLE = """
svg { font: 12px sans-serif; }
.back { fill: #ffffff; } .text { fill: #24292f; } .faint { fill: #57606a; } .grid { stroke: #d0d7de; stroke-width: 1; } .frame { stroke: #8c959f; fill: none; }
.l { fill: none; stroke-width: 1.8; } .dash { stroke-dasharray: 5 4; } .ours { stroke-width: 3.4; } .bold { font-weight: bold; }
.s0 { stroke: #cf222e; } .f0 { fill: #cf222e; } .s1 { stroke: #bc4c00; } .f1 { fill: #bc4c00; } .s2 { stroke: #57606a; } .f2 { fill: #57606a; }
.s3 { stroke: #0969da; } .f3 { fill: #0969da; } .s4 { stroke: #1a7f37; } .f4 { fill: #1a7f37; } .s5 { stroke: #8250df; } .f5 { fill: #8250df; }
.s6 { stroke: #9a6700; } .f6 { fill: #9a6700; } .s7 { stroke: #0a7d8c; } .f7 { fill: #0a7d8c; } .s8 { stroke: #bf3989; } .f8 { fill: #bf3989; }
@media (prefers-color-scheme: dark) {
.back { fill: #0d1117; } .text { fill: #e6edf3; } .faint { fill: #9198a1; } .grid { stroke: #30363d; } .frame { stroke: #6e7681; }
.s0 { stroke: #ff7b72; } .f0 { fill: #ff7b72; } .s1 { stroke: #ffa657; } .f1 { fill: #ffa657; } .s2 { stroke: #b1bac4; } .f2 { fill: #b1bac4; }
.s3 { stroke: #79c0ff; } .f3 { fill: #79c0ff; } .s4 { stroke: #7ee787; } .f4 { fill: #7ee787; } .s5 { stroke: #d2a8ff; } .f5 { fill: #d2a8ff; }
.s6 { stroke: #e3b341; } .f6 { fill: #e3b341; } .s7 { stroke: #56d4dd; } .f7 { fill: #56d4dd; } .s8 { stroke: #ff9bce; } .f8 { fill: #ff9bce; }
}
"""


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def short(value):
    """3000 as 3k, 0.02 as it is."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"


class Axis:
    """Logarithmic, from value to place."""

    def __init__(self, values, start, length, steps=(1,)):
        low, high = min(values), max(values)
        self.low, self.high = math.log10(low), math.log10(high)
        if self.high - self.low < 1e-9:
            self.low, self.high = self.low - 0.5, self.high + 0.5
        self.start, self.length, self.steps = start, length, steps

    def place(self, value):
        return self.start + self.length * (math.log10(value) - self.low) / (self.high - self.low)

    def ticks(self):
        for power in range(math.floor(self.low), math.ceil(self.high) + 1):
            for step in self.steps:
                value = step * 10**power
                if self.low - 1e-9 <= math.log10(value) <= self.high + 1e-9:
                    yield value


def apart(places, top, bottom):
    """Labels that would overlap, moved apart: {key: y}."""
    ordered = sorted(places, key=lambda each: each[1])
    ys = [y for _, y in ordered]
    for i in range(1, len(ys)):
        ys[i] = max(ys[i], ys[i - 1] + LABEL_STEP)
    over = ys[-1] - bottom if ys else 0
    if over > 0:
        ys[-1] -= over
        for i in range(len(ys) - 2, -1, -1):
            ys[i] = min(ys[i], ys[i + 1] - LABEL_STEP)
    return {key: max(y, top) for (key, _), y in zip(ordered, ys)}


def panel(title, x_name, y_name, lines, left):
    """lines: (name, points, colour, ours, dashed, labelled). `left` is where the panel begins."""
    x0, y0 = left + LEFT, TOP
    x = Axis([point[0] for line in lines for point in line[1]], x0, PANEL_WIDTH)
    ys = [point[1] for line in lines for point in line[1]]
    ratio = max(ys) / min(ys)
    y = Axis([min(ys) * 0.85, max(ys) * 1.15], y0 + PANEL_HEIGHT, -PANEL_HEIGHT, (1,) if ratio > 1000 else (1, 2, 5) if ratio > 5 else tuple(range(1, 10)))
    out = [f'<text class="text bold" x="{x0}" y="{TOP - 24}">{escape(title)}</text>',
           f'<text class="faint" x="{x0}" y="{TOP - 8}">{escape(y_name)}</text>',
           f'<text class="faint" x="{x0 + PANEL_WIDTH / 2:.0f}" y="{TOP + PANEL_HEIGHT + 38}" text-anchor="middle">{escape(x_name)}</text>',
           f'<rect class="frame" x="{x0}" y="{y0}" width="{PANEL_WIDTH}" height="{PANEL_HEIGHT}"/>']
    for value in x.ticks():
        at = x.place(value)
        out.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{y0}" y2="{y0 + PANEL_HEIGHT}"/>'
                   f'<text class="faint" x="{at:.1f}" y="{y0 + PANEL_HEIGHT + 18}" text-anchor="middle">{short(value)}</text>')
    for value in y.ticks():
        at = y.place(value)
        out.append(f'<line class="grid" x1="{x0}" x2="{x0 + PANEL_WIDTH}" y1="{at:.1f}" y2="{at:.1f}"/>'
                   f'<text class="faint" x="{x0 - 7}" y="{at + 4:.1f}" text-anchor="end">{short(value)}</text>')
    labels = apart([(i, y.place(line[1][-1][1])) for i, line in enumerate(lines) if line[5]], y0 + 8, y0 + PANEL_HEIGHT)
    for i, (name, points, colour, ours, dashed, _) in enumerate(lines):
        path = " ".join(f"{'M' if k == 0 else 'L'}{x.place(px):.1f} {y.place(py):.1f}" for k, (px, py) in enumerate(points))
        out.append(f'<path class="l s{colour}{" ours" if ours else ""}{" dash" if dashed else ""}" d="{path}"/>')
        out += [f'<circle class="f{colour}" cx="{x.place(px):.1f}" cy="{y.place(py):.1f}" r="{3.5 if ours else 2.5}"/>' for px, py in points]
        if i in labels:
            end_x, end_y = x.place(points[-1][0]), y.place(points[-1][1])
            if end_x < x0 + PANEL_WIDTH - 1:
                name += f" (to {short(points[-1][0])})"
            out.append(f'<line class="s{colour}" stroke-width="0.8" stroke-dasharray="1 3" x1="{end_x:.1f}" y1="{end_y:.1f}" x2="{x0 + PANEL_WIDTH + 8}" y2="{labels[i]:.1f}"/>'
                       f'<text class="f{colour}{" bold" if ours else ""}" x="{x0 + PANEL_WIDTH + 11}" y="{labels[i] + 4:.1f}">{escape(name)}</text>')
    return "\n".join(out)


def drawing(panels, foot):
    """panels: arguments of panel() without `left`."""
    each = LEFT + PANEL_WIDTH + RIGHT
    width, height = each * len(panels), TOP + PANEL_HEIGHT + BOTTOM + 20
    body = "\n".join(panel(*arguments, left=i * each) for i, arguments in enumerate(panels))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n<style>{STYLE}</style>\n'
            f'<rect class="back" width="{width}" height="{height}"/>\n{body}\n'
            f'<text class="faint" x="{LEFT}" y="{height - 10}">{escape(foot)}</text>\n</svg>\n')


# ---- which curves where -------------------------------------------------------------------------------------------------

LANE_COLOURS = {"ringfence XDP": 0, "ringfence TC": 1, "no filter": 2, "XDP_DROP": 2, "XDP_PASS": 2, "xdp-filter": 3, "nft bridge, masked sets": 4, "nft bridge, prefix set": 5,
                "nft bridge, address set": 8, "nft netdev, masked sets": 6, "nft netdev, address set": 7, "ebtables, among": 2}


def lane_lines(curves, group):
    return [(each["name"], [(x, 1e3 / y) for x, y in each["points"]], LANE_COLOURS[each["name"]], each["name"].startswith("ringfence"), each["name"] == "ebtables, among", True)
            for each in curves if each["group"] == group and each["name"] in LANE_COLOURS]


def pair_lines(curves, group, names):
    """A path and the same with all active (dashed, and named by its own)."""
    lines = []
    for colour, name in names:
        for each in curves:
            if each["group"] == group and each["name"] in (name, name + ", all active"):
                cold = each["name"] != name
                lines.append((each["name"], each["points"], colour, colour <= 1, cold, True))
    return lines


def number_lines(curves, group):
    return [(each["name"], each["points"], i % 9, False, False, True) for i, each in enumerate(each for each in curves if each["group"] == group)]


def write(result, folder):
    """plots/*.svg of what there are at least two sizes of. Gives their names."""
    os.makedirs(folder, exist_ok=True)
    curves, foot = result["growth"], f"{result['machine']['cpu']}, Linux {result['machine']['kernel']}, {result['machine']['date']}"
    mpps, paths = "millions of frames a second, one CPU", ((0, "allowed by rule"), (1, "denied by default"), (3, "xdp-filter passes"), (4, "xdp-filter drops"), (2, "one LPM look-up"))
    both = "devices, and as many prefixes"
    drawings = {
        "links-all": [("Forwarded, all devices active", both, mpps, lane_lines(curves, "wire-live-forwarded-all")),
                      ("Dropped, all devices active", both, mpps, lane_lines(curves, "wire-live-dropped-all"))],
        "links-hot": [("Forwarded, 16 devices active", both, mpps, lane_lines(curves, "wire-live-forwarded-hot")),
                      ("Dropped, 16 devices active", both, mpps, lane_lines(curves, "wire-live-dropped-hot"))],
        "links-ordinary": [("Forwarded, ordinary frames, all devices active", both, mpps, lane_lines(curves, "wire-ordinary-forwarded-all")),
                           ("Dropped, ordinary frames, all devices active", both, mpps, lane_lines(curves, "wire-ordinary-dropped-all"))],
        "packets": [("By devices, 1,000 prefixes", "devices", "ns a frame", pair_lines(curves, "packets-devices", paths)),
                    ("By prefixes, 1,000 devices", "prefixes", "ns a frame", pair_lines(curves, "packets-prefixes", paths))],
        "rules-names": [("By rules", "rules of the profile that cover the address", "ns a frame", pair_lines(curves, "packets-rules", paths[:2])),
                        ("By names", "names", "ns a frame", number_lines(curves, "packets-names"))],
        "control": [("Time", "devices", "seconds", number_lines(curves, "control-time")), ("Memory", "devices", "MiB", number_lines(curves, "memory"))],
    }
    drawn = []
    for name, panels in drawings.items():
        panels = [each for each in panels if each[3]]
        path = os.path.join(folder, name + ".svg")
        if os.path.exists(path):
            os.remove(path)
        if panels:
            with open(path, "w", encoding="utf-8") as out:
                out.write(drawing(panels, foot))
            drawn.append(name)
    return drawn
