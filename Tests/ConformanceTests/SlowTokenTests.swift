import Glibc
import Testing
import TokenCore

@testable import Conformance

@Suite("A token that is slower than its host")
struct SlowTokenTests {
  private static let words = "this computer or the token is too slow to tell"

  @Test("is not judged by a time that reached it when it was not in step any more")
  func late() throws {
    let change = Mutant.Change(
      request: { request in
        if isRequest(request, .clockSync) { usleep(150_000) }
        return request
      }, isAboutApplet: true)
    let report = try run("clock.instep", on: Mutant(change), patience: .seconds(2))
    #expect(report.outcome(of: "clock.instep") == .skipped(Self.words))
  }

  @Test(
    "is not judged by a clock that fell behind while it worked",
    arguments: [
      ("clock.instep", Instruction.clockSync), ("clock.bounds", .clockSync),
      ("clock.set.late", .clockSet),
    ])
  func behind(_ id: String, work: Instruction) throws {
    let change = Self.clockFallsBehind(by: 200_000, at: work) { usleep(200_000) }
    let report = try run(id, on: Mutant(change), patience: .seconds(2))
    #expect(report.outcome(of: id) == .skipped(Self.words))
  }

  @Test("is judged by a clock that went back")
  func back() throws {
    let change = Self.clockFallsBehind(by: 5_000_000, at: .clockSync) {}
    let report = try run("clock.instep", on: Mutant(change))
    #expect(report.outcome(of: "clock.instep")?.isFailure == true)
  }

  /// A clock that is `microseconds` further behind from each answer to `instruction` on.
  private static func clockFallsBehind(
    by microseconds: Int64, at instruction: Instruction, meanwhile work: @escaping () -> Void
  ) -> Mutant.Change {
    var lag: Int64 = 0
    return Mutant.Change(
      answer: { request, answer in
        var fields = Field.parse(Array(answer.dropFirst(2))) ?? []
        // A clock that has just been set is right.
        if isRequest(request, instruction), fields.first?.value != [SyncOutcome.set.rawValue] {
          work()
          lag += microseconds
        }
        guard isRequest(request, .clockStatus),
          let index = fields.firstIndex(where: { $0.tag == TokenCore.Tag.time.rawValue })
        else { return answer }
        let time = fields[index].value.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        fields[index] = Field(.time, bigEndian(time - lag))
        return answer.prefix(2) + fields.bytes
      }, isAboutApplet: true)
  }
}

private func isRequest(_ request: [UInt8], _ instruction: Instruction) -> Bool {
  request.count >= 4 && request[1] == instruction.rawValue
}
