import TokenClient
import TokenCore

/// What CLOCK STATUS answers.
struct ClockReport {
  /// What there is while the clock runs, in microseconds but for the frequency.
  struct Reading: Equatable {
    let time: Int64
    let bound: Int64
    let lastSync: Int64
    let allowance: Int64
  }

  let state: UInt8
  let reading: Reading?
  let policy: UInt8
}

extension Bench {
  func clock(on channel: ChannelID? = nil) throws(CheckEnd) -> ClockReport {
    let fields = try fields(Command(.clockStatus), on: channel)
    var expected: [(Tag, Int)] = [(.clockState, 1)]
    let isRunning = fields.first?.value == [ClockState.running.rawValue]
    if isRunning {
      expected += [(.time, 8), (.bound, 8), (.lastSync, 8), (.allowance, 8), (.frequency, 4)]
    }
    expected.append((.clockPolicy, 1))
    let values = try values(fields, expected)
    let state = values[0][0]
    try wire.require(state <= ClockState.lost.rawValue, "state 0, 1 or 2", "\(state)")
    let policy = values[values.count - 1][0]
    try wire.require(policy <= ClockPolicy.wipe.rawValue, "policy 0 or 1", "\(policy)")
    guard isRunning else { return ClockReport(state: state, reading: nil, policy: policy) }
    let numbers = values[1...4].map { Int64(bitPattern: number($0)) }
    return ClockReport(
      state: state,
      reading: ClockReport.Reading(
        time: numbers[0], bound: numbers[1], lastSync: numbers[2], allowance: numbers[3]),
      policy: policy)
  }

  /// The token's time, which has to be good enough for codes of 30 s.
  ///
  /// An empty token whose clock does not run takes this host's time, as it would from anybody.
  @discardableResult
  func requireTime() throws(CheckEnd) -> ClockReport.Reading {
    var report = try clock()
    if report.reading == nil, inventory.isEmpty {
      try tidyCredentials()
      try setClockFreely()
      report = try clock()
    }
    guard let reading = report.reading else {
      throw .skipped("the token's clock does not run, and it holds credentials")
    }
    guard reading.bound <= 15_000_000 else {
      throw .skipped("the token's clock may be off by more than half a step")
    }
    return reading
  }

  /// CLOCK SYNC to this host's time. The token has to be empty.
  func setClockFreely() throws(CheckEnd) {
    let outcome = try synchronize(
      to: HostClock.now.microseconds, uncertainty: HostClock().error.rawValue)
    try wire.require(outcome == .set, "outcome 0 (set)", "\(outcome)")
  }

  func syncing(to time: Int64, uncertainty: Int64) -> Command {
    let fields = [Field(.time, bigEndian(time)), Field(.bound, bigEndian(uncertainty))]
    return Command(.clockSync, fields.bytes)
  }

  func synchronize(to time: Int64, uncertainty: Int64) throws(CheckEnd) -> SyncOutcome {
    try outcome(of: syncing(to: time, uncertainty: uncertainty))
  }

  func outcome(of command: Command) throws(CheckEnd) -> SyncOutcome {
    try outcome(in: try ask(command))
  }

  func outcome(in answer: Answer) throws(CheckEnd) -> SyncOutcome {
    let values = try values(
      try fields(of: answer), [(.syncOutcome, 1), (.time, 8), (.bound, 8)])
    guard let outcome = SyncOutcome(rawValue: values[0][0]) else {
      throw wire.deviation(expected: "outcome 0, 1 or 2", received: "\(values[0][0])")
    }
    return outcome
  }
}
