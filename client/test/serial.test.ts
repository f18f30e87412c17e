import assert from "node:assert/strict";
import { test } from "node:test";
import { serialised } from "../src/serial";

/** A task whose runs end when told. */
function controlled() {
  const runs: { flag: boolean; end: () => void; fail: (error: Error) => void }[] = [];
  const task = (flag: boolean) =>
    new Promise<void>((end, fail) => {
      runs.push({ flag, end, fail });
    });
  return { runs, task };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("requests during a run are answered by one more run, after it", async () => {
  const { runs, task } = controlled();
  const request = serialised(task);
  const first = request();
  await settled();
  const second = request();
  const third = request(true);
  await settled();
  assert.equal(runs.length, 1);

  runs[0]!.end();
  await first;
  await settled();
  assert.equal(runs.length, 2);
  assert.equal(runs[1]!.flag, true);

  runs[1]!.end();
  await Promise.all([second, third]);
  assert.equal(runs.length, 2);
});

test("a run that fails does not keep the next from running", async () => {
  const { runs, task } = controlled();
  const request = serialised(task);
  const first = request();
  await settled();
  const second = request();
  runs[0]!.fail(new Error("no"));
  await assert.rejects(first, /no/);
  await settled();
  runs[1]!.end();
  await second;
});
