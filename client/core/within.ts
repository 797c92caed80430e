/** What the promise resolves to, or `late` once so many milliseconds have passed. */
export async function within<Value>(
  promise: Promise<Value>,
  time: number,
): Promise<Value | "late"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), time);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
