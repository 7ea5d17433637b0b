import TokenClient
import TokenCore

// A command's own proof (Docs/protocol.md, section 12).
extension Bench {
  func nonce(on channel: ChannelID? = nil) throws(CheckEnd) -> [UInt8] {
    try values(Command(.nonce), [(.challenge, AppletLimits.nonceSize)], on: channel)[0]
  }

  /// The command with its own proof, over a nonce that the channel is given for it.
  func proving(
    _ command: Command, under secret: AccessSecret, on channel: ChannelID? = nil
  ) throws(CheckEnd) -> Command {
    secret.proving(command, over: try nonce(on: channel))
  }

  /// Requires that a command is refused without its own proof, and with each that is not its own.
  ///
  /// - Parameters:
  ///   - command: right but for its proof, and harmless to a token that takes it all the same.
  ///   - instruction: one that it is not.
  func requireOwnProof(
    of command: Command, under secret: AccessSecret, other instruction: Instruction
  ) throws(CheckEnd) {
    // What the channel has proved does not help.
    try unlock(main, with: secret)
    try refuse(command, .securityStatusNotSatisfied)
    try refuse(secret.proving(command, over: randomBytes(8)), .conditionsNotSatisfied)

    // A wrong one uses the nonce up.
    let spent = try nonce()
    var wrong = secret.proving(command, over: spent)
    wrong.data[wrong.data.count - 1] ^= 1
    try refuse(wrong, .wrongData)
    try refuse(secret.proving(command, over: spent), .conditionsNotSatisfied)

    let stranger = AccessSecret(key: randomBytes(16), algorithm: secret.algorithm, isKept: false)
    try refuse(try proving(command, under: stranger), .wrongData)
    try refuse(try proof(of: command, under: secret, as: instruction), .wrongData)
    try refuse(try proof(of: command, under: secret, size: 10), .wrongData)
    try refuse(try proofOfOtherData(than: command, under: secret), .wrongData)

    // A nonce is for the channel that was given it, and the last one counts.
    let others = try nonce(on: self.other)
    try refuse(secret.proving(command, over: others), .conditionsNotSatisfied)
    _ = try nonce()
    try refuse(secret.proving(command, over: others), .wrongData)
    let first = try nonce()
    _ = try nonce()
    try refuse(secret.proving(command, over: first), .wrongData)
    // INIT ends it, as it ends all that the channel was given.
    let forgotten = try nonce()
    try wire.resynchronize(main)
    try refuse(secret.proving(command, over: forgotten), .conditionsNotSatisfied)
  }

  /// The command with the proof of another instruction, or with a part of its own.
  private func proof(
    of command: Command, under secret: AccessSecret, as instruction: Instruction? = nil,
    size: Int = .max
  ) throws(CheckEnd) -> Command {
    let number = instruction?.rawValue ?? command.instruction
    let proof = secret.response(to: [number] + (try nonce()) + command.data)
    var proved = command
    proved.data += Field(.proof, Array(proof.prefix(size))).bytes
    return proved
  }

  private func proofOfOtherData(
    than command: Command, under secret: AccessSecret
  ) throws(CheckEnd) -> Command {
    var changed = command.data
    changed[changed.count - 1] ^= 1
    let proof = secret.response(to: [command.instruction] + (try nonce()) + changed)
    var proved = command
    proved.data += Field(.proof, proof).bytes
    return proved
  }
}

// MARK: - The suite's own PIN

extension Bench {
  static var ownPIN: [UInt8] { Array(Suite.ownPassword.utf8) }
  private static var pinField: [UInt8] { Field(.pin, ownPIN).bytes }

  static var settingPIN: Command { Command(.setPIN, pinField).kept }
  static var verifyingPIN: Command { Command(.verifyPIN, pinField).kept }

  /// Sets the suite's PIN, which the button is pressed for.
  ///
  /// - Parameter command: SET PIN, with its proof where it needs one.
  func setOwnPIN(_ command: Command = Bench.settingPIN) throws(CheckEnd) {
    guard try tokenInformation().pinTries == nil else { throw .skipped("the token has a PIN") }
    try pressButton()
    hasOwnPIN = true
    try perform(command, waits: true)
    let tries = try tokenInformation().pinTries
    try wire.require(
      tries == UInt8(AppletLimits.pinTries), "\(AppletLimits.pinTries) tries of the PIN",
      tries.map { "\($0)" } ?? "no PIN")
  }

  /// Takes the suite's PIN off, if it is set.
  func clearOwnPIN() throws(CheckEnd) {
    guard hasOwnPIN else { return }
    if try tokenInformation().pinTries != nil {
      try pressButton()
      try perform(
        Command(.changePIN, Self.pinField + Field(.newPIN, []).bytes).kept, waits: true)
    }
    hasOwnPIN = false
  }
}
