/**
 * A server that speaks as ComfyUI does: /object_info, /prompt, /queue, /history and /view, and over /ws the messages of
 * execution.py in their order. It walks through the graph it is given; nothing is computed.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Asked, type Fixture, sendJson, sendVideo, startFixture } from './http_fixture';

interface GraphNode {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export type Graph = Readonly<Record<string, GraphNode>>;

export interface ComfyServer extends Fixture {
  /** Of each node and each step of the sampler. */
  nodeMs: number;
  /** Raised in the sampler, after one step. */
  error: { readonly exception_type: string; readonly exception_message: string } | null;
  /** After these many messages the connection breaks, once. */
  breakAfter: number;
  /** New connections, as a gateway whose server is gone. */
  refusesSockets: boolean;
  /** Makes every prompt stay where it is. */
  hangs: boolean;
  readonly missingNodes: Set<string>;
  models: { unet: string[]; clip: string[]; vae: string[] };
  readonly graphs: Graph[];
  readonly queued: string[];
  /** Prompts of others, the first of which runs: ours wait until there are none. */
  readonly others: string[];
  /** What ran as an interruption came, whoever's it was: so did ComfyUI before August 2025. */
  readonly interrupted: string[];
  /** Those taken out of the queue. */
  readonly dequeued: string[];
  /** Forgets all prompts, as a server that is started anew does. */
  forget(): void;
}

const LOADERS = ['UNETLoader', 'CLIPLoader', 'VAELoader'];

