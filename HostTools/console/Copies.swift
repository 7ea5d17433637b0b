import RelyingParty

/// `console backup` and `console restore`.
enum Copies {
  static func run(_ options: Options) throws(Refusal) {
    switch options.command {
    case .backUp(let file):
      try DatabaseBackup.write(file, of: options.database)
      ConsoleCommand.say(
        "Wrote a backup to \(file). Keep the key file too, in another place: the backup does not "
          + "open without it.")
    case .restore(let file):
      let kept = try DatabaseBackup.restore(
        file, to: options.database, replacing: options.replaces)
      ConsoleCommand.say(
        "Restored \(options.database) from \(file). Everybody has to log in again.")
      if let kept { ConsoleCommand.say("The database that was there is in \(kept).") }
    default: break
    }
  }
}
