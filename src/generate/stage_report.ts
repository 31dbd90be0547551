/** What the pipeline tells as it goes on, as events: which stages there will be, and how far each is. */
import type { ClipSettings } from '../core/clip';
import type { FramePixels } from '../core/clip_run';
import type { PlannedStage, RunEvents } from '../core/run_events';
import type { ClipOptions } from '../pipeline/clip';
import type { StageNeeds, StagesNeeds } from './stage_needs';

/** `steps`: those to be done. */
export function plannedStages({ encode, image, step, decode }: StagesNeeds, steps: number): PlannedStage[] {
  const whole = (needs: StageNeeds | null) => (needs ? needs.loadSeconds + needs.seconds : 0);
  const stages: PlannedStage[] = [
    { stage: 'encode', seconds: whole(encode) },
    { stage: 'image', seconds: whole(image) },
    { stage: 'load', seconds: step?.loadSeconds ?? 0 },
    { stage: 'denoise', seconds: steps * (step?.seconds ?? 0) },
    { stage: 'decode', seconds: whole(decode) },
  ];
  return stages.filter(({ seconds }) => seconds > 0);
}

/** The pipeline's callbacks as events: loading the transformer is told apart from its steps. */
export function stageReport(
  events: RunEvents,
  { width, height, frames }: ClipSettings,
  resumed: number,
  steps: number,
) {
  const detail = `${width} × ${height} × ${frames}`;
  let stage: 'encode' | 'image' | 'load' | 'denoise' | 'decode' | null = null;
  let [taken, decoded] = [resumed, 0];
  const begin = (next: NonNullable<typeof stage>, done = 0) => {
    stage = next;
    events.begin(next, done);
  };
  const beginSteps = () => {
    if (stage !== 'load') return;
    begin('denoise', resumed);
    events.progress(resumed, steps, detail);
  };
  return {
    onStage: (next) => begin(next === 'denoise' ? 'load' : next),
    onBlock: (done, total) => {
      if (stage === 'encode') events.progress(done, total, detail);
      const ofStep = stage === 'load' || stage === 'denoise';
      if (!ofStep || done === total) return; // the step itself is told next
      beginSteps();
      events.progress(taken + done / total, steps, detail);
    },
    onLoad: (bytes, total) => {
      if (stage !== 'load') return;
      events.progress(bytes, total, detail);
      if (bytes === total) beginSteps();
    },
    onStep: (done) => {
      taken = done;
      beginSteps();
      events.progress(done, steps, detail);
    },
    onDecoded: (part: Pick<FramePixels, 'frameCount' | 'width' | 'height'>) => {
      decoded += part.frameCount * part.width * part.height;
      events.progress(decoded / (width * height), frames, detail);
    },
  } satisfies Partial<ClipOptions> & Record<string, unknown>;
}
