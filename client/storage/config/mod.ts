/**
 * The config file: its keys, their values, and reading and writing it. Does not apply the
 * values.
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
export { readSystemConfig, type SystemConfig, systemConfigPath } from "./system_config.ts";
export { DEFAULT_SETTINGS, isSetting, type Settings, settingsOf } from "./settings.ts";
