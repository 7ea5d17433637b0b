import OATH
import TokenClient
import TokenCore

// Before and after each check.
extension Bench {
  /// How long putting things in order may take.
  static let tidyingLimit = Duration.seconds(30)
  /// The same when the person has had enough.
  static let interruptedLimit = Duration.seconds(3)

  /// After as many other channels the suite's are used, lest the token give them up.
  private static let mostChannelsAskedFor = 4

  /// Gets to know the token and what is on it.
  ///
  /// - Parameter password: opens the token if it is locked.
  /// - Throws: `Refusal` when the checks would put something of the person's at risk.
  func getReady(password: SecretBytes?) throws(Refusal) -> TokenFacts {
    let selection = try Refusal.unless { () throws(CheckEnd) in try select() }
    if let lock = selection.lock {
      guard let password else { throw .locked }
      guard lock.algorithm == HashAlgorithm.sha1.rawValue else { throw .unknownKey }
      try prove(password, for: selection.identifier, nonce: lock.nonce)
    }
    let information = try Refusal.unless { () throws(CheckEnd) in try tokenInformation() }
    guard information.pinTries == nil else { throw .hasPIN }
    guard information.staged == nil else { throw .updateWaiting }
    let free = information.room - information.stored
    guard free >= Suite.neededSlots else { throw .noRoom(free: free) }
    inventory = try Refusal.unless { () throws(CheckEnd) in try takeInventory() }
    return TokenFacts(
      serialNumber: SerialNumber(rawValue: information.serialNumber),
      body: Body(rawValue: information.body) ?? .hardware, credentials: information.stored)
  }

  private func prove(
    _ password: SecretBytes, for identifier: [UInt8], nonce: [UInt8]
  ) throws(Refusal) {
    let secret = password.withBytes {
      AccessSecret(password: $0, identifier: identifier, isKept: true)
    }
    let answer = try Refusal.unless { () throws(CheckEnd) in
      try ask(proof(of: secret, for: nonce))
    }
    guard answer.word == StatusWord.success.rawValue else { throw .wrongPassword }
    personKey = secret
  }

  /// Before a check: channels that do nothing, the first of them open to commands.
  func prepare(for check: Check) throws(CheckEnd) {
    try wire.drain()
    if wire.channelsAskedFor > Self.mostChannelsAskedFor { try resynchronize() }
    if !check.isAboutFraming { try open(main) }
  }

  /// After a check: takes everything of the suite's off the token.
  ///
  /// - Parameter hasFailed: what state the channels are in is not known.
  func tidy(hasFailed: Bool) throws(CheckEnd) {
    if hasFailed {
      try wire.drain()
      try resynchronize()
    }
    try clearOwnKey()
    try clearOwnPIN()
    // Its proof may have run out.
    if hasFailed || mayHaveStaged || !ownNames.isEmpty { try open(main) }
    if mayHaveStaged {
      try perform(Command(.rollBack))
      mayHaveStaged = false
    }
    try tidyCredentials()
  }

  /// Deletes the suite's own credentials. Names that are not there any more are as good.
  func tidyCredentials() throws(CheckEnd) {
    while let name = ownNames.last {
      let answer = try ask(Command(.delete, Field(.name, name).bytes))
      // 6A80 is right for a name that is too long, which only a wrong token would have taken.
      let words: [StatusWord] = [.success, .noSuchObject, .wrongData]
      try wire.require(
        words.contains { $0.rawValue == answer.word }, "9000 or 6984", answer.words)
      ownNames.removeLast()
    }
  }

  /// At the end: what was there before has to be there, and nothing else.
  func verifyInventory() throws(CheckEnd) {
    if hasDisturbedClock, inventory.isEmpty {
      try setClockFreely()
      hasDisturbedClock = false
    }
    let after = try takeInventory()
    let missing = inventory.entries.filter { !after.entries.contains($0) }.count
    let added = after.entries.filter { !inventory.entries.contains($0) }.count
    try wire.require(
      after == inventory, "the \(inventory.entries.count) credentials of before, in their order",
      "\(after.entries.count) credentials: \(missing) missing or changed, \(added) new")
  }
}

/// What INFORMATION answers.
struct InformationReport {
  let serialNumber: UInt64
  let body: UInt8
  let stored: Int
  let room: Int
  let isLocked: Bool
  /// `nil` without a PIN.
  let pinTries: UInt8?
  /// The name of the credential with a staged update.
  let staged: [UInt8]?
}

extension Bench {
  func tokenInformation(on channel: ChannelID? = nil) throws(CheckEnd) -> InformationReport {
    var fields = try fields(Command(.information), on: channel)
    var staged: [UInt8]?
    if let last = fields.last, last.tag == Tag.staged.rawValue {
      staged = last.value
      fields.removeLast()
    }
    var pinTries: UInt8?
    if let field = fields.last, field.tag == Tag.pinTries.rawValue, field.value.count == 1 {
      pinTries = field.value[0]
      fields.removeLast()
    }
    let values = try values(
      fields, [(.version, 3), (.serialNumber, 8), (.body, 1), (.capacity, 2), (.accessKeySet, 1)])
    try wire.require(values[2][0] <= 2, "body 0, 1 or 2", "\(values[2][0])")
    try wire.require(values[4][0] <= 1, "0 or 1 for the access key", "\(values[4][0])")
    return InformationReport(
      serialNumber: number(values[1]), body: values[2][0], stored: Int(values[3][0]),
      room: Int(values[3][1]), isLocked: values[4] == [1], pinTries: pinTries, staged: staged)
  }
}
