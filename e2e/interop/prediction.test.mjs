// Node's side of a mixed fleet, with the version of bullmq that Flowise pins.
// Environment: REDIS_PORT, QUEUE (the prediction queue), SERVER (a Millrace server's address),
// FLOW (the id of a flow there), WORKER_PID (a Millrace worker, which is stopped for the second half).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { Queue, QueueEvents, Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const { QUEUE, SERVER, FLOW, FLOW_DATA, WORKER_PID } = process.env;
const open = [];
after(() => Promise.all(open.map((thing) => thing.close())));

function keep(thing) {
  open.push(thing);
  return thing;
}

/** The data of a job as a Flowise 3.1.4 server adds it. */
function jobData(question) {
  const workspaceId = randomUUID();
  return {
    incomingInput: { question, streaming: true, chatId: 'peer-chat' },
    chatflow: {
      id: FLOW, name: 'Start-Reply', flowData: FLOW_DATA, deployed: false, isPublic: false, apikeyid: null,
      chatbotConfig: null, apiConfig: null, analytic: null, speechToText: null, textToSpeech: null,
      followUpPrompts: null, category: null, type: 'AGENTFLOW', createdDate: new Date(), updatedDate: new Date(),
      mcpServerConfig: null, webhookSecretConfigured: false, workspaceId,
    },
    chatId: 'peer-chat', baseURL: 'http://127.0.0.1:3939', isInternal: false, files: [], isTool: false,
    orgId: randomUUID(), workspaceId, subscriptionId: null, productId: '',
  };
}

test("a Flowise server's job is run by our worker", async () => {
  const queue = keep(new Queue(QUEUE, { connection }));
  const events = keep(new QueueEvents(QUEUE, { connection }));
  await events.waitUntilReady();
  for (let i = 0; i < 20; i++) {
    const job = await queue.add(randomUUID(), jobData(`n${i}`), { removeOnFail: true });
    const result = await job.waitUntilFinished(events, 20_000);
    assert.equal(result.text, `pong n${i}`);
    assert.equal(result.chatId, 'peer-chat');
    assert.equal(result.agentFlowExecutedData.length, 2);
  }
});

test('a failure reaches the Flowise server with its reason', async () => {
  const queue = keep(new Queue(QUEUE, { connection }));
  const events = keep(new QueueEvents(QUEUE, { connection }));
  await events.waitUntilReady();
  const data = jobData('q');
  data.chatflow.flowData = FLOW_DATA.replaceAll('directReplyAgentflow', 'noSuchAgentflow');
  const job = await queue.add(randomUUID(), data, { removeOnFail: true });
  await assert.rejects(job.waitUntilFinished(events, 20_000), /noSuchAgentflow/);
});

async function answer(question) {
  const response = await fetch(`${SERVER}/api/v1/prediction/${FLOW}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ question }),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

test('while all workers are ours, jobs refer to their flow instead of carrying it', async () => {
  const queue = keep(new Queue(QUEUE, { connection }));
  let last;
  for (const deadline = Date.now() + 20_000; !last?.data.chatflow.millraceSnapshot; ) {
    assert.ok(Date.now() < deadline, `still whole: ${JSON.stringify(last?.data)}`);
    assert.equal((await answer('lean')).text, 'pong lean');
    [last] = await queue.getJobs(['completed'], 0, 0);
  }
  assert.equal(last.data.chatflow.flowData, undefined);
  assert.equal(last.data.chatflow.id, FLOW);
});

test("our server's jobs are run by a Flowise worker, from the moment it joins", async () => {
  const seen = [];
  const nodeWorker = keep(new Worker(QUEUE, async (job) => {
    // As Flowise does, which knows of no references: those jobs fail here.
    const flow = JSON.parse(job.data.chatflow.flowData);
    seen.push(flow);
    return { text: `from node: ${job.data.incomingInput.question}`, chatId: job.data.chatId };
  }, { connection, concurrency: 10 }));
  await nodeWorker.waitUntilReady();
  // Sent before the server can know of it.
  const first = await Promise.all(Array.from({ length: 40 }, (_, i) => answer(`n${i}`)));
  first.forEach(({ text }, i) => assert.match(text, new RegExp(`^(pong|from node:) n${i}$`)));

  process.kill(Number(WORKER_PID), 'SIGTERM');
  // Our worker may still take a job while it stops; what it takes it answers itself.
  let result = await answer('last');
  for (let i = 0; i < 200 && !result.text.startsWith('from node'); i++) result = await answer(`n${i}`);
  assert.match(result.text, /^from node: /);
  assert.ok(seen.length > 0);
  assert.equal(seen[0].nodes.length, 2);
});
