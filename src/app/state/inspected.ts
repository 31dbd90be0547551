/** Models here whose headers were read, kept in this browser or opened from the disk. */
import { computed } from '@preact/signals-core';
import type { Inspection, SourceKey } from '../../../workers/engine_api';
import { localModels } from './local_models';
import { inspections, stored, storedKeys } from './models';

export interface InspectedModel {
  readonly id: string;
  readonly name: string;
  readonly keys: readonly SourceKey[];
  readonly inspection: Inspection;
}

export const inspectedModels = computed((): InspectedModel[] => [
  ...localModels.value.flatMap(({ id, name, keys, found }) =>
    found && 'keys' in found && found.inspection ? { id, name, keys, inspection: found.inspection } : [],
  ),
  ...(stored.value ?? []).flatMap(({ id, name }) => {
    const inspection = inspections.value.get(id);
    return inspection && 'networks' in inspection ? { id, name, keys: storedKeys(id), inspection } : [];
  }),
]);
