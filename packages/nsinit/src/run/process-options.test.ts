import { describe, expect, it } from 'vitest';
import { describeProcess } from './process-options.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

describe('describeProcess', () => {
  it('has the defaults of the flags, without asking for an entry of root', () => {
    expect(describeProcess({}, ['sh'], { hostname: 'nsinit' }, {})).toEqual({
      options: { args: ['sh'], env: [PATH, 'HOSTNAME=nsinit', 'TERM=xterm'] },
      tty: false,
    });
  });

  it('tells the host name that the container has', () => {
    expect(describeProcess({}, ['sh'], { hostname: 'koye' }, {}).options.env).toContain('HOSTNAME=koye');
    expect(describeProcess({}, ['sh'], {}, {}).options.env).toContain('HOSTNAME=nsinit');
  });

  it('takes what the configuration says of its processes', () => {
    const process = { args: ['/bin/init'], env: ['A=1'], user: 'daemon', cwd: '/tmp', tty: true };
    expect(describeProcess({}, [], { process }, {})).toEqual({
      options: { args: ['/bin/init'], env: ['A=1'], user: 'daemon', cwd: '/tmp' },
      tty: true,
    });
  });

  it('lets flags and operands count more, and adds variables', () => {
    const process = { args: ['/bin/init'], env: ['A=1'], user: 'daemon', cwd: '/tmp', tty: true };
    const values = { user: '1000:1000', cwd: '/', tty: false, env: ['B=2', 'A=3', 'HOME', 'UNSET'] };
    expect(describeProcess(values, ['sh', '-c', 'x'], { process }, { HOME: '/root' })).toEqual({
      options: {
        args: ['sh', '-c', 'x'],
        env: ['A=1', 'B=2', 'A=3', 'HOME=/root'],
        user: '1000:1000',
        cwd: '/',
      },
      tty: false,
    });
  });

  it('refuses what it cannot do', () => {
    expect(() => describeProcess({}, [], {}, {})).toThrow('no command is given');
    expect(() => describeProcess({ env: ['=x'] }, ['sh'], {}, {})).toThrow('invalid variable "=x"');
  });
});
