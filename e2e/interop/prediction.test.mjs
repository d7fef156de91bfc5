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

test("our server's job is run by a Flowise worker", async () => {
  process.kill(Number(WORKER_PID), 'SIGTERM');
  const seen = [];
  keep(new Worker(QUEUE, async (job) => {
    seen.push(job.data);
    return { text: `from node: ${job.data.incomingInput.question}`, chatId: job.data.chatId };
  }, { connection, concurrency: 10 }));
  const answer = async (question) => {
    const response = await fetch(`${SERVER}/api/v1/prediction/${FLOW}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ question }),
    });
    return response.json();
  };
  // Our worker may still take a job while it stops; what it takes it answers itself.
  let result = await answer('first');
  for (let i = 0; i < 50 && !result.text.startsWith('from node'); i++) result = await answer(`n${i}`);
  assert.match(result.text, /^from node: /);
  assert.equal(seen[0].chatflow.id, FLOW);
  assert.equal(JSON.parse(seen[0].chatflow.flowData).nodes.length, 2);
});
