import TokenClient
import TokenCore

// Docs/protocol.md, section 12: commands that change who gets in carry their own proof. CLOCK SET's is among
// the checks of the clock.
extension Check {
  static let proofs: [Check] = [
    Check("proof.key", "SET CODE over an access key takes its own proof, and nothing else", "5, 12")
    {
      bench throws(CheckEnd) in
      // Of the key that is set, so that a token that takes it does no harm.
      try bench.locked { secret throws(CheckEnd) in
        let command = Command(.setCode, secret.data).kept
        try bench.requireOwnProof(of: command, under: secret, other: .setPIN)
        try bench.unlock(bench.main, with: secret)
        guard !secret.isKept else { return }
        let right = try bench.proving(command, under: secret)
        try bench.perform(right)
        try bench.refuse(right, .conditionsNotSatisfied)
        try bench.unlock(bench.main, with: secret)
      }
    },
    Check("proof.clearing", "SET CODE that clears the access key takes its own proof", "5, 12") {
      bench throws(CheckEnd) in
      let secret = try bench.makeOwnKey()
      try bench.setOwnKey(secret)
      let command = Command(.setCode, Field(.key, []).bytes)
      try bench.requireOwnProof(of: command, under: secret, other: .setPIN)
      try bench.unlock(bench.main, with: secret)
      try bench.perform(try bench.proving(command, under: secret))
      let selection = try bench.select()
      try bench.wire.require(selection.lock == nil, "no access key", "one")
    },
    Check(
      "proof.pin", "SET PIN with an access key set takes its own proof, and the button", "10, 12"
    ) {
      bench throws(CheckEnd) in
      let secret = try bench.makeOwnKey()
      guard try bench.tokenInformation().pinTries == nil else {
        throw .skipped("the token has a PIN")
      }
      try bench.setOwnKey(secret)
      try bench.leaveButton()
      bench.hasOwnPIN = true
      try bench.requireOwnProof(of: Bench.settingPIN, under: secret, other: .setCode)
      try bench.beginWaiting(try bench.proving(Bench.settingPIN, under: secret))
      try bench.cancelWaiting()
      let tries = try bench.tokenInformation().pinTries
      try bench.wire.require(tries == nil, "no PIN", "one")
      try bench.setOwnPIN(try bench.proving(Bench.settingPIN, under: secret))
      try bench.clearOwnPIN()
    },
    Check(
      "proof.code", "SET CODE with only a PIN set takes the PIN, the button, and a try", "5, 12"
    ) {
      bench throws(CheckEnd) in
      let secret = try bench.makeOwnKey()
      try bench.setOwnPIN()
      try bench.perform(Bench.verifyingPIN, waits: true)
      let command = Command(.setCode, secret.data)
      try bench.refuse(command, .securityStatusNotSatisfied)
      try bench.leaveButton()
      let right = Command(.setCode, command.data + Field(.pin, Bench.ownPIN).bytes).kept
      try bench.beginWaiting(right)
      try bench.cancelWaiting()
      try bench.pressButton()
      let wrong = Array(Bench.ownPIN.reversed())
      try bench.refuse(
        Command(.setCode, command.data + Field(.pin, wrong).bytes).kept, .wrongPIN, waits: true)
      let tries = try bench.tokenInformation().pinTries
      try bench.wire.require(tries == 7, "7 tries of the PIN", tries.map { "\($0)" } ?? "no PIN")
      let selection = try bench.select()
      try bench.wire.require(selection.lock == nil, "no access key", "one")
      bench.ownKey = secret
      try bench.perform(right, waits: true)
      try bench.unlock(bench.main, with: secret)
      try bench.clearOwnKey()
      try bench.clearOwnPIN()
    },
    Check("pin.listed", "LIST tells of each credential that the PIN is needed", "5") {
      bench throws(CheckEnd) in
      guard bench.personKey == nil else { throw .skipped("the token has a password") }
      let plain = bench.sample("plain")
      var touch = bench.sample("touch")
      touch.properties = .touch
      for sample in [plain, touch] { try bench.put(sample) }
      try bench.setOwnPIN()
      try bench.perform(Bench.verifyingPIN, waits: true)
      let entries = try bench.list()
      for (sample, needs) in [(plain, 2 as UInt8), (touch, 3)] {
        let expected = [sample.kind] + sample.name + [needs]
        try bench.wire.require(
          entries.contains(expected), hexadecimal(expected, limit: 80), "no such entry")
      }
      try bench.clearOwnPIN()
    },
  ]
}
