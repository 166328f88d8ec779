// The second process of bullmq.js: eight jobs at a time that do nothing and answer with the time at which they started.
import { Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null };
const worker = new Worker('bench', async () => process.hrtime.bigint().toString(), { connection, concurrency: 8 });
let count = 0;

worker.on('completed', () => {
  count--;
  if (count === 0) {
    process.send({ did: 'count' });
  }
});
worker.on('error', error => console.error(error));
process.on('disconnect', () => process.exit());
process.on('message', async message => {
  switch (message.do) {
    case 'count':
      count = message.tasks;
      return;
    case 'pause':
      await worker.pause();
      break;
    case 'resume':
      worker.resume();
      break;
  }
  process.send({ did: message.do });
});
await worker.waitUntilReady();
process.send({ did: 'ready' });
