/**
 * From a program to something the queue takes: pipelines, bind groups and
 * uniforms, all made here, once. What is bound can be submitted any number of
 * times.
 *
 * Dispatches longer than the machine should be kept busy are split here, by
 * workgroups: every kernel finds its tile from `first_group + workgroup_id.x`.
 */
import { type Ceiling, type Cost, lowerBound } from '../core/cost';
import { bytes, flops } from '../core/units';
import type { Pipelines } from './pipelines';
import type { Dispatch, Program, Shader } from './program';
import { type Tensor, tensorBytes } from './tensor';

/** WebGPU's limit of workgroups in one dimension, the same on every adapter. */
const MAX_GROUPS = 65_535;
/** Longest dispatch, in seconds, so that the desktop stays alive and no watchdog fires. */
const DISPATCH_SECONDS = 0.05;

export interface BoundDispatch {
  readonly kind: 'dispatch';
  readonly label: string;
  readonly shader: Shader;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly groups: number;
  readonly cost: Cost;
  /** Place of the recorded command among all of its group; pieces of a split dispatch share it. */
  readonly position: number;
}

export interface BoundCopy {
  readonly kind: 'copy';
  readonly position: number;
  readonly source: GPUBuffer;
  readonly sourceOffset: number;
  readonly target: GPUBuffer;
  readonly targetOffset: number;
  readonly bytes: number;
}

export interface BoundProgram {
  readonly label: string;
  readonly commands: readonly (BoundDispatch | BoundCopy)[];
  readonly cost: Cost;
  /** The position after the program's last command. */
  readonly endPosition: number;
  destroy(): void;
}

/** Counts what was made, so that tests can prove a step makes nothing. */
export const made = { bindGroups: 0, uniformBuffers: 0 };

/**
 * `bufferOf` says where each tensor lives; context.ts makes it from memory and the program's scratch. The program's
 * first command is at `startPosition` of its group.
 */
export async function bindProgram(
  program: Program,
  startPosition: number,
  bufferOf: (tensor: Tensor) => GPUBuffer,
  pipelines: Pipelines,
  ceiling: Ceiling,
): Promise<BoundProgram> {
  const { device } = pipelines;
  const dispatches = program.commands.flatMap((command) =>
    command.kind === 'dispatch' ? split(command, ceiling) : [],
  );
  const compiled = await Promise.all(dispatches.map(({ shader }) => pipelines.get(shader)));

  const uniforms = makeUniforms(device, program.label, dispatches);
  let next = 0;
  const commands = program.commands.flatMap((command, index): (BoundDispatch | BoundCopy)[] => {
    const position = startPosition + index;
    if (command.kind === 'copy') {
      return [
        {
          kind: 'copy',
          position,
          source: bufferOf(command.source),
          sourceOffset: command.source.offsetBytes,
          target: bufferOf(command.target),
          targetOffset: command.target.offsetBytes,
          bytes: tensorBytes(command.source),
        },
      ];
    }
    const bound: BoundDispatch[] = [];
    for (; next < dispatches.length && dispatches[next]!.origin === command; next++) {
      const dispatch = dispatches[next]!;
      const pipeline = compiled[next]!;
      const uniform = { buffer: uniforms.buffer, offset: uniforms.offsets[next]!, size: dispatch.params.byteLength };
      bound.push({
        ...dispatch,
        kind: 'dispatch',
        position,
        pipeline,
        bindGroup: bindGroup(device, pipeline, dispatch, bufferOf, uniform),
      });
    }
    return bound;
  });
  return {
    label: program.label,
    commands,
    cost: program.cost,
    endPosition: startPosition + program.commands.length,
    destroy: () => uniforms.buffer.destroy(),
  };
}

function bindGroup(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  dispatch: Dispatch,
  bufferOf: (tensor: Tensor) => GPUBuffer,
  uniform: GPUBufferBinding,
): GPUBindGroup {
  const range = (tensor: Tensor): GPUBufferBinding => ({
    buffer: bufferOf(tensor),
    offset: tensor.offsetBytes,
    size: tensorBytes(tensor),
  });
  const entries = Object.entries(dispatch.bindings).map(([binding, tensor]) => ({
    binding: Number(binding),
    resource: range(tensor),
  }));
  made.bindGroups += 1;
  return device.createBindGroup({
    label: dispatch.label,
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: uniform }, ...entries],
  });
}

/** All uniforms of a program in one buffer, each at its own aligned offset. */
function makeUniforms(device: GPUDevice, label: string, dispatches: readonly Dispatch[]) {
  const align = device.limits.minUniformBufferOffsetAlignment;
  const offsets: number[] = [];
  let size = 0;
  for (const { params } of dispatches) {
    offsets.push(size);
    size += Math.ceil(params.byteLength / align) * align;
  }
  const contents = new Uint32Array(Math.max(size, align) / 4);
  dispatches.forEach(({ params }, index) => contents.set(params, offsets[index]! / 4));
  const buffer = device.createBuffer({
    label: `${label} uniforms`,
    size: contents.byteLength,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(buffer, 0, contents);
  made.uniformBuffers += 1;
  return { buffer, offsets };
}

function split(dispatch: Dispatch, ceiling: Ceiling): (Dispatch & { origin: Dispatch })[] {
  const seconds = lowerBound(dispatch.cost, ceiling);
  const pieces = Math.min(
    dispatch.groups,
    Math.max(Math.ceil(seconds / DISPATCH_SECONDS), Math.ceil(dispatch.groups / MAX_GROUPS)),
  );
  const perPiece = Math.ceil(dispatch.groups / Math.max(1, pieces));
  const parts: (Dispatch & { origin: Dispatch })[] = [];
  for (let first = 0; first < dispatch.groups; first += perPiece) {
    const groups = Math.min(perPiece, dispatch.groups - first);
    const params = dispatch.params.slice();
    params[0] = first;
    const share = groups / dispatch.groups;
    const cost: Cost = { flops: flops(dispatch.cost.flops * share), bytes: bytes(dispatch.cost.bytes * share) };
    parts.push({ ...dispatch, params, groups, cost, origin: dispatch });
  }
  return parts;
}
