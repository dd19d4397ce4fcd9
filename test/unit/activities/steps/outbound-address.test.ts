import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../../activities/steps/outbound-address.ts';
import { guardedLookup } from '../../../../activities/steps/outbound-lookup.ts';
import { OutboundRefusal, outboundTarget } from '../../../../activities/steps/outbound-target.ts';

/** First and last address of each range that is closed, and the neighbours that are not. */
const RANGES: [string, string[], string[]][] = [
  ['this network', ['0.0.0.0', '0.255.255.255'], ['1.0.0.0']],
  ['private, 10/8', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
  ['carrier-grade NAT', ['100.64.0.0', '100.127.255.255', '100.100.100.200'], ['100.63.255.255', '100.128.0.0']],
  ['loopback', ['127.0.0.1', '127.255.255.255'], ['126.255.255.255', '128.0.0.0']],
  ['the platform of Azure', ['168.63.129.16'], ['168.63.129.15', '168.63.129.17']],
  [
    'link-local, cloud metadata',
    ['169.254.0.0', '169.254.169.254', '169.254.255.255'],
    ['169.253.255.255', '169.255.0.0'],
  ],
  ['private, 172.16/12', ['172.16.0.0', '172.31.255.255'], ['172.15.255.255', '172.32.0.0']],
  ['IETF protocol assignments', ['192.0.0.0', '192.0.0.192', '192.0.0.255'], ['192.0.1.0']],
  ['documentation 1', ['192.0.2.0', '192.0.2.255'], ['192.0.3.0']],
  ['relays of 6to4', ['192.88.99.0', '192.88.99.255'], ['192.88.98.255', '192.88.100.0']],
  ['private, 192.168/16', ['192.168.0.0', '192.168.255.255'], ['192.167.255.255', '192.169.0.0']],
  ['benchmarking', ['198.18.0.0', '198.19.255.255'], ['198.17.255.255', '198.20.0.0']],
  ['documentation 2', ['198.51.100.0', '198.51.100.255'], ['198.51.99.255', '198.51.101.0']],
  ['documentation 3', ['203.0.113.0', '203.0.113.255'], ['203.0.112.255', '203.0.114.0']],
  ['multicast', ['224.0.0.0', '239.255.255.255'], ['223.255.255.255']],
  ['reserved, broadcast', ['240.0.0.0', '255.255.255.255'], []],
  ['unspecified and loopback, IPv6', ['::', '::1'], []],
  ['IPv4 in its oldest disguise', ['::8.8.8.8', '::a00:1'], []],
  ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a00:1', '::ffff:0:8.8.8.8'], []],
  ['NAT64', ['64:ff9b::8.8.8.8', '64:ff9b::a00:1', '64:ff9b:1::1'], []],
  ['discard', ['100::', '100::ffff'], []],
  ['not given out', ['1fff:ffff::', '4000::', '5f00::1'], ['2003::1', '3ffe::1']],
  [
    'Teredo and its block',
    ['2001::1', '2001:2::1', '2001:10::1', '2001:20::1', '2001:1ff:ffff::'],
    ['2001:200::', '2001:4860::1'],
  ],
  [
    'documentation, IPv6',
    ['2001:db8::', '2001:db8:ffff::1', '3fff::1', '3fff:fff::1'],
    ['2001:db7::', '2001:db9::', '3fff:1000::'],
  ],
  ['6to4', ['2002::', '2002:a00:1::', '2002:808:808::1'], ['2003::']],
  ['unique local, metadata of AWS', ['fc00::', 'fd00:ec2::254', 'fdff::1'], []],
  ['link-local, IPv6', ['fe80::1', 'febf::1', 'fe80::1%eth0'], []],
  ['site-local', ['fec0::1'], []],
  ['multicast, IPv6', ['ff02::1', 'ff0e::1'], []],
  ['no address', ['', 'example.com', '1.2.3', '1.2.3.4.5', '012.0.0.1', '0x7f.1', '2606:4700::1111%1'], []],
  ['everything else', [], ['8.8.8.8', '1.1.1.1', '2606:4700::1111', '2a00:1450::1']],
];

describe('addresses of the public internet', () => {
  it.each(RANGES)('%s', (_name, closed, open) => {
    expect(closed.filter(isPublicAddress)).toEqual([]);
    expect(open.filter((address) => !isPublicAddress(address))).toEqual([]);
  });
});

function refusalOf(url: string, allowPrivate: string[] = []): string {
  try {
    return outboundTarget(url, allowPrivate).allowed ? 'allowed' : 'public';
  } catch (error) {
    expect(error).toBeInstanceOf(OutboundRefusal);
    return error instanceof Error ? error.message : '';
  }
}

describe('where a step may call', () => {
  it.each([
    'https://10.0.0.1/',
    // The same address in an octal, a hexadecimal, a decimal and a short spelling, and in digits of another script.
    'https://012.0.0.1/',
    'https://0x0a000001/',
    'https://167772161/',
    'https://10.1/',
    'https://１０.０.０.１/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:a00:1]/',
    'https://[fe80::1]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://erp/',
    'https://erp.internal/',
    'https://printer.local./',
    'https://app.localhost/',
    'https://nas.home.arpa/',
  ])('%s is not of the public internet', (url) => {
    expect(refusalOf(url)).toContain('is not of the public internet');
  });

  it.each([
    ['http://example.com/', 'by https'],
    ['ftp://example.com/', 'https://host/path'],
    ['file:///etc/passwd', 'https://host/path'],
    ['example.com', 'https://host/path'],
    ['https://me:secret@example.com/', 'holds a user or a password'],
    ['https://example.com/', 'public'],
    ['https://example.com:8443/a?b=c', 'public'],
    ['https://8.8.8.8/', 'public'],
    ['https://[2606:4700::1111]/', 'public'],
  ])('%s: %s', (url, words) => {
    expect(refusalOf(url)).toContain(words);
    expect(refusalOf(url)).not.toContain('secret@');
  });

  it.each([
    ['http://erp:8080/x', ['erp'], true],
    ['http://erp:8080/x', ['erp:8080'], true],
    ['http://erp:8081/x', ['erp:8080'], false],
    ['http://ERP./x', ['erp:80'], true],
    ['https://erp/x', ['Erp:443'], true],
    ['https://erp.example/x', ['erp'], false],
    ['http://127.0.0.1:3000/', ['127.0.0.1:3000'], true],
    ['http://127.0.0.2:3000/', ['127.0.0.1:3000'], false],
    ['http://[fd00::1]:3000/', ['[fd00::1]:3000'], true],
    ['https://[fd00::1]/', ['fd00::1'], true],
    ['https://erp@evil/', ['erp'], false],
  ])('%s with %j in stepCalls.allowPrivate: %s', (url, allowPrivate, allowed) => {
    expect(refusalOf(url, allowPrivate) === 'allowed').toBe(allowed);
  });
});

/** A name server whose every answer is the next of these. */
function nameServer(...answers: string[][]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0;
  const lookup: LookupFunction = (_hostname, _options, callback) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { lookup, asked: () => asked };
}

describe('what a name leads to', () => {
  const ask = (lookup: LookupFunction, all: boolean) =>
    new Promise((resolve) => {
      guardedLookup(lookup)('api.example', { all }, (error, found) => resolve(error ?? found));
    });

  it('is asked once a connection, and the addresses that were checked are the ones that are connected to', async () => {
    const { lookup, asked } = nameServer(['8.8.8.8', '2606:4700::1111'], ['10.0.0.1']);
    expect(await ask(lookup, true)).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
    expect(asked()).toBe(1);
    // A moment later the name is rebound: a new connection is not made.
    expect(await ask(lookup, true)).toMatchObject({
      code: 'outbound_refused',
      message: expect.stringContaining('10.0.0.1'),
    });
  });

  it('one closed address among others closes the name', async () => {
    const { lookup } = nameServer(['8.8.8.8', '::ffff:169.254.169.254']);
    expect(await ask(lookup, true)).toBeInstanceOf(OutboundRefusal);
    expect(await ask(lookup, false)).toBeInstanceOf(OutboundRefusal);
  });

  it('nothing at all is nothing, one address may be asked for, and an error is passed on', async () => {
    expect(await ask(nameServer([]).lookup, true)).toBeInstanceOf(OutboundRefusal);
    expect(await ask(nameServer(['8.8.8.8', '1.1.1.1']).lookup, false)).toBe('8.8.8.8');
    const gone = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    expect(await ask((_name, _options, callback) => callback(gone, []), true)).toBe(gone);
  });
});
