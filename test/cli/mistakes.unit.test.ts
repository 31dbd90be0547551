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
    [['adapters', 'all'], 2, 'takes no "all"'],
  ])('answers %j with status %d and one message', ([args, expected, message]) => {
    const { status, stderr, stdout } = run(...args);
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