export async function startComfyServer(): Promise<ComfyServer> {
  const fixture = await startFixture(route);
  const sockets = new Map<string, WebSocket>();
  const history = new Map<string, object>();
  const upgrades = new WebSocketServer({
    server: fixture.http,
    path: '/ws',
    verifyClient: () => !server.refusesSockets,
  });
  let loaded = false;
  let sent = 0;
  upgrades.on('connection', (socket, request) => {
    const client = new URL(request.url!, fixture.url).searchParams.get('clientId')!;
    sockets.set(client, socket);
    socket.send(
      JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } }, sid: client } }),
    );
    socket.send(Buffer.from([0, 0, 0, 1, 0, 0, 0, 2])); // a preview's header: bytes among the texts
  });
  const server: ComfyServer = Object.assign(fixture, {
    nodeMs: 1,
    error: null,
    breakAfter: Number.POSITIVE_INFINITY,
    hangs: false,
    refusesSockets: false,
    missingNodes: new Set<string>(),
    models: {
      unet: ['flux1-dev.safetensors', 'wan2.2_ti2v_5B_fp16.safetensors'],
      clip: ['umt5_xxl_fp8_e4m3fn_scaled.safetensors'],
      vae: ['ae.safetensors', 'wan2.2_vae.safetensors'],
    },
    graphs: [],
    queued: [],
    others: [],
    interrupted: [],
    dequeued: [],
    forget() {
      server.queued.length = 0;
      history.clear();
    },
  });
  const { close } = fixture;
  server.close = () => {
    for (const client of upgrades.clients) client.terminate();
    upgrades.close();
    return close();
  };

  function route({ method, path, body }: Asked, response: Parameters<typeof sendJson>[0]) {
    const url = new URL(path, 'http://server');
    const [, area, name] = url.pathname.split('/');
    switch (`${method} ${area}`) {
      case 'GET system_stats':
        return sendJson(response, {
          system: { os: 'linux', comfyui_version: '0.3.60', pytorch_version: '2.9.1+cu128' },
          devices: [{ name: 'cuda:0 NVIDIA L40S : cudaMallocAsync', type: 'cuda', vram_total: 47_696_000_000 }],
        });
      case 'GET object_info':
        return sendJson(response, server.missingNodes.has(name!) ? {} : { [name!]: { input: inputsOf(name!) } });
      case 'POST prompt':
        return begin(JSON.parse(body), response);
      case 'GET queue': {
        const [running, ...pending] = [...server.others, ...server.queued].map((id, i) => [i, id]);
        return sendJson(response, { queue_running: running ? [running] : [], queue_pending: pending });
      }
      case 'GET history':
        return sendJson(response, history.has(name!) ? { [name!]: history.get(name!) } : {});
      case 'GET view':
        return url.searchParams.get('filename') === 'clip_00001_.mp4' &&
          url.searchParams.get('subfolder') === 'wanscope'
          ? sendVideo(response)
          : void response.writeHead(404).end();
      case 'POST queue':
        for (const id of JSON.parse(body).delete) dequeue(id);
        return response.writeHead(200).end();
      case 'POST interrupt': {
        const running = server.others[0] ?? server.queued[0];
        if (running) server.interrupted.push(running);
        return response.writeHead(200).end();
      }
      default:
        return response.writeHead(404).end('404: Not Found');
    }
  }

  /** What runs is not in the queue any more. */
  function dequeue(id: string) {
    const at = server.queued.indexOf(id);
    if (at < (server.others.length > 0 ? 0 : 1)) return;
    server.queued.splice(at, 1);
    server.dequeued.push(id);
  }

  /** Both ways in which choices are listed. */
  function inputsOf(node: string) {
    const { unet, clip, vae } = server.models;
    if (node === 'UNETLoader') return { required: { unet_name: [unet, {}] } };
    if (node === 'CLIPLoader') return { required: { clip_name: ['COMBO', { options: clip }] } };
    return { required: node === 'VAELoader' ? { vae_name: [vae] } : {} };
  }

  function begin(asked: { prompt: Graph; client_id: string }, response: Parameters<typeof sendJson>[0]) {
    const wrong = Object.entries(asked.prompt).find(([, { inputs }]) =>
      Object.values(inputs).some((value) => Array.isArray(value) && !asked.prompt[value[0] as string]),
    );
    if (wrong) {
      const error = {
        type: 'prompt_outputs_failed_validation',
        message: 'Prompt outputs failed validation',
        details: wrong[0],
      };
      return sendJson(response, { error, node_errors: {} }, 400);
    }
    const id = randomUUID();
    server.graphs.push(asked.prompt);
    server.queued.push(id);
    sendJson(response, { prompt_id: id, number: 0, node_errors: {} });
    void work(id, asked).catch(() => undefined);
  }

  async function work(id: string, { prompt, client_id: client }: { prompt: Graph; client_id: string }): Promise<void> {
    const messages: [string, object][] = [];
    const tell = (type: string, data: object) => {
      const socket = sockets.get(client);
      socket?.send(JSON.stringify({ type, data: { ...data, prompt_id: id } }));
      if (++sent === server.breakAfter) socket?.terminate();
    };
    const note = (type: string, data: object) => {
      const stamped = { ...data, prompt_id: id, timestamp: Date.now() };
      messages.push([type, stamped]);
      tell(type, stamped);
    };
    const end = (status: 'success' | 'error', outputs: object) => {
      server.queued.splice(server.queued.indexOf(id), 1);
      history.set(id, { outputs, status: { status_str: status, completed: status === 'success', messages } });
    };
    while (server.others.length > 0) {
      await sleep(2);
      if (!server.queued.includes(id)) return;
    }
    await sleep(server.nodeMs);
    note('execution_start', {});
    const cached = Object.keys(prompt).filter((node) => loaded && LOADERS.includes(prompt[node]!.class_type));
    note('execution_cached', { nodes: cached });
    loaded = true;
    for (const [node, { class_type, inputs }] of Object.entries(prompt)) {
      if (cached.includes(node)) continue;
      tell('executing', { node, display_node: node });
      for (let step = 1; class_type === 'KSampler' && step <= Number(inputs.steps); step++) {
        await sleep(server.nodeMs);
        tell('progress', { node, value: step, max: inputs.steps });
        tell('progress_state', { nodes: { [node]: { value: step, max: inputs.steps, state: 'running' } } });
        while (server.hangs) await sleep(5);
        if (!server.error) continue;
        note('execution_error', { node_id: node, node_type: class_type, executed: [], traceback: [], ...server.error });
        return end('error', {});
      }
      await sleep(server.nodeMs);
    }
    const video = { filename: 'clip_00001_.mp4', subfolder: 'wanscope', type: 'output' };
    tell('executed', { node: 'save', output: { images: [video], animated: [true] } });
    note('execution_success', {});
    await sleep(2); // the history comes after the message
    end('success', { save: { images: [video], animated: [true] } });
    tell('executing', { node: null });
  }

  return server;
}
