import TokenClient
import TokenCore

// Docs/protocol.md, section 5, RESET: only ever sent to a token on which nothing is anybody's, as often as that
// may be asked; and section 6, a clock that was never set.
extension Check {
  static let reset: [Check] = [
    Check("reset.button", "RESET takes the button when anything is stored, and no secret", "5") {
      bench throws(CheckEnd) in
      try bench.requireNobodysToken()
      try bench.leaveButton()
      let sample = bench.sample("reset")
      try bench.put(sample)
      try bench.beginWaiting(.resetting)
      try bench.cancelWaiting()
      try bench.requireListed(sample)
      try bench.delete(sample)
      // A password is enough.
      let secret = try bench.makeOwnKey()
      try bench.setOwnKey(secret)
      try bench.beginWaiting(.resetting)
      try bench.cancelWaiting()
      try bench.unlock(bench.main, with: secret)
      try bench.pressButton()
      try bench.wire.resynchronize(bench.main)
      try bench.perform(.resetting, waits: true)
      let selection = try bench.select()
      try bench.wire.require(selection.lock == nil, "no access key", "one")
      // With nothing stored, nobody has to press.
      try bench.leaveButton()
      try bench.perform(.resetting)
    },
    Check("reset.wipes", "RESET drops everything, and leaves a clock running that runs", "5, 6") {
      bench throws(CheckEnd) in
      try bench.requireNobodysToken()
      try bench.requireTime()
      let sample = bench.sample("wiped")
      try bench.put(sample)
      try bench.perform(bench.storing(["abc"], for: sample))
      let identifier = try bench.select().identifier
      try bench.pressButton()
      try bench.requireSteadyClock { _ throws(CheckEnd) in
        try bench.perform(.resetting, waits: true)
      }
      let after = try bench.select().identifier
      try bench.wire.require(
        after != identifier, "another device identifier", hexadecimal(after))
      try bench.requireListed(sample, false)
      try bench.put(sample)
      try bench.requireRecoveryCodes(left: 0, of: 0, for: sample)
      try bench.requireOwnCode(sample)
    },
    Check(
      "reset.new", "A token that has had no time and given no code takes its first time freely",
      "6",
      limit: .seconds(30)
    ) {
      bench throws(CheckEnd) in
      try bench.requireNobodysToken()
      let sample = bench.sample("new")
      try bench.resetToNew()
      try bench.put(sample)
      try bench.refuse(Command(.calculate, p2: 0x81, sample.calculation()), .clockUnset)
      try bench.setClockFreely()
      try bench.requireOwnCode(sample)
      let host = HostClock.now.microseconds
      try bench.refuse(
        bench.syncing(to: host + 3_600_000_000, uncertainty: 0), .syncOutOfBounds)
    },
    Check(
      "reset.counted", "A token that has given a code takes no first time with credentials", "6",
      limit: .seconds(30)
    ) {
      bench throws(CheckEnd) in
      try bench.requireNobodysToken()
      var sample = bench.sample("counted")
      sample.type = .hotp
      try bench.resetToNew()
      try bench.put(sample)
      try bench.requireCode(sample, at: 0)
      let time = bench.syncing(
        to: HostClock.now.microseconds, uncertainty: HostClock().error.rawValue)
      try bench.refuse(time, .syncOutOfBounds)
    },
  ]
}

extension Bench {
  /// Skips the check unless a token is all but new, so that RESET takes nothing from anybody.
  fileprivate func requireNobodysToken() throws(CheckEnd) {
    guard inventory.isEmpty else { throw .skipped("the token holds credentials") }
    guard personKey == nil else { throw .skipped("the token has a password") }
    guard try tokenInformation().pinTries == nil else { throw .skipped("the token has a PIN") }
    guard try clock().policy == ClockPolicy.refuse.rawValue else {
      throw .skipped("setting the token's clock wipes it")
    }
    try pressButton()
  }

  /// Takes the token's clock away, and then all that it remembers.
  fileprivate func resetToNew() throws(CheckEnd) {
    try setClockFreely()
    try loseClock()
    try pressButton()
    try perform(.resetting, waits: true)
    let state = try clock().state
    try wire.require(state == ClockState.unset.rawValue, "a clock that was never set", "\(state)")
  }
}

extension Command {
  fileprivate static let resetting = Command(.reset, p1: 0xDE, p2: 0xAD)
}
