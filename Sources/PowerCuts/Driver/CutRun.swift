/// The name of a run: what is cut, the flash's measures, and the seed of the workload.
///
/// As text `store:SECTORSxBYTES:SEED` or `token:…`; with a mistake built in, `store-MUTATION:…`.
package struct CutRun: Sendable, CustomStringConvertible {
  package enum Level: String, Sendable {
    case store
    case token
  }

  package var level: Level
  package var mutation: Mutation?
  package var sectorCount: Int
  package var sectorSize: Int
  package var seed: UInt64

  /// - Returns: nil if `text` is no name, or the measures are none of a store's.
  package init?(parsing text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let seed = UInt64(parts[2]) else { return nil }
    let kind = parts[0].split(separator: "-", maxSplits: 1)
    let measures = parts[1].split(separator: "x").compactMap { Int($0) }
    guard let level = kind.first.flatMap({ Level(rawValue: String($0)) }), measures.count == 2,
      (4...32).contains(measures[0]), (1024...4096).contains(measures[1]), measures[1] % 16 == 0
    else { return nil }
    if kind.count == 2 {
      guard let mutation = Mutation(rawValue: String(kind[1])) else { return nil }
      self.mutation = mutation
    }
    self.level = level
    self.seed = seed
    sectorCount = measures[0]
    sectorSize = measures[1]
  }

  package var description: String {
    "\(level)\(mutation.map { "-\($0)" } ?? ""):\(sectorCount)x\(sectorSize):\(seed)"
  }

  /// A driver at the start of the run.
  package func driver(_ thoroughness: Thoroughness) throws(PowerCutFailure) -> FlashStoreDriver {
    do throws(Complaint) {
      let subject: any CutSubject =
        switch level {
        case .store: try StoreSubject(self)
        case .token: try TokenSubject(self)
        }
      return FlashStoreDriver(subject, thoroughness, seed: seed)
    } catch {
      throw PowerCutFailure(
        place: CutPlace(run: description, step: 0, cuts: []), complaint: error)
    }
  }
}
