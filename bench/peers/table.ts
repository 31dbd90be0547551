/** The section "Beside other WebGPU engines" of docs/performance.md: written from results, between two markers. */
import { AppError } from '../../src/core/errors';
import { type PeerTimes, rateOf, ratioTo, shareOfRoof } from './measure';
import { PEER_NAMES, PEERS, type PeerResult, sideBySide, titlesOf } from './peer_result';

const BEGIN = '<!-- Written by npm run peers. -->';
const END = '<!-- End of what npm run peers wrote. -->';

/** The document with what stands between the markers replaced. Throws AppError file-invalid where it lacks them. */
export function withPeers(document: string, results: readonly PeerResult[]): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new AppError('file-invalid', `docs/performance.md needs the lines "${BEGIN}" and "${END}", in this order.`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${peerSection(results)}\n${document.slice(end)}`;
}

export function peerSection(results: readonly PeerResult[]): string {
  return sideBySide(results).map(groupSection).join('\n');
}

/** Of the drawing of these results, in docs/. */
export const chartName = (group: readonly PeerResult[]) =>
  group[0]!.machine.software ? 'peers-software.svg' : `peers-${group[0]!.adapter}.svg`;

function groupSection(group: readonly PeerResult[]): string {
  return [
    ...group.map(conditions),
    '',
    `![How many times as fast as each peer](${chartName(group)})`,
    '',
    ...table(group),
    ...group.flatMap(leftOut),
    '',
  ].join('\n');
}

function conditions({ adapter, machine, roofs, commit, date, rounds, load, versions }: PeerResult): string {
  const f16 = roofs.f16FlopsPerSecond === null ? '' : `, ${gigaflops(roofs.f16FlopsPerSecond)} f16`;
  const matrix =
    roofs.matrixFlopsPerSecond === null ? '' : `, ${gigaflops(roofs.matrixFlopsPerSecond)} on matrix units`;
  const peers = `onnxruntime-web ${versions.ort}, tfjs-backend-webgpu ${versions.tfjs}`;
  return (
    `- ${adapter}: ${machine.adapter}${machine.driver ? `, ${machine.driver}` : ''}; ${machine.runtime}; our own loops reach ` +
    `${gigaflops(roofs.fp32FlopsPerSecond)} GFLOP/s fp32${f16}${matrix}; commit ${commit}, ${date}; ${rounds} rounds from a load of ${figures(load)} on; ${peers}`
  );
}

function table(group: readonly PeerResult[]): string[] {
  const heads = group.flatMap(({ adapter }) => [
    `${adapter}: ours, GFLOP/s (of roof)`,
    ...PEERS.map((peer) => `× ${PEER_NAMES[peer]}`),
  ]);
  const kinds = new Map(group.flatMap(({ cases }) => cases.map(({ title, kernel }) => [title, kernel])));
  return [
    `| what | shape | ${heads.join(' | ')} |`,
    `| --- | --- |${heads.map(() => ' --- |').join('')}`,
    ...titlesOf(group).map((title) => {
      const cells = group.flatMap((result) => cellsOf(result, title));
      return `| ${kinds.get(title)} | ${title} | ${cells.join(' | ')} |`;
    }),
  ];
}

function cellsOf({ cases, roofs }: PeerResult, title: string): string[] {
  const times = cases.find((each) => each.title === title);
  if (!times) return ['–', ...PEERS.map(() => '–')];
  const rate = rateOf(times, 'ours');
  // On matrix units half precision has a roof of its own.
  const share = shareOfRoof(times, times.type === 'f16' ? roofs.matrixFlopsPerSecond : null);
  const ours = rate === null || share === null ? '–' : `${gigaflops(rate)} (${Math.round(100 * share)} %)`;
  return [ours, ...PEERS.map((peer) => ratioCell(times, peer))];
}

function ratioCell(times: PeerTimes, peer: (typeof PEERS)[number]): string {
  if (times.leftOut[peer]) return 'left out';
  const ratio = ratioTo(times, peer);
  return ratio ? figures(ratio.median) : '–';
}

function leftOut({ adapter, cases }: PeerResult): string[] {
  const lines = cases.flatMap(({ title, leftOut: reasons }) =>
    Object.entries(reasons).map(([engine, reason]) => `- ${adapter}, ${title}: ${engine} ${reason}.`),
  );
  return lines.length > 0 ? ['', 'Left out:', '', ...lines] : [];
}

const gigaflops = (flopsPerSecond: number) => figures(flopsPerSecond / 1e9);

/** Two figures below ten, whole numbers above. */
const figures = (value: number) => (value < 9.95 ? value.toPrecision(2) : String(Math.round(value)));
