// Measures BullMQ on a given redis-server: this process submits, a second one (bullmq-worker.js) runs the jobs.
//
//   node bullmq.js PORT        then one command a line on standard input, and one answer a line on standard output:
//
//   {"do":"singles","clients":1,"each":2000}           jobs added one at a time, each client on a connection of its own
//   {"do":"bulk","tasks":20000}                        jobs added a thousand in a call, four calls at once; they stay
//   {"do":"drain"}                                     those that stay, by a worker that already runs
//   {"do":"endToEnd","tasks":20000,"priorities":true}  from the first call of add to the last completed job
//   {"do":"idle","rounds":1000}                        from the call of add to the start of the processor, one at a time
//
// Jobs keep their record and their answer, as BullMQ does by default and as Koubou does.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Queue, QueueEvents } from 'bullmq';

const bulkSize = 1000;
const bulksAtOnce = 4;
const streamSize = 500;
const streamsAtOnce = 2;
const idleMax = 10_000;
const stallsMax = 3;

const connection = { host: '127.0.0.1', port: Number(process.argv[2]) };
const data = { prompt: 'x'.repeat(100) };
const queue = new Queue('bench', { connection });
await queue.waitUntilReady();
const worker = fork(new URL('bullmq-worker.js', import.meta.url), [process.argv[2]]);
await told('ready');

let waiting = 0;

const commands = {
  async singles({ clients, each }) {
    const queues = Array.from({ length: clients }, () => new Queue('bench', { connection }));
    await Promise.all(queues.map(one => one.waitUntilReady()));
    await ask('pause');
    const rate = await rateOf(clients * each, () => Promise.all(queues.map(async one => {
      for (let number = 0; number < each; number++) {
        await one.add('noop', data);
      }
    })));
    await Promise.all(queues.map(one => one.close()));
    waiting += clients * each;
    return { rate };
  },

  async bulk({ tasks, priorities }) {
    await ask('pause');
    const rate = await rateOf(tasks, () => addAll(tasks, bulkSize, bulksAtOnce, priorities));
    waiting += tasks;
    return { rate };
  },

  async drain() {
    const tasks = waiting;
    waiting = 0;
    const done = ask('count', { tasks });
    const rate = await rateOf(tasks, async () => {
      worker.send({ do: 'resume' });
      await done;
    });
    return { rate, tasks };
  },

  async endToEnd({ tasks, priorities }) {
    await ask('resume');
    const done = ask('count', { tasks });
    const rate = await rateOf(tasks, () => Promise.all([addAll(tasks, streamSize, streamsAtOnce, priorities), done]));
    return { rate };
  },

  async idle({ rounds, warmUp }) {
    await ask('resume');
    const events = new QueueEvents('bench', { connection });
    await events.waitUntilReady();
    const latencies = [];
    let stalls = 0;
    for (let round = -warmUp; round < rounds; round++) {
      const start = process.hrtime.bigint();
      const job = await queue.add('noop', data);
      let latency = idleMax;
      try {
        latency = Number(BigInt(await job.waitUntilFinished(events, idleMax)) - start) / 1e6;
      } catch (error) {
        // Its news of the end did not come; it counts as the longest wait.
        stalls += round >= 0 ? 1 : 0;
        if (stalls > stallsMax || !error.message.includes('timed out')) {
          throw error;
        }
        console.error(error.message);
      }
      if (round >= 0) {
        latencies.push(latency);
      }
    }
    await events.close();
    latencies.sort((a, b) => a - b);
    return { p50: latencies[Math.floor(rounds / 2)], p99: latencies[Math.floor(rounds * 0.99)] };
  },
};

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  console.log(JSON.stringify(await commands[command.do](command)));
}
worker.disconnect();
await queue.close();

async function addAll(tasks, size, atOnce, priorities) {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < tasks) {
      const first = next;
      next += size;
      await queue.addBulk(Array.from({ length: size }, (_, index) => ({
        name: 'noop',
        data,
        opts: priorities ? { priority: 1 + ((first + index) % 10) } : {},
      })));
    }
  }));
}

async function rateOf(tasks, work) {
  const start = process.hrtime.bigint();
  await work();
  return tasks / (Number(process.hrtime.bigint() - start) / 1e9);
}

async function ask(what, more) {
  const answer = told(what);
  worker.send({ do: what, ...more });
  await answer;
}

async function told(what) {
  for (;;) {
    const [message] = await once(worker, 'message');
    if (message.did === what) {
      return;
    }
  }
}
