import { describe, expect, test } from 'vitest';
import { commandLine } from '../support/command_line';

const run = commandLine();

describe('the command line', () => {
  test.for([[['--help']], [['adapters', '--help']], [['verify', '-h']]])('tells its use: %j', ([args]) => {
    const { status, stdout } = run(...args!);
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: wanscope');
  });

  test.for<[string[], number, string]>([
    [[], 2, 'No command'],
    [['paint'], 2, 'There is no command "paint"'],
    [['toString'], 2, 'There is no command "toString"'],
    [['verify'], 2, 'needs golden files'],
    [['verify', 'x', '--speed', '9'], 2, "Unknown option '--speed'"],
    [['verify', 'x', '--savings', 'some'], 2, '--savings is on or off, not "some"'],
    [['verify', 'not/there'], 1, 'not/there cannot be opened (ENOENT)'],
    [['inspect'], 2, 'inspect needs one path or address'],
    [['inspect', 'not/there'], 1, 'not/there cannot be opened (ENOENT)'],
    [['inspect', 'package.json'], 1, 'package.json: Not a usable safetensors file'],
    [['bench', '--mode', 'slow'], 2, '--mode is quick or standard or full, not "slow".'],
    [['bench', '--mode', 'standard', '--memory', '2GiB'], 2, '--memory is for --mode full, not for standard.'],
    [['bench', '--mode', 'full', '--repeats', '3'], 2, '--mode full has --steps, not --repeats.'],
    [['bench', '--matrix', '--plan'], 2, '--plan is not for a --matrix: it plans every case before any runs.'],
    [['bench', '--steps', '3'], 2, '--steps are those of --mode full; else --repeats.'],
    [['bench', '--mode', 'full', '--steps', '0'], 2, '--steps is a whole number from 1 to 100, not "0".'],
    ...['bench', 'generate', 'kernels', 'tune'].map((command): [string[], number, string] => [
      [command, '--json', 'not/there.json'],
      1,
      'not/there.json cannot be written (ENOENT). Choose another place.',
    ]),
    [['bench', 'full'], 2, 'bench takes no "full".'],
    [['bench', '--matrix', '--weights', 'bf16', 'q8_0'], 2, 'bench takes no "q8_0".'],
    [['kernels', 'matmul'], 2, 'kernels takes no "matmul".'],
    [['adapters', 'all'], 2, 'takes no "all"'],
    [['generate', 'red'], 2, 'takes no "red"; is the prompt in quotes?'],
    [['generate', '--size', '96'], 1, '"96" is no size. Write it as 832x480.'],
    [['generate', '--size', '100x100'], 1, 'The width 100 is no multiple of 32. Choose 96 or 128.'],
    [['generate', '--seed', 'red'], 1, '--seed is a number, not "red"'],
    [['generate', '--frames', '16'], 1, 'The frames 16 is not one more than a multiple of 4. Choose 13 or 17.'],
    [['generate', '--solver', 'heun'], 1, 'The solver heun is not known. Choose unipc, dpm++, euler.'],
    [['generate', '--prompt', '龘龘'], 1, 'wanscope-demo knows 0: "龘龘" is not in its vocabulary'],
    [['generate', '--image', 'package.json'], 1, 'package.json is neither PNG nor JPEG'],
    [['generate', '--decoder', 'tiny'], 1, 'wanscope-demo has no tiny decoder'],
    [['generate', '--lora', 'public/demo/vae.safetensors:0.5'], 1, 'has no tensor that is named as one of a LoRA'],
    [['generate', '--model', 'public/demo/vae.safetensors', '--model', 'x'], 1, 'x cannot be opened (ENOENT)'],
    [['generate', '--model', 'test/checkpoints/tiny/diffusers'], 1, 'has no video VAE. Add the file that holds it'],
  ])('answers %j with status %d and one message', ([args, expected, message]) => {
    const { status, stderr, stdout } = run(...args);
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('tells what of a prompt is not read, before anything is made', () => {
    const prompt = `a ☃ ${'moving right '.repeat(40)}`;
    const { stderr } = run('generate', '--prompt', prompt, '--lora', 'public/demo/vae.safetensors');
    expect(stderr).toMatch(/more than the 48 tokens that are read\. This end is not: ".*right/);
    expect(stderr).toContain('Not in the vocabulary of wanscope-demo: ☃\n');
  });
});
