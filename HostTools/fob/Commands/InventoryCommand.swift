import Glibc
import JSON
import TokenClient
import TokenCore

/// `fob inventory`: which credentials are on which token, also on those that are not here.
enum InventoryCommand {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    var inventory = try Inventory()
    if let serial = invocation.text(.forget) {
      guard inventory.forget(serial) else {
        throw FobError(
          .noToken, "No token \(Printable.short(serial)) is remembered; 'fob inventory' shows all.")
      }
      try inventory.write()
      return console.note("The token \(Printable.text(serial)) is forgotten.")
    }
    let present = try look(invocation, console, &inventory)
    try inventory.write()
    if invocation.has(.json) {
      let tokens = inventory.entries.map { json($0, in: inventory, present[$0.serial]) }
      return console.line((["tokens": .array(tokens)] as JSON).indentedText)
    }
    if inventory.entries.isEmpty {
      console.note("No token is connected, and none is remembered.")
    }
    for entry in inventory.entries { show(entry, in: inventory, present[entry.serial], console) }
  }

  /// Whether a token that is connected told what it holds.
  private enum Presence {
    case seen
    /// It has a password or a PIN, which was not given.
    case locked
  }

  /// Asks the tokens that are connected.
  ///
  /// - Returns: those, by their serial numbers.
  private static func look(
    _ invocation: Invocation, _ console: Console, _ inventory: inout Inventory
  ) throws(FobError) -> [String: Presence] {
    var choices = try Devices.places(invocation).map(\.choice)
    for entry in inventory.entries {
      guard let choice = try? TokenChoice(parsing: entry.token, from: "the inventory"),
        !choices.contains(choice), isWorthAsking(choice)
      else { continue }
      choices.append(choice)
    }
    var present: [String: Presence] = [:]
    for choice in choices {
      // A token that is not there, or is in use, is one that is not connected now.
      guard let connection = try? Connection(to: choice, console) else { continue }
      defer { connection.close() }
      let information = try connection.ask { session throws(TokenFailure) in
        try session.information()
      }
      let isOpen = !connection.session.isLocked && !connection.session.wantsPIN
      if isOpen || invocation.has(.passwordFile) || invocation.has(.pinFile) {
        try connection.unlock(invocation, for: .look)
        inventory.note(try InventoryEntry(connection))
        present[information.serialNumber.text] = .seen
      } else {
        present[information.serialNumber.text] = .locked
      }
    }
    return present
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
        + "or a PIN tells nothing without; what it held when it was seen last is shown then.",
    ],
    options: [.json, .forget] + Option.connection,
    examples: [
      Example("fob inventory", "See what was on a token that is lost"),
      Example("fob inventory --forget 0123456789abcdef", "Forget a token that is gone for good"),
    ],
    statuses: [.noToken, .locked, .badInput, .disconnected],
    run: InventoryCommand.run)
}
