/**
 * The config file: its keys, their values, and reading and writing it. Knows nothing of what the
 * values are used for.
 *
 * @module
 */

export {
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  configValue,
  describeValues,
  isConfigKey,
} from "./config.ts";
export { readConfig, setConfig } from "./config_file.ts";
export { DEFAULT_SETTINGS, isSetting, type Settings, settingsOf } from "./settings.ts";
