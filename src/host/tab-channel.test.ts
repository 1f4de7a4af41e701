import { afterEach, describe, expect, it } from 'vitest';
import { type Envelope, intoEnvelope, outOfEnvelope, refusal } from '../envelope.ts';
import { LociError } from '../errors.ts';
import { HEARTBEAT_MS, OWNER_MISSED_HEARTBEATS } from '../limits.ts';
import { createTestEnvironment, type TestEnvironment } from '../testing/environment.ts';
import type { EngineEvent } from '../types.ts';
import { OWN_RELEASE, PROTOCOL_VERSION, type Release } from './protocol.ts';
import { TabChannel, type TabChannelHandlers } from './tab-channel.ts';

const opened: { close(): void }[] = [];
let names = 0;
let name = '';

interface Tab {
  readonly handlers?: Partial<TabChannelHandlers>;
  readonly environment?: TestEnvironment;
  readonly release?: Release;
}

function join({ handlers = {}, ...options }: Tab = {}): TabChannel {
  const nobody: TabChannelHandlers = {
    answer: async () => undefined,
    isOwner: () => false,
    event: () => undefined,
    ownerSilent: () => undefined,
    laterRelease: () => undefined,
  };
  const channel = new TabChannel(name, { ...nobody, ...handlers }, options);
  opened.push(channel);
  return channel;
}

/** A tab that answers every call. */
function joinAsOwner(answer: TabChannelHandlers['answer'], more: Tab = {}): TabChannel {
  return join({ ...more, handlers: { answer, isOwner: () => true, ...more.handlers } });
}

/** Another context on the same channel, which says and hears plain messages. */
function eavesdrop(hear: (message: { readonly kind: string }) => void): BroadcastChannel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: MessageEvent) => hear(data);
  opened.push(channel);
  return channel;
}

/** Lets messages that were posted arrive. */
const arrived = () => new Promise((resolve) => setTimeout(resolve, 30));

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
    joinAsOwner((method, args) => intoEnvelope(async () => ({ method, args })));
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
    joinAsOwner(() => intoEnvelope(() => Promise.reject(error)));
    const envelope = await join().call('update', ['id', {}]);
    expect(() => outOfEnvelope(envelope)).toThrow(LociError);
    expect(envelope).toEqual({ ok: false, error: error.toJSON() });
  });

  it('asks again when a new owner says that it is there', async () => {
    use();
    const follower = join();
    const answer = follower.call('stats', []);
    const owner = joinAsOwner(() => intoEnvelope(async () => 'from the new owner'));
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
      join({ handlers: { event: resolve } });
    });
    const event: EngineEvent = { type: 'change', seq: 1, operations: [] };
    join().tell(event);
    expect(await told).toEqual(event);
  });

  it('leaves a call unanswered whose owner goes while it is at it, for the next owner to answer', async () => {
    use();
    let leave: (envelope: Envelope | undefined) => void = () => undefined;
    joinAsOwner(() => new Promise((resolve) => (leave = resolve)));
    const follower = join();
    const answer = follower.call('stats', []);
    await arrived();
    leave(undefined);
    joinAsOwner(() => intoEnvelope(async () => 'from the next owner')).announceOwner();
    expect(outOfEnvelope(await answer)).toBe('from the next owner');
  });

  it('ends what waits when it is closed', async () => {
    use();
    const follower = join();
    const answer = follower.call('stats', []);
    follower.close();
    expect(await answer).toMatchObject({ ok: false, error: { code: 'CLOSED' } });
  });
});

