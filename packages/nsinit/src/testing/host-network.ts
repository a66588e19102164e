import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { finished } from './cli.ts';

/** Of the host, beside that of the interface with the default route, which pasta gives to containers as well. */
export const SERVER = '203.0.113.1';
/** Where the default route leads. */
export const GATEWAY = '198.51.100.1';

const setUp = [
  'set -e',
  'ip link set lo up',
  `ip addr add ${SERVER}/32 dev lo`,
  'ip link add up0 type veth peer name up1',
  'ip link set up1 up',
  'ip addr add 198.51.100.2/24 dev up0',
  'ip link set up0 up',
  `ip route add default via ${GATEWAY}`,
  'echo up',
  'exec cat',
].join('\n');

const server = `require('node:net').createServer((socket) => socket.end(process.argv[3]))
  .listen(Number(process.argv[2]), process.argv[1], () => console.log('listening'))`;

/** Answers every question for an address with the same one. RFC 1035 */
const nameServer = `const socket = require('node:dgram').createSocket('udp4');
  const answer = Buffer.from('c00c000100010000003c0004' + process.argv[2], 'hex');
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5;
    const head = Buffer.from('81800001000100000000', 'hex');
    socket.send(Buffer.concat([query.subarray(0, 2), head, query.subarray(12, end), answer]), port, address);
  });
  socket.bind(53, process.argv[1], () => console.log('listening'))`;

/** Sends a datagram again and again: one may be lost. */
const sender = `const socket = require('node:dgram').createSocket('udp4');
  socket.on('error', () => {});
  console.log('sending');
  setInterval(() => socket.send('?', Number(process.argv[2]), process.argv[1]), 50)`;

const client = `const socket = require('node:net').connect(Number(process.argv[2]), process.argv[1]);
  socket.on('error', () => {}).pipe(process.stdout)`;

/** A network of a host, with an address, a default route that leads nowhere, and servers. */
export class HostNetwork implements AsyncDisposable {
  readonly #children: ChildProcess[] = [];
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async make(): Promise<HostNetwork> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', setUp], { stdio: ['pipe', 'pipe', 'inherit'] });
    const up = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
    if (!Buffer.isBuffer(up[0])) throw new Error('there is no network for the test');
    return new HostNetwork(holder);
  }

  /** Words that run a command in it. */
  inside(command: readonly string[]): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`, ...command];
  }

  /** Starts a server that greets who connects. */
  async greet(address: string, port: number, text: string): Promise<void> {
    await this.#start(server, address, String(port), text);
  }

  /** Starts a name server for which every name is 192.0.2.77. */
  async answerNames(address: string): Promise<void> {
    await this.#start(nameServer, address, 'c000024d');
  }

  /** Sends datagrams to a port for as long as the test lasts. */
  async send(address: string, port: number): Promise<void> {
    await this.#start(sender, address, String(port));
  }

  /** What a server says, empty when there is none. */
  async ask(address: string, port: number): Promise<string> {
    const words = this.inside([process.execPath, '-e', client, address, String(port)]);
    return (await finished(spawn(words[0]!, words.slice(1)))).stdout;
  }

  /** The ports of TCP that are open, as `127.0.0.1:8080`. */
  listening(): readonly string[] {
    const words = this.inside(['ss', '--tcp', '--listening', '--numeric', '--no-header']);
    const lines = execFileSync(words[0]!, words.slice(1), { encoding: 'utf8' }).trim().split('\n');
    return lines.flatMap((line) => line.split(/\s+/)[3] ?? []);
  }

  async #start(script: string, ...args: readonly string[]): Promise<void> {
    const words = this.inside([process.execPath, '-e', script, ...args]);
    const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(child);
    await once(child.stdout, 'data');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [...this.#children, this.#holder]) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }
}
