import OATH
import TokenCore

// The suite's own credentials.
extension Bench {
  /// A credential of this run's, not yet on the token.
  ///
  /// - Parameter period: goes in front of the name if it is not 30.
  func sample(_ label: String, period: UInt64 = 30) -> Sample {
    let front = period == 30 ? "" : "\(period)/"
    return Sample(name: Array("\(front)\(prefix):\(label)".utf8), period: period)
  }

  /// A name of this run's that has exactly `length` bytes, 30 or more.
  func name(ofLength length: Int) -> [UInt8] {
    let start = Array("\(prefix):".utf8)
    return start + [UInt8](repeating: UInt8(ascii: "n"), count: length - start.count)
  }

  /// Counts a name as the suite's, before it is sent.
  ///
  /// - Precondition: nobody else's credential has it.
  func claim(_ name: [UInt8]) {
    precondition(!inventory.contains(name))
    if !ownNames.contains(name) { ownNames.append(name) }
  }

  /// PUT. Only the suite's own are replaced: others' names were not claimed.
  func put(_ sample: Sample, replacing: Bool = false) throws(CheckEnd) {
    claim(sample.name)
    try perform(Command(.put, p1: replacing ? 0 : 1, sample.data))
  }

  func putting(_ sample: Sample, replacing: Bool = false) -> Command {
    claim(sample.name)
    return Command(.put, p1: replacing ? 0 : 1, sample.data)
  }

  func stage(_ sample: Sample, on channel: ChannelID? = nil) throws(CheckEnd) {
    mayHaveStaged = true
    try perform(Command(.stage, sample.data), on: channel)
  }

  func delete(_ sample: Sample) throws(CheckEnd) {
    try perform(Command(.delete, sample.nameField))
  }

  /// Requires that LIST has this entry, or that it has none of its name.
  func requireListed(_ sample: Sample, _ isListed: Bool = true) throws(CheckEnd) {
    let entries = try list().filter { Array($0.dropFirst().dropLast()) == sample.name }
    try wire.require(
      entries == (isListed ? [sample.entry] : []),
      isListed ? "the entry \(hexadecimal(sample.entry, limit: 80))" : "no entry of that name",
      entries.isEmpty
        ? "none" : entries.map { hexadecimal($0, limit: 80) }.joined(separator: ", "))
  }
}

// MARK: - Codes

extension Bench {
  /// A time and the token's bound on its error, in microseconds.
  struct Moment {
    let time: Int64
    let bound: Int64

    /// The step that lies in, RFC 6238.
    func step(_ period: UInt64) -> UInt64 { UInt64(time / 1_000_000) / period }
  }

  /// Has the token compute for its own step, and requires that the code is right for the time that
  /// it says it computed at.
  @discardableResult
  func requireOwnCode(
    _ sample: Sample, isFull: Bool = false, with instruction: Instruction = .calculate,
    on channel: ChannelID? = nil, waits: Bool = false
  ) throws(CheckEnd) -> Moment {
    let form = CodeForm(isFull: isFull, isOwn: true)
    let command = Command(instruction, p2: form.p2, sample.calculation())
    let fields = try fields(command, on: channel, waits: waits)
    let size = isFull ? 1 + sample.algorithm.digestSize : 5
    let values = try values(
      fields, [(isFull ? .response : .truncatedResponse, size), (.time, 8), (.bound, 8)])
    let moment = Moment(time: Int64(number(values[1])), bound: Int64(number(values[2])))
    try requireCode(values[0], of: sample, at: moment.step(sample.period), isFull: isFull)
    return moment
  }

  /// Has the token compute for a step that the host names, or for its counter, as YKOATH's clients do:
  /// the answer is the code alone.
  func requireCode(
    _ sample: Sample, at factor: UInt64, challenge: [UInt8] = [], isFull: Bool = false,
    with instruction: Instruction = .calculate, waits: Bool = false
  ) throws(CheckEnd) {
    let command = Command(
      instruction, p2: isFull ? 0 : 1, sample.calculation(challenge: challenge))
    let size = isFull ? 1 + sample.algorithm.digestSize : 5
    let value = try values(
      command, [(isFull ? .response : .truncatedResponse, size)], waits: waits)[0]
    try requireCode(value, of: sample, at: factor, isFull: isFull)
  }

  func requireCode(
    _ value: [UInt8], of sample: Sample, at factor: UInt64, isFull: Bool = false
  ) throws(CheckEnd) {
    let expected = isFull ? sample.full(at: factor) : sample.truncated(at: factor)
    try wire.require(
      value == expected, "\(hexadecimal(expected)) for the moving factor \(factor)",
      hexadecimal(value))
  }
}

// MARK: - Recovery codes

extension Bench {
  func storing(_ codes: [String], for sample: Sample) -> Command {
    let fields = codes.map { Field(.recoveryCode, Array($0.utf8)) }
    return Command(.storeRecoveryCodes, sample.nameField + fields.bytes)
  }

  func requireRecoveryCodes(
    left: UInt8, of stored: UInt8, for sample: Sample
  ) throws(CheckEnd) {
    let command = Command(.countRecoveryCodes, sample.nameField)
    let value = try values(command, [(.recoveryCount, 2)])[0]
    try wire.require(
      value == [left, stored], "\(left) left of \(stored)", "\(value[0]) left of \(value[1])")
  }
}
