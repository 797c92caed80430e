/** The local time as HH:MM. */
export function formatTime(at: Date | number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** The local date as YYYY-MM-DD. */
export function formatDate(at: Date | number): string {
  return new Date(at).toLocaleDateString("sv");
}