describe('an owner that does not answer', () => {
  const beats = async (environment: TestEnvironment, count: number) => {
    for (let beat = 0; beat < count; beat++) {
      await environment.advance(HEARTBEAT_MS);
      await arrived();
    }
  };

  it('is found silent after so many missed heartbeats, and not before', async () => {
    use();
    const environment = createTestEnvironment();
    let isSilent = false;
    const follower = join({ environment, handlers: { ownerSilent: () => (isSilent = true) } });
    void follower.call('stats', []);
    await beats(environment, OWNER_MISSED_HEARTBEATS);
    expect(isSilent).toBe(false);
    await beats(environment, 1);
    expect(isSilent).toBe(true);
  });

  it('is left alone for as long as it says that it is there', async () => {
    use();
    const environment = createTestEnvironment();
    let isSilent = false;
    joinAsOwner(() => new Promise(() => undefined));
    const follower = join({ environment, handlers: { ownerSilent: () => (isSilent = true) } });
    void follower.call('stats', []);
    await beats(environment, 3 * OWNER_MISSED_HEARTBEATS);
    expect(isSilent).toBe(false);
  });

  it('is not asked for while nobody waits', async () => {
    use();
    const environment = createTestEnvironment();
    let isSilent = false;
    const asked: string[] = [];
    eavesdrop(({ kind }) => asked.push(kind));
    const owner = joinAsOwner(() => intoEnvelope(async () => 'here'));
    const follower = join({ environment, handlers: { ownerSilent: () => (isSilent = true) } });
    await follower.call('stats', []);
    owner.close();
    await beats(environment, 3 * OWNER_MISSED_HEARTBEATS);
    expect(isSilent).toBe(false);
    expect(asked).not.toContain('ping');
  });

  it('has missed one heartbeat, and not a thousand, for a tab that was asleep itself', async () => {
    use();
    let isSilent = false;
    const timers: (() => void)[] = [];
    const environment = {
      schedule: (_: number, callback: () => void) => {
        timers.push(callback);
        return () => undefined;
      },
    };
    const follower = new TabChannel(
      name,
      {
        answer: async () => undefined,
        isOwner: () => false,
        event: () => undefined,
        ownerSilent: () => (isSilent = true),
        laterRelease: () => undefined,
      },
      { environment },
    );
    opened.push(follower);
    void follower.call('stats', []);
    timers.shift()?.(); // an hour late
    await arrived();
    timers.shift()?.();
    expect(isSilent).toBe(false);
  });
});

describe('tabs of different releases', () => {
  const LATER: Release = { version: PROTOCOL_VERSION, format: (OWN_RELEASE.format ?? 0) + 1 };

  it('the earlier is told of the later, whichever came first', async () => {
    for (const isLaterFirst of [true, false]) {
      use();
      const met: Release[] = [];
      const joinEarlier = () => join({ handlers: { laterRelease: (release) => met.push(release) } });
      const joinLater = () =>
        join({
          release: LATER,
          handlers: { laterRelease: () => expect.unreachable('the later one has met a later one') },
        });
      for (const each of isLaterFirst ? [joinLater, joinEarlier] : [joinEarlier, joinLater]) each();
      await arrived();
      expect(met).toContainEqual(expect.objectContaining(LATER));
      for (const channel of opened.splice(0)) channel.close();
      names += 1;
    }
  });

  it('the later owner refuses the earlier’s calls, in a typed error that says to reload', async () => {
    use();
    joinAsOwner(() => intoEnvelope(async () => 'never'), { release: LATER });
    const answer = await join().call('add', []);
    expect(answer).toMatchObject({ ok: false, error: { code: 'NEWER_FORMAT' } });
    expect(answer.ok ? '' : answer.error.hint).toMatch(/reload/i);
  });

  it('a tab of protocol 1 is refused in its own words', async () => {
    use();
    joinAsOwner(() => intoEnvelope(async () => 'never'));
    const reply = new Promise((resolve) => {
      const older = eavesdrop((message) => message.kind === 'reply' && resolve(message));
      older.postMessage({ version: 1, kind: 'call', callId: 'c', method: 'add', args: [] });
    });
    expect(await reply).toMatchObject({ version: 1, callId: 'c', envelope: { ok: false } });
  });

  it('an owner of protocol 1 does not step down, and its refusal reaches the caller', async () => {
    use();
    const older = eavesdrop((message) => {
      if (message.kind !== 'call') return;
      const { callId, version } = message as unknown as { callId: string; version: number };
      const envelope = refusal(new LociError('CONFLICT', 'another version'));
      older.postMessage({ version, kind: 'reply', callId, envelope });
    });
    expect(await join().call('stats', [])).toMatchObject({ ok: false, error: { code: 'CONFLICT' } });
  });

  it('the earlier owner does not answer the later’s calls: they wait until it has stepped down', async () => {
    use();
    joinAsOwner(() => intoEnvelope(async () => 'from the earlier'));
    const later = join({ release: LATER });
    const answer = later.call('stats', []);
    await arrived();
    joinAsOwner(() => intoEnvelope(async () => 'from the later'), { release: LATER }).announceOwner();
    expect(outOfEnvelope(await answer)).toBe('from the later');
  });
});
