/**
 * How many times as fast as each peer: a dot a peer on a logarithmic axis, with a whisker from the slowest round to the
 * fastest; a panel an adapter. A complete SVG, which follows the reader's colour scheme.
 */
import { scaleLog, symbol, symbolCircle, symbolSquare, symbolTriangle } from 'd3';
import { ratioTo } from './measure';
import { PEER_NAMES, PEERS, type PeerResult, titlesOf } from './peer_result';

const LABEL = 375;
const PANEL = 270;
const GAP = 24;
const TOP = 78;
const ROW = 17;
const DOT_AREA = 42;

// Stage colours of the page: 3:1 on both grounds, apart for every kind of colour vision; shapes tell them apart too.
const LOOKS = {
  ort: { light: '#D6760D', dark: '#FB7402', shape: symbolCircle },
  tfjs: { light: '#416E87', dark: '#5F7EFC', shape: symbolSquare },
  naive: { light: '#A764E3', dark: '#F5E13F', shape: symbolTriangle },
};

export function peerChart(results: readonly PeerResult[]): string {
  const titles = titlesOf(results);
  const dots = results.flatMap((result, panel) => dotsOf(result, panel, titles));
  const ends = [0.5, 2, ...dots.flatMap(({ low, high }) => [low, high])];
  const domain = [Math.min(...ends) / 1.15, Math.max(...ends) * 1.15] as const;
  const panels = results.map((_, panel) => {
    const left = LABEL + panel * (PANEL + GAP);
    return { left, x: scaleLog(domain, [left, left + PANEL]) };
  });
  const width = LABEL + results.length * (PANEL + GAP);
  const bottom = TOP + titles.length * ROW;
  const height = bottom + 30;
  const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].filter((tick) => tick >= domain[0] && tick <= domain[1]);
  const finding = findingOf(dots);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(finding)}">
<style>${STYLE}</style>
<rect class="ground" width="${width}" height="${height}"/>
<text class="finding" x="12" y="22">${escaped(finding)}</text>
${legend()}
${titles.map((title, row) => `<text class="name" x="${LABEL - 10}" y="${TOP + row * ROW + 12}" text-anchor="end">${escaped(title)}</text>`).join('\n')}
${panels
  .map(({ left, x }, panel) =>
    [
      `<text class="panel" x="${left}" y="${TOP - 8}">${escaped(results[panel]!.adapter)}</text>`,
      ...ticks.map((tick) => {
        const at = x(tick).toFixed(1);
        const looks = tick === 1 ? 'even' : 'tick';
        return `<line class="${looks}" x1="${at}" x2="${at}" y1="${TOP}" y2="${bottom}"/><text class="value" x="${at}" y="${bottom + 15}" text-anchor="middle">${tick}×</text>`;
      }),
    ].join('\n'),
  )
  .join('\n')}
${dots.map((dot) => drawDot(dot, panels[dot.panel]!.x)).join('\n')}
</svg>
`;
}

interface Dot {
  readonly peer: (typeof PEERS)[number];
  readonly panel: number;
  readonly row: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

function dotsOf({ cases }: PeerResult, panel: number, titles: readonly string[]): Dot[] {
  return cases.flatMap((times) =>
    PEERS.flatMap((peer) => {
      const ratio = ratioTo(times, peer);
      return ratio ? [{ peer, panel, row: titles.indexOf(times.title), ...ratio }] : [];
    }),
  );
}

function findingOf(dots: readonly Dot[]): string {
  const won = PEERS.map((peer) => {
    const all = dots.filter((dot) => dot.peer === peer);
    return `${PEER_NAMES[peer]} in ${all.filter(({ median }) => median > 1).length} of ${all.length}`;
  });
  return `Ours is faster than ${won.join(', ')} shapes`;
}

function drawDot({ peer, row, median, low, high }: Dot, x: (value: number) => number): string {
  const y = TOP + row * ROW + ROW / 2;
  const path = symbol(LOOKS[peer].shape, DOT_AREA)();
  return `<g class="${peer}"><title>${PEER_NAMES[peer]} ${median.toPrecision(2)}×</title><line x1="${x(low).toFixed(1)}" x2="${x(high).toFixed(1)}" y1="${y}" y2="${y}"/><path transform="translate(${x(median).toFixed(1)} ${y})" d="${path}"/></g>`;
}

function legend(): string {
  const entries = PEERS.map((peer, index) => {
    const at = 20 + index * 76;
    const path = symbol(LOOKS[peer].shape, DOT_AREA)();
    return `<g class="${peer}"><path transform="translate(${at} 42)" d="${path}"/></g><text class="name" x="${at + 10}" y="46">${PEER_NAMES[peer]}</text>`;
  });
  return `${entries.join('\n')}\n<text class="name" x="${20 + PEERS.length * 76}" y="46">right of 1×: ours is faster; whiskers from least to most of all rounds</text>`;
}

const colours = (scheme: 'light' | 'dark') =>
  PEERS.map((peer) => `.${peer} path{fill:${LOOKS[peer][scheme]}}.${peer} line{stroke:${LOOKS[peer][scheme]}}`).join(
    '',
  );

const STYLE = [
  'text{font:12px system-ui,sans-serif;fill:#24272B}.finding{font-size:15px;font-weight:650}.panel{font-weight:650}',
  '.value{fill:#5B6068}.ground{fill:#FFFFFF}.tick{stroke:#E3E5E8}.even{stroke:#5B6068;stroke-width:1.5}',
  colours('light'),
  '@media(prefers-color-scheme:dark){text{fill:#E6E8EB}.value{fill:#A0A5AD}.ground{fill:#14161A}.tick{stroke:#2C3036}.even{stroke:#A0A5AD}',
  colours('dark'),
  '}',
].join('');

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
