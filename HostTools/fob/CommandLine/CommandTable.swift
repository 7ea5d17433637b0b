/// All commands. The help and the manual page list them in this order, by section.
enum CommandTable {
  static let all: [Command] = [
    .enable, .login, .update, .recover, .disable,
    .list, .add, .code, .rename, .remove, .inventory,
    .devices, .doctor, .info, .clockStatus, .clockSync, .clockPolicy, .passwordSet, .passwordClear,
    .pinSet, .pinChange, .pinRemove, .pinVerify, .reset,
    .check,
    .simRun, .simStop, .simStatus, .simPress, .simButton, .simPlug, .simUnplug, .simSuspend,
    .simBattery, .simWarp, .simAttack, .simSnapshot, .simRestore, .simUSBIP, .simUHID, .simUSBRedir,
    .simReplay,
    .simPCSC,
    .demo, .console, .completions, .help, .version, .manual,
  ]

  /// What a group's name alone means.
  static let usual = ["clock": "clock status"]
}
