/** A device of Dawn's null backend, which compiles and binds what only GPUs run as it is, and computes nothing. */
import { create, globals } from 'webgpu';
import { openDevice } from '../../src/gpu/device';

Object.assign(globalThis, globals);
const gpu = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
export const nullDevice = openDevice(gpu, 'test');
// For the life of the process: Dawn ends with its GPU object and crashes where a device outlives its adapter, and neither a
// variable that nobody reads nor the module of a test file that has ended holds one.
Object.assign(globalThis, { held: [gpu, nullDevice] });
