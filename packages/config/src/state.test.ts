import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configArbitrary } from './config-arbitrary.test.helper.ts';
import { fixture } from './fixture.test.helper.ts';
import { decodeState, encodeState, type State } from './state.ts';

const original = fixture('state');

describe('decodeState', () => {
  it('reads a file of the original', () => {
    const state = decodeState(original);
    expect(state).toMatchObject({ id: 'web', initProcessPid: 1024, initProcessStart: '47218' });
    expect(state.config.rootfs).toBe('/srv/containers/busybox');
    expect(state.config.cgroups?.memorySwappiness).toBe(0);
    expect(state.config.cgroups?.memory).toBeUndefined();
    expect(state.config.seccomp).toBeUndefined();
    expect(Object.keys(state.namespacePaths)).toHaveLength(6);
    expect(state.externalDescriptors).toEqual(['/dev/pts/3', '/dev/pts/3', 'pipe:[123]']);
    expect(decodeState(encodeState(state))).toEqual(state);
  });

  it('reads a file with little in it', () => {
    expect(decodeState('{"id":"a","init_process_pid":1024,"cgroup_paths":null,"config":{"rootfs":"/r"}}')).toEqual({
      id: 'a',
      initProcessPid: 1024,
      initProcessStart: '',
      cgroupPaths: {},
      namespacePaths: {},
      config: { rootfs: '/r' },
    });
  });

  it.each([
    ['{', 'line 1, column 2: expected a key in double quotes, found the end of the text'],
    ['[]', 'expected an object, found a list'],
    ['{"id":1,"init_process_pid":1,"config":{"rootfs":"/r"}}', 'id: expected a string, found 1'],
    ['{"id":"a","init_process_pid":"1","config":{"rootfs":"/r"}}', 'init_process_pid: expected an integer, found "1"'],
    ['{"id":"a","init_process_pid":1,"config":{}}', 'config.rootfs: a value is required'],
    ['{"id":"a","init_process_pid":1}', 'config: a value is required'],
    [
      '{"id":"a","init_process_pid":1,"config":{"rootfs":"/r"},"init_process_strt":"1"}',
      'init_process_strt: unknown key (did you mean "init_process_start"?)',
    ],
  ])('refuses %s', (text, message) => {
    expect(() => decodeState(text)).toThrow(message);
  });
});

describe('encodeState', () => {
  it('loses nothing', () => {
    const name = fc.string({ minLength: 1, maxLength: 8 });
    const paths = fc.dictionary(name, fc.string(), { maxKeys: 3, noNullPrototype: true });
    const state: fc.Arbitrary<State> = fc.record(
      {
        id: name,
        initProcessPid: fc.nat(),
        initProcessStart: fc.string(),
        cgroupPaths: paths,
        namespacePaths: paths,
        config: configArbitrary,
        externalDescriptors: fc.array(fc.string(), { maxLength: 3 }),
        created: name,
        owner: fc.nat(),
        supervisorPid: fc.nat(),
        bundle: name,
      },
      {
        requiredKeys: ['id', 'initProcessPid', 'initProcessStart', 'cgroupPaths', 'namespacePaths', 'config'],
      },
    );
    fc.assert(
      fc.property(state, (value) => {
        expect(decodeState(encodeState(value))).toEqual(value);
      }),
    );
  });
});
