import TokenCore

/// What a token holds that is not the suite's: asked for before, and again afterwards.
struct Inventory: Equatable {
  /// A credential: its entry in LIST, with properties, and what COUNT RECOVERY CODES says of it.
  struct Entry: Equatable {
    let listed: [UInt8]
    let recoveryCodes: [UInt8]

    var name: [UInt8] { Array(listed.dropFirst().dropLast()) }
  }

  var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }

  func contains(_ name: [UInt8]) -> Bool {
    entries.contains { $0.name == name }
  }
}

extension Bench {
  /// What is on the token, the suite's own names left out.
  func takeInventory() throws(CheckEnd) -> Inventory {
    var inventory = Inventory()
    for listed in try list() {
      let name = Array(listed.dropFirst().dropLast())
      guard !ownNames.contains(name) else { continue }
      let command = Command(.countRecoveryCodes, Field(.name, name).bytes).kept
      inventory.entries.append(
        Inventory.Entry(
          listed: listed, recoveryCodes: try values(command, [(.recoveryCount, 2)])[0]))
    }
    return inventory
  }

  /// The entries of a LIST that was asked for what each needs.
  func list(on channel: ChannelID? = nil) throws(CheckEnd) -> [[UInt8]] {
    let fields = try fields(Command(.list, [1]), on: channel)
    for field in fields {
      try wire.require(
        field.tag == Tag.nameList.rawValue && (3...66).contains(field.value.count),
        "fields 72 of 3 to 66 bytes", field.words)
    }
    return fields.map(\.value)
  }
}
