import { expect, test } from 'vitest';
import { fileName, frameName } from '../../src/app/video/file_name';
import type { ClipSettings } from '../../src/core/clip';

const of = (prompt: string, seed = 42) => ({ prompt, seed, frames: 17 }) as ClipSettings;

test('a file is named after its prompt and seed', () => {
  expect(fileName(of('A red circle, moving right!'), 'mp4')).toBe('wanscope-a-red-circle-moving-right-42.mp4');
  expect(fileName(of('黑色背景上，一个紫色的圆环在绕圈'), 'webm')).toBe(
    'wanscope-黑色背景上-一个紫色的圆环在绕圈-42.webm',
  );
  expect(fileName(of(''), 'zip')).toBe('wanscope-42.zip');
});

test('no prompt makes a name that is long, a path, or hidden', () => {
  expect(fileName(of('word '.repeat(100)), 'mp4').length).toBeLessThan(60);
  expect(fileName(of('../../etc/passwd\u0000.png'), 'mp4')).toBe('wanscope-etc-passwd-png-42.mp4');
});

test('frames count from 1 and sort by their names', () => {
  expect(fileName(of('a'), 'png', 2)).toBe('wanscope-a-42-frame-03.png');
  const names = Array.from({ length: 121 }, (_, i) => frameName(i, 121));
  expect(names).toEqual([...names].sort());
});
