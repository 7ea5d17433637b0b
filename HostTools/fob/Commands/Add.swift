import TokenClient

/// `fob add`: puts a credential on the token.
enum Add {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    // Before anybody types a secret for no token.
    _ = try TokenChoice(invocation)
    let name = invocation.argument(0)
    var issued = try Issued(invocation, name: name, console)
    defer { issued.wipeSecret() }
    let credentialName = try issued.credentialName(issued.label(name))
    let credential = try issued.credential(credentialName, touch: invocation.has(.touch))

    try SecondToken.requireFit(credentialName, invocation)
    let connection = try Connection(invocation, console, ifAbsent: .created, for: .provisioning)
    let second = try SecondToken.beside(connection, invocation, for: .provisioning)
    try Lookup.requireNone(called: credentialName, on: connection)
    if let second { try Lookup.requireNone(called: credentialName, on: second.connection) }
    var trouble = try ClockCare.prepare(connection)
    try ClockCare.adviseAgainstPowerLoss(connection)
    if let second, let other = try ClockCare.prepare(second.connection) { trouble = other }
    try SignalHold.during { () throws(FobError) in
      try connection.ask { session throws(TokenFailure) in try session.put(credential) }
      try second?.put(credential, after: connection)
    }
    console.note(
      second.map { "'\(credentialName)' is on the token, and on \($0.place)." }
        ?? "'\(credentialName)' is on the token.")
    Inventory.note(connection)
    if let second { Inventory.note(second.connection) }
    if let trouble {
      console.note("fob: Warning: there will be no codes yet. \(trouble.sentence)")
    }
  }
}

extension Command {
  static let add = Command(
    name: "add", section: .credentials, summary: "Put a new credential on the token",
    details: [
      "The secret comes from the QR code or the address that the site shows, or is typed as the "
        + "key beside it. It never goes on the command line, which every program on this computer "
        + "can read. Without NAME the credential is called what the site calls it.",
      "With an image (sim, sim:FILE) that does not exist yet, a new simulated token is made.",
    ],
    arguments: [
      Argument(name: "NAME", summary: "what to call it, up to 64 bytes", isOptional: true)
    ],
    alternatives: Option.sources,
    options: Option.description + [.also] + Option.connection,
    examples: [
      Example("fob add --qr shop.png", "Scan a picture of the QR code"),
      Example(
        "fob add --qr shop.png --also usb:0123456789abcdef",
        "Put it on a second token too, since no token gives its secrets out again"),
      Example("fob add Shop:ann --key -", "Type the key, which is not shown"),
      Example(
        "fob add Bank --key - --algorithm sha256 --digits 8 --period 60 < key.txt",
        "Take a key from a file, for a site with settings of its own"),
    ],
    statuses: [.noToken, .occupied, .locked, .badInput, .disconnected],
    run: Add.run)
}
