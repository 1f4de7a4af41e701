import { afterEach, describe, expect, it } from 'vitest';
import { intoEnvelope, outOfEnvelope } from '../envelope.ts';
import { LociError } from '../errors.ts';
import type { EngineEvent } from '../types.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import { TabChannel, type TabChannelHandlers } from './tab-channel.ts';

const opened: TabChannel[] = [];
let names = 0;
let name = '';

function join(handlers: Partial<TabChannelHandlers> = {}): TabChannel {
  const channel = new TabChannel(name, { answer: () => undefined, event: () => undefined, ...handlers });
  opened.push(channel);
  return channel;
}

afterEach(() => {
  for (const channel of opened.splice(0)) channel.close();
  names += 1;
});

const use = () => {
  name = `tab-channel-test-${names}`;
};

describe('the channel between tabs', () => {
  it('brings a call to the owner and its answer back', async () => {
    use();
    join({ answer: (method, args) => intoEnvelope(async () => ({ method, args })) });
    const follower = join();
    expect(outOfEnvelope(await follower.call('get', ['id']))).toEqual({ method: 'get', args: ['id'] });
  });

  it('keeps code, hint and operation id of an error', async () => {
    use();
    const error = new LociError('NOT_FOUND', 'gone', {
      hint: 'look elsewhere',
      opId: 'one',
      retryable: true,
    });
    join({ answer: () => intoEnvelope(() => Promise.reject(error)) });
    const envelope = await join().call('update', ['id', {}]);
    expect(() => outOfEnvelope(envelope)).toThrow(LociError);
    expect(envelope).toEqual({ ok: false, error: error.toJSON() });
  });

  it('asks again when a new owner says that it is there', async () => {
    use();
    const follower = join();
    const answer = follower.call('stats', []);
    const owner = join({ answer: () => intoEnvelope(async () => 'from the new owner') });
    owner.announceOwner();
    expect(outOfEnvelope(await answer)).toBe('from the new owner');
  });

  it('hands over what waits to the tab that becomes the owner itself', async () => {
    use();
    const follower = join();
    const answer = follower.call('stats', []);
    const [pending] = follower.takePending();
    expect(pending?.call.method).toBe('stats');
    pending?.resolve({ ok: true, value: 'answered here' });
    expect(outOfEnvelope(await answer)).toBe('answered here');
    expect(follower.takePending()).toEqual([]);
  });

  it('brings events to the others', async () => {
    use();
    const told = new Promise<EngineEvent>((resolve) => {
      join({ event: resolve });
    });
    const event: EngineEvent = { type: 'change', seq: 1, operations: [] };
    join().tell(event);
    expect(await told).toEqual(event);
  });

  it('refuses a tab of another version, in a typed error', async () => {
    use();
    join({ answer: () => intoEnvelope(async () => 'never') });
    const older = new BroadcastChannel(name);
    const reply = new Promise((resolve) => {
      older.onmessage = ({ data }: MessageEvent) => resolve(data);
    });
    older.postMessage({ version: PROTOCOL_VERSION - 1, kind: 'call', callId: 'c', method: 'add', args: [] });
    expect(await reply).toMatchObject({ callId: 'c', envelope: { ok: false, error: { code: 'CONFLICT' } } });
    older.close();
  });

  it('ends what waits when it is closed', async () => {
    use();
    const follower = join();
    const answer = follower.call('stats', []);
    follower.close();
    expect(await answer).toMatchObject({ ok: false, error: { code: 'CLOSED' } });
  });
});
