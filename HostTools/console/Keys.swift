import RelyingParty

/// `console keys`: replaces the key that secrets are sealed under, while consoles go on.
enum Keys {
  static func run(_ options: Options) throws(Refusal) {
    let file = options.keyFile ?? options.database + ".key"
    switch options.command {
    case .addKey:
      try RelyingParty.addSealingKey(to: file)
      ConsoleCommand.say(
        "Added a key to \(file). Copy the file to every machine, restart every console, and then "
          + "run 'console keys seal'.")
    case .sealAnew:
      try ConsoleCommand.open(options).sealAnew()
      ConsoleCommand.say(
        "Everything is sealed under the newest key. 'console keys drop' removes the older ones.")
    case .dropKeys:
      let dropped = try ConsoleCommand.open(options).dropOldKeys(from: file)
      ConsoleCommand.say(
        dropped == 0
          ? "Nothing to remove: \(file) has one key."
          : "Removed \(dropped) old key\(dropped == 1 ? "" : "s") from \(file).")
    default: break
    }
  }
}
