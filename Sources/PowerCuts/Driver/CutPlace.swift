/// Names a chain of power cuts: the run, the step of its workload, and what each cut did.
///
/// As text: `RUN:STEP:CUT.TEAR.READING/CUT.TEAR.READING…`, the first cut being that of the operation and
/// each further one that of the recovery from the one before. No cuts stand for the operation itself.
package struct CutPlace: Equatable, Sendable, CustomStringConvertible {
  package struct Cut: Equatable, Sendable {
    /// Programs and erasures before the one that is cut.
    let operation: Int
    /// Which way it tears, see `Tear.init(number:…)`.
    let tear: Int
    /// How marginal bits read afterwards.
    let reading: MarginalReading
  }

  /// What is being run, and over what, with its seed; without a colon at its end.
  package let run: String
  package let step: Int
  package let cuts: [Cut]

  init(run: String, step: Int, cuts: [Cut]) {
    self.run = run
    self.step = step
    self.cuts = cuts
  }

  /// - Returns: nil if `text` is none.
  package init?(parsing text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 3, let step = Int(parts[parts.count - 2]), step >= 0 else { return nil }
    var cuts: [Cut] = []
    for part in parts[parts.count - 1].split(separator: "/") {
      let numbers = part.split(separator: ".").compactMap { Int($0) }
      guard numbers.count == 3, numbers[0] >= 0, numbers[1] >= 0,
        let reading = MarginalReading(rawValue: numbers[2])
      else { return nil }
      cuts.append(Cut(operation: numbers[0], tear: numbers[1], reading: reading))
    }
    self.init(run: parts.dropLast(2).joined(separator: ":"), step: step, cuts: cuts)
  }

  package var description: String {
    let chain = cuts.map { "\($0.operation).\($0.tear).\($0.reading.rawValue)" }
    return "\(run):\(step):\(chain.joined(separator: "/"))"
  }
}
