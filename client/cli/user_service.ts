/** Marks files that `mim install` has written: no other is replaced or removed. */
const MARK = 'Written by "mim install"; "mim uninstall" removes it';
/** The label of the LaunchAgent. */
const LABEL = "mim";

/** A file of a service. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string;
}

/** A service that the system starts when its user logs in. */
export interface UserService {
  /** The file that describes it, then any that has the system start it. */
  readonly files: readonly [ServiceFile, ...ServiceFile[]];
  /** The command that starts it now. */
  readonly start: string;
  /** The command that stops it now. */
  readonly stop: string;
}

/** The program that runs as a service. */
export interface ServiceCommand {
  /** The program and its arguments. */
  readonly words: readonly string[];
  /** Variables of its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The service of a user: a systemd user unit, or a LaunchAgent of macOS.
 *
 * @param env a variable of the environment; undefined if it is not set
 * @returns undefined if the system has no such services, or the user no home
 */
export function userService(
  os: typeof Deno.build.os,
  env: (variable: string) => string | undefined,
  command: ServiceCommand,
): UserService | undefined {
  const home = env("HOME");
  if (!home?.startsWith("/")) return undefined;
  if (os === "darwin") return launchAgent(home, command);
  if (os !== "linux") return undefined;
  const config = env("XDG_CONFIG_HOME");
  return systemdUnit(config?.startsWith("/") ? config : `${home}/.config`, command);
}

/** Whether `mim install` has written a file. */
export function isOwnService(text: string): boolean {
  return text.includes(MARK);
}

function systemdUnit(config: string, { words, env }: ServiceCommand): UserService {
  const folder = `${config}/systemd/user`;
  const environment = Object.entries(env).map(([name, value]) =>
    `Environment=${quoted(`${name}=${value}`)}\n`
  ).join("");
  // Its output names the address of the window, which is nobody else's business.
  const unit = `# ${MARK}
[Unit]
Description=MIM, the messenger

[Service]
${environment}ExecStart=${words.map((word) => quoted(word.replaceAll("$", "$$$$"))).join(" ")}
StandardOutput=null
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2
SuccessExitStatus=143
NoNewPrivileges=yes
UMask=0077
`;
  // Instead of a link to the unit: Deno makes links only with permission for all files.
  const trigger = `# ${MARK}
[Unit]
Wants=mim.service
`;
  return {
    files: [
      { path: `${folder}/mim.service`, text: unit },
      { path: `${folder}/default.target.d/mim.conf`, text: trigger },
    ],
    start: "systemctl --user daemon-reload && systemctl --user start mim",
    stop: "systemctl --user stop mim; systemctl --user daemon-reload",
  };
}

function launchAgent(home: string, { words, env }: ServiceCommand): UserService {
  const path = `${home}/Library/LaunchAgents/${LABEL}.plist`;
  const string = (text: string) => `<string>${escaped(text)}</string>`;
  const environment = Object.entries(env)
    .map(([name, value]) => `    <key>${escaped(name)}</key>${string(value)}\n`).join("");
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${MARK} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>${string(LABEL)}
  <key>ProgramArguments</key>
  <array>
${words.map((word) => `    ${string(word)}\n`).join("")}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${environment}  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key><false/>
  </dict>
  <key>StandardOutPath</key>${string("/dev/null")}
  <key>Umask</key><integer>63</integer>
</dict>
</plist>
`;
  return {
    files: [{ path, text }],
    start: `launchctl load ${path}`,
    stop: `launchctl remove ${LABEL}`,
  };
}

/** A word as systemd reads it. */
function quoted(word: string): string {
  return `"${word.replace(/["\\]/g, "\\$&").replaceAll("%", "%%")}"`;
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replace(/[&<>]/g, (character) => names[character] ?? character);
}
