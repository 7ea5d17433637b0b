import Glibc
import JSON
import TokenClient
import TokenCore

/// `fob inventory`: which credentials are on which token, also on those that are not here.
enum InventoryCommand {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    if let serial = invocation.text(.forget) {
      try Inventory.update { inventory throws(FobError) in
        guard inventory.forget(serial) else {
          throw FobError(
            .noToken,
            "No token \(Printable.short(serial)) is remembered; 'fob inventory' shows all."
          )
        }
      }
      return console.note("The token \(Printable.text(serial)) is forgotten.")
    }
    let sightings = try look(invocation, console)
    let inventory = try Inventory.update { inventory throws(FobError) -> Inventory in
      for case .seen(let entry) in sightings { inventory.note(entry) }
      return inventory
    }
    func presence(_ entry: InventoryEntry) -> Presence? {
      sightings.lazy.compactMap { $0.presence(of: entry) }.first
    }
    if invocation.has(.json) {
      let tokens = inventory.entries.map { json($0, in: inventory, presence($0)) }
      return console.line((["tokens": .array(tokens)] as JSON).indentedText)
    }
    if inventory.entries.isEmpty {
      console.note("No token is connected, and none is remembered.")
    }
    for entry in inventory.entries { show(entry, in: inventory, presence(entry), console) }
  }

  /// What a token told that is connected.
  private enum Sighting {
    case seen(InventoryEntry)
    /// It has a password or a PIN, which was not given to it.
    case locked(InventoryEntry.Identity)

    func presence(of entry: InventoryEntry) -> Presence? {
      switch self {
      case .seen(let seen): seen.identity == entry.identity ? .seen : nil
      case .locked(let identity): identity.fits(entry.identity) ? .locked : nil
      }
    }
  }

  /// Whether a token that is connected told what it holds.
  private enum Presence {
    case seen
    /// It has a password or a PIN, which was not given.
    case locked
  }

  /// Asks the tokens that are connected. A password or PIN goes to the one that the person named, and
  /// to no other: any of the others may be somebody else's.
  private static func look(
    _ invocation: Invocation, _ console: Console
  ) throws(FobError) -> [Sighting] {
    let places = try Devices.places(invocation)
    let hasSecret = invocation.has(.passwordFile) || invocation.has(.pinFile)
    if hasSecret, !places.contains(where: \.isChosen) {
      throw FobError(
        .usage,
        "--password-file and --pin-file are for one token; say which with --token, or leave them out."
      )
    }
    var choices = places.map { (choice: $0.choice, isNamed: $0.isChosen) }
    for entry in try Inventory().entries {
      guard let choice = try? TokenChoice(parsing: entry.token, from: "the inventory"),
        !choices.contains(where: { $0.choice == choice }), isWorthAsking(choice)
      else { continue }
      choices.append((choice, false))
    }
    var sightings: [Sighting] = []
    for (choice, isNamed) in choices {
      do throws(FobError) {
        let connection = try Connection(to: choice, console)
        defer { connection.close() }
        sightings.append(
          try look(at: connection, console, telling: isNamed && hasSecret ? invocation : nil))
      } catch {
        // Whatever is wrong with one token, the others are listed. Not so if it is the one that a
        // secret was given for, or if the person has had enough.
        if error.status == .interrupted || (isNamed && hasSecret) { throw error }
        // One that is not there, or is in use, is just not connected now.
        guard error.status != .noToken else { continue }
        console.note("fob: \(Printable.text(choice.text)) is left out: \(error.sentence)")
      }
    }
    return sightings
  }

  /// - Parameter invocation: what the token may be told, if anything.
  private static func look(
    at connection: Connection, _ console: Console, telling invocation: Invocation?
  ) throws(FobError) -> Sighting {
    if let invocation {
      try connection.unlock(invocation, for: .look)
      return .seen(try InventoryEntry(connection))
    }
    let session = connection.session
    guard !session.isLocked, !session.wantsPIN else {
      let way = session.hasPIN ? "--pin-file" : "--password-file"
      console.note(
        "fob: \(try connection.title()) is locked; name it with --token, and give \(way), to list what "
          + "it holds.")
      return .locked(try connection.identity())
    }
    try connection.requireExpectedPassword()
    return .seen(try InventoryEntry(connection))
  }

  /// No emulator is started for what somebody tried once, and no simulated token made.
  private static func isWorthAsking(_ choice: TokenChoice) -> Bool {
    switch choice {
    case .image(let path): access(path, F_OK) == 0
    case .socket(let path): access(path, F_OK) == 0 && SocketTrust.objection(to: path) == nil
    case .emulated, .emulatedPico, .usb, .pluggedIn: false
    }
  }

  private static func json(
    _ entry: InventoryEntry, in inventory: Inventory, _ presence: Presence?
  ) -> JSON {
    var object = entry.json
    object["connected"] = .bool(presence != nil)
    object["locked"] = .bool(presence == .locked)
    object["credentials"] = .array(
      entry.credentials.map { name in
        let others = inventory.others(with: name, than: entry)
        return ["name": .string(name), "alsoOn": .array(others.map { .string($0) })]
      })
    return object
  }

  private static func show(
    _ entry: InventoryEntry, in inventory: Inventory, _ presence: Presence?, _ console: Console
  ) {
    let seen = DurationText.local(UnixTime(microseconds: Int64(entry.seen) * 1_000_000))
    let state =
      switch presence {
      case .seen?: "connected"
      case .locked?: "connected and locked; as seen \(seen)"
      case nil: "not connected; as seen \(seen)"
      }
    console.line("\(Printable.text(entry.serial))  \(Printable.text(entry.token))")
    console.line("    \(Printable.text(entry.body)), \(state)")
    for name in entry.credentials {
      let others = inventory.others(with: name, than: entry)
      let backup = others.isEmpty ? "" : "  (also on \(others.joined(separator: ", ")))"
      console.line("      \(Printable.text(name))\(Printable.text(backup))")
    }
    if entry.credentials.isEmpty { console.line("      nothing") }
  }
}

extension Option {
  static let forget = Option(
    "forget", value: "SERIAL", "forget the token with this serial number", excludes: ["json"])
}

extension Command {
  static let inventory = Command(
    name: "inventory", section: .credentials,
    summary: "List which credentials are on which token, also on those that are not here",
    details: [
      "Asks the tokens that are connected, and remembers what they hold: names, and never keys. So "
        + "the accounts of a token that is lost can be listed, with the other tokens that have "
        + "them. Commands that show or change what is on a token remember it as well.",
      "What is remembered is in $XDG_STATE_HOME/watchfob/inventory.json, or else "
        + "~/.local/state/watchfob/inventory.json, and only you can read it. A token with a password "
        + "or a PIN tells nothing without; what it held when it was seen last is shown then. A password "
        + "or PIN is told to the one token that --token or FOB_TOKEN names, and to no other.",
    ],
    options: [.json, .forget] + Option.connection,
    examples: [
      Example("fob inventory", "See what was on a token that is lost"),
      Example("fob inventory --forget 0123456789abcdef", "Forget a token that is gone for good"),
    ],
    statuses: [.noToken, .locked, .badInput, .disconnected],
    run: InventoryCommand.run)
}
