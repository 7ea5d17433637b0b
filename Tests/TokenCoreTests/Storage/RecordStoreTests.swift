import PowerCuts
import Testing

@testable import TokenCore

@Suite("The record store")
struct RecordStoreTests {
  static let geometries = [(4, 1024), (5, 1040), (7, 2048), (32, 4096)]

  @Test(
    "contains what a dictionary would, over random workloads and restarts", arguments: geometries)
  func agreesWithModel(sectorCount: Int, sectorSize: Int) throws {
    for seed in UInt64(1)...4 {
      var workload = StoreWorkload(
        seed: seed, keys: 0..<20, lengths: [0, 1, 12, 16, 17, 100, 170, 480])
      var model = FlashStoreModel(sectorCount: sectorCount, sectorSize: sectorSize)
      var store = try MountedStore(NORFlash(sectorCount: sectorCount, sectorSize: sectorSize))
      var dead: [[UInt8]] = []
      for step in 0..<300 {
        let operation = workload.next()
        let before = model
        let fits = model.perform(operation)
        var failure: StorageFailure?
        do { try store.perform(operation) } catch { failure = error }
        #expect(failure == (fits ? nil : .full), "repeat with: seed \(seed), step \(step)")

        dead += before.values.filter { model.values[$0.key] != $0.value }.map(\.value)
        if case .write(_, let value) = operation, !fits { dead.append(value) }
        if step % 10 == 0 {
          #expect(try store.values() == model.values, "repeat with: seed \(seed), step \(step)")
          store = try MountedStore(store.powerCycled())
          #expect(try store.values() == model.values, "repeat with: seed \(seed), step \(step)")
        }
      }
      let flash = store.powerCycled()
      #expect(flash.violations == [], "repeat with: seed \(seed)")
      #expect(!dead.contains { flash.contains(traceOf: $0) }, "repeat with: seed \(seed)")
      #expect(model.values.values.allSatisfy { $0.count < 11 || flash.contains(traceOf: $0) })
    }
  }
}
