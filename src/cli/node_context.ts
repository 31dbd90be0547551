/** A device in Node with its memory and pipelines, and with its kernels as they were tuned here. */
import { type GpuContext, openContext } from '../gpu/context';
import { adoptTuning } from '../tuning/device_tuning';
import { openNodeDevice } from './gpu';
import { tuningFiles, tuningFolder } from './tuning_file';

export const keptTuning = tuningFiles(tuningFolder());

export async function openNodeContext(): Promise<GpuContext> {
  const context = openContext(await openNodeDevice());
  await adoptTuning(context, keptTuning);
  return context;
}
