import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NetlinkInputError } from '../errors.ts';
import { formatIp, parseIp } from './ip.ts';
import { checkMac, formatLladdr, parseLladdr, randomMac } from './mac.ts';
import { formatPrefix, network, parsePrefix } from './prefix.ts';

describe('IP addresses', () => {
  it.each([
    '0.0.0.0',
    '255.255.255.255',
    '10.0.0.1',
    '::',
    '::1',
    'fe80::1',
    '2001:db8::1:0:0:1',
    '1:2:3:4:5:6:7:8',
    '1:0:3:4:5:6:7:8',
    '1::4:5:6:0:0',
    '::ffff:10.0.0.1',
    '::10.0.0.1',
    'fd00:0:0:1::',
  ])('%s is written as it was read', (text) => {
    expect(formatIp(parseIp(text))).toBe(text);
  });

  it.each([
    ['FE80::0001', 'fe80::1'],
    ['1:0:0:0:0:0:0:1', '1::1'],
    ['::ffff:0a00:0001', '::ffff:10.0.0.1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ])('%s is written as %s', (text, canonical) => {
    expect(formatIp(parseIp(text))).toBe(canonical);
  });

  it('any bytes are read again', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })),
        (bytes) => {
          expect(parseIp(formatIp(bytes))).toEqual(bytes);
        },
      ),
    );
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    'fe80::1%eth0',
    ':::',
    '1::2::3',
    'localhost',
    '1.2.3.4/8',
  ])('%j is none', (text) => {
    expect(() => parseIp(text, 'local')).toThrow(NetlinkInputError);
    expect(() => parseIp(text, 'local')).toThrow(/^local: /);
  });
});

describe('prefixes', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3', '10.1.2.3'],
    ['10.1.2.3/0', '0.0.0.0', 'default'],
    ['fd00:1:2:3::1/48', 'fd00:1:2::', 'fd00:1:2::/48'],
    ['fd00::ff/121', 'fd00::80', 'fd00::80/121'],
    ['default', '0.0.0.0', 'default'],
  ])('%s is in %s', (text, net, written) => {
    const prefix = parsePrefix(text, 'dst');
    expect(network(prefix)).toBe(net);
    expect(formatPrefix(net, prefix.length, prefix.family)).toBe(written);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/0x8', 'fd00::/129', '/8', 'nothing'])(
    '%j is none',
    (text) => {
      expect(() => parsePrefix(text, 'dst')).toThrow(NetlinkInputError);
    },
  );
});

describe('MAC addresses', () => {
  it('are read with colons and dashes', () => {
    expect(formatLladdr(parseLladdr('02-42-AC-11-00-02'))).toBe('02:42:ac:11:00:02');
  });

  it.each(['02:42', '2:42:ac:11:0:2', '02:42:ac:11:00:zz', '0242ac110002', '02:42:ac:11:00:02:03'])(
    '%j is none',
    (text) => {
      expect(() => checkMac(text)).toThrow(NetlinkInputError);
    },
  );

  it('of groups are refused', () => {
    expect(() => checkMac('01:00:5e:00:00:01')).toThrow('address: 01:00:5e:00:00:01 is a multicast address');
  });

  it('made up are of one interface and local', () => {
    for (let i = 0; i < 100; i++) expect(Number.parseInt(checkMac(randomMac()).slice(0, 2), 16) & 3).toBe(2);
  });
});
