/**
 * Runs `task` once at a time. Requests that arrive while it runs are answered together by one more run,
 * whose flag is set if any of theirs was.
 */
export function serialised(task: (flag: boolean) => Promise<void>): (flag?: boolean) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let waiting: { flag: boolean; done: Promise<void> } | undefined;

  return (flag = false) => {
    if (waiting) {
      waiting.flag ||= flag;
      return waiting.done;
    }
    const request = { flag, done: Promise.resolve() };
    request.done = last.then(() => {
      waiting = undefined;
      return task(request.flag);
    });
    waiting = request;
    last = request.done.catch(() => undefined);
    return request.done;
  };
}
