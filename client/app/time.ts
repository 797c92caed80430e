/** Hours and minutes here, two digits each. */
export function formatTime(at: Date | number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, "0"))
    .join(":");
}
