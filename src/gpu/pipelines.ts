/** Compute pipelines: compiled asynchronously, many at once, and each only once. */
import { AppError } from '../core/errors';
import type { Program, Shader } from './program';
import { throwIfOver } from './waiting';

export class Pipelines {
  private readonly cache = new Map<string, Promise<GPUComputePipeline>>();
  /** Pipelines made so far: a replayed step must not raise it. */
  created = 0;

  constructor(readonly device: GPUDevice) {}

  /** Throws AppError shader-invalid, with the line; gpu-failed where the code is right and it is not made; device-lost. */
  get(shader: Shader): Promise<GPUComputePipeline> {
    const { code } = shader;
    const known = this.cache.get(code);
    if (known) return known;
    const pipeline = this.make(shader);
    this.cache.set(code, pipeline);
    // What failed for want of memory may be made another time.
    pipeline.catch(() => this.cache.get(code) === pipeline && this.cache.delete(code));
    return pipeline;
  }

  /** All that the programs run. */
  async compile(programs: readonly Program[]): Promise<void> {
    const shaders = programs.flatMap(({ commands }) =>
      commands.flatMap((command) => (command.kind === 'dispatch' ? [command.shader] : [])),
    );
    await Promise.all(shaders.map((shader) => this.get(shader)));
  }

  /** Begin with all that the programs run, while weights load. What fails is told when they are bound. */
  begin(programs: readonly Program[]): void {
    this.compile(programs).catch(() => {});
  }

  private async make({ name, code }: Shader): Promise<GPUComputePipeline> {
    this.created += 1;
    this.device.pushErrorScope('validation'); // thrown below, with the line it is about
    const module = this.device.createShaderModule({ label: name, code });
    void this.device.popErrorScope();
    try {
      return await this.device.createComputePipelineAsync({
        label: name,
        layout: 'auto',
        compute: { module, entryPoint: name },
      });
    } catch (cause) {
      throwIfOver(this.device);
      if (isInternal(cause))
        throw new AppError(
          'gpu-failed',
          `The GPU's driver did not make the kernel ${name}, in which the compiler found no fault: ${String(cause)}. Close other GPU programs and try again.`,
          { cause },
        );
      const { messages } = await module.getCompilationInfo();
      const lines = code.split('\n');
      const where = messages.map(
        (m) => `  ${name}:${m.lineNum}:${m.linePos} ${m.message}\n    ${lines[m.lineNum - 1]?.trim() ?? ''}`,
      );
      throw new AppError(
        'shader-invalid',
        [`The kernel ${name} does not compile on this GPU.`, ...where, String(cause)].join('\n'),
        { cause },
      );
    }
  }
}

/** A GPUPipelineError's reason is 'validation', or this. */
const isInternal = (cause: unknown) => cause instanceof Error && 'reason' in cause && cause.reason === 'internal';
