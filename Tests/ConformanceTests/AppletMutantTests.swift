import Testing
import TokenClient
import TokenCore

@testable import Conformance

@Suite("A token that breaks a rule of the applet")
struct AppletMutantTests {
  @Test("is found out by the check of that rule")
  func isFoundOut() {
    #expect(Fault.undetected(Fault.applet) == [])
  }

  /// Where each refusal is asked for.
  static let words: [(StatusWord, [String])] = [
    (.cancelled, ["touch.cancel", "proof.pin", "proof.code", "reset.button"]),
    (.wrongLength, ["apdu.header", "apdu.length", "apdu.limit"]),
    (
      .securityStatusNotSatisfied,
      [
        "key.refuses", "key.validates", "key.ends", "code.refused", "touch.refused", "unset.codes",
        "session.bus", "session.idle", "session.longest", "session.crowd", "session.four",
        "session.replaced",
        "session.cleared", "proof.key", "proof.clearing", "proof.pin", "proof.code",
        "clock.set.proof", "replug.proof",
      ]
    ),
    (.noSuchObject, ["delete.gone", "stage.absent", "recovery.order", "recovery.none"]),
    (
      .conditionsNotSatisfied,
      [
        "apdu.remaining", "stage.channel", "stage.name", "stage.nothing", "stage.rollback",
        "nonce.fresh", "nonce.expires", "proof.key", "proof.clearing", "proof.pin",
        "clock.set.proof",
      ]
    ),
    (.clockUnset, ["reset.new"]), (.clockLost, ["unset.codes"]),
    (.timeBeforeLast, ["clock.floor"]), (.wrongPIN, ["proof.code"]),
    (.stepRefused, ["code.refused", "touch.refused"]),
    (.syncOutOfBounds, ["clock.bounds", "unset.sync", "reset.new", "reset.counted"]),
    (.noAccessKey, ["clock.set.keyless", "clock.set.late", "clock.set.replaced"]),
    (
      .wrongData,
      [
        "field.malformed", "field.names", "field.extra", "field.challenge", "put.keys",
        "put.digits", "put.kinds", "put.properties", "put.counters", "rename.period", "key.proof",
        "key.wrong", "nonce.fresh", "proof.key", "proof.clearing", "proof.pin",
        "key.exempt", "clock.malformed", "clock.set.proof", "stage.malformed", "stage.own",
        "recovery.limits",
      ]
    ),
    (.applicationNotFound, ["select.other"]),
    (.noSpace, ["recovery.limits", "put.full", "all.large"]),
    (.wrongParameters, ["apdu.parameters"]), (.nameExists, ["put.exists", "rename.exists"]),
    (.unknownInstruction, ["apdu.instruction", "apdu.interindustry"]),
    (.unknownClass, ["apdu.class"]),
  ]

  @Test("every refusal is found out in place of which comes another, or none")
  func refusals() {
    let cases = Self.words.flatMap { word, ids in
      ids.flatMap { id in [0x9000, 0x6F00].map { (word, id, $0 as UInt16) } }
    }
    let wrong = together(cases) { word, id, other in
      let change = Mutant.Change(
        answer: { _, answer in
          answer == bigEndian(word.rawValue) ? bigEndian(other) : answer
        }, isAboutApplet: true)
      let outcome = try run(id, on: Mutant(change)).outcome(of: id)
      return outcome?.isFailure == true ? nil : "\(hexadecimal(other)) for \(word) in \(id)"
    }
    #expect(wrong == [])
  }

  @Test("a refusal with data behind it is found out")
  func dataBehindRefusal() throws {
    let change = Mutant.Change(
      answer: { _, answer in answer.count == 2 && answer[0] != 0x90 ? answer + [0x79, 0] : answer },
      isAboutApplet: true)
    for id in ["apdu.class", "code.refused", "delete.gone", "key.refuses"] {
      #expect(try run(id, on: Mutant(change)).failed > 0, "\(id)")
    }
  }
}

extension CheckResult.Outcome {
  var isFailure: Bool {
    if case .failed = self { true } else { false }
  }
}

extension Fault {
  static let ok = bigEndian(StatusWord.success.rawValue)

  static func isRequest(
    _ request: [UInt8], _ instruction: Instruction, p1: UInt8? = nil
  ) -> Bool {
    request.count >= 4 && request[1] == instruction.rawValue && (p1 == nil || request[2] == p1)
  }

  /// Says that it has done what `instruction` asks, and has not.
  static func idle(_ instruction: Instruction, _ checks: String...) -> Fault {
    Fault("does nothing at \(instruction)", checks) {
      var isSpared = false
      return Mutant.Change(
        request: { request in
          isSpared = isRequest(request, instruction)
          return isSpared ? Command(.information).bytes : request
        },
        answer: { _, answer in isSpared ? ok : answer }, isAboutApplet: true)
    }
  }

  /// Changes one field of the answers to an instruction.
  static func field(
    _ name: String, _ instruction: Instruction, _ tag: TokenCore.Tag, _ checks: String...,
    change: @escaping @Sendable ([UInt8]) -> [UInt8]?
  ) -> Fault {
    answered(name, checks) { request, answer in
      guard isRequest(request, instruction), answer.prefix(2) == ok[...],
        let fields = Field.parse(Array(answer.dropFirst(2)))
      else { return answer }
      return ok
        + fields.flatMap { field -> [UInt8] in
          guard field.tag == tag.rawValue else { return field.bytes }
          return change(field.value).map { Field(tag, $0).bytes } ?? []
        }
    }
  }

  static let applet = commands + secondEdition

  private static let commands: [Fault] = [
    idle(.put, "put.list", "put.replaces", "field.forms"), idle(.delete, "delete.gone"),
    idle(.rename, "rename.keeps"), idle(.setCode, "key.refuses", "key.algorithms"),
    idle(.stage, "stage.beside", "stage.commit"), idle(.commit, "stage.commit"),
    idle(.rollBack, "stage.rollback"),
    idle(.storeRecoveryCodes, "recovery.order", "stage.commit"),

    .asked("computes for any step", ["code.refused", "touch.refused"]) { request in
      guard isRequest(request, .calculate), let fields = Field.parse(Array(request.dropFirst(5))),
        fields.count == 2, fields[1].value.count == 8
      else { return request }
      return Command(.calculate, p2: request[3], fields[0].bytes + Field(.challenge, []).bytes)
        .bytes
    },
    .asked("refuses neighbours of its step", ["code.neighbours"]) { request in
      guard isRequest(request, .calculate), let fields = Field.parse(Array(request.dropFirst(5))),
        fields.count == 2, fields[1].value.count == 8
      else { return request }
      let step = number(fields[1].value) + 1
      return Command(
        .calculate, p2: request[3], fields[0].bytes + Field(.challenge, bigEndian(step)).bytes
      ).bytes
    },
    field("computes a wrong code", .calculate, .truncatedResponse, "code.sha1", "hotp.counts") {
      $0.dropLast() + [$0.last! ^ 1]
    },
    field("leaves the top bit in", .calculate, .truncatedResponse, "code.sha256") { value in
      [value[0], value[1] | 0x80] + value.dropFirst(2)
    },
    field("tells other digits", .calculate, .truncatedResponse, "put.digits") { value in
      [6] + value.dropFirst()
    },
    field("cuts the full HMAC", .calculate, .response, "code.sha512") { Array($0.dropLast()) },
    field("tells a time a step ahead", .calculate, .time, "code.sha1", "code.time") { value in
      bigEndian(number(value) + 30_000_000)
    },
    field("tells no time with a code", .calculate, .time, "code.sha1") { _ in nil },
    field("tells no bound with a code", .calculate, .bound, "code.time") { _ in nil },
    field("tells that it is perfect", .calculate, .bound, "code.time") { _ in bigEndian(0) },
    Fault("computes each HOTP code twice", ["hotp.counts", "hotp.challenge", "hotp.replaced"]) {
      var first: [UInt8]?
      return Mutant.Change(
        answer: { request, answer in
          guard isRequest(request, .calculate) else { return answer }
          defer { first = first == nil ? answer : nil }
          return first ?? answer
        }, isAboutApplet: true)
    },
    .asked("replaces what exists", ["put.exists"]) { request in
      guard isRequest(request, .put) else { return request }
      return [0, request[1], 0, 0] + request.dropFirst(4)
    },
    .asked("forgets properties", ["put.properties", "touch.recovery"]) { request in
      guard isRequest(request, .put),
        let index = request.lastIndex(of: TokenCore.Tag.property.rawValue),
        index == request.count - 2
      else { return request }
      return request.dropLast() + [0]
    },
    .answered("leaves out the last credential of a list", ["put.list", "field.forms"]) {
      request, answer in
      guard isRequest(request, .list), let fields = Field.parse(Array(answer.dropFirst(2))) else {
        return answer
      }
      return ok + fields.dropLast().flatMap(\.bytes)
    },
    field("lists another kind", .list, .nameList, "put.list") { [$0[0] ^ 3] + $0.dropFirst() },
    field("lists no properties", .list, .nameList, "put.list") { Array($0.dropLast()) },
    .answered("cuts off an answer's last field", ["select.answer", "information.key"]) {
      _, answer in
      answer.count > 2 ? Array(answer.dropLast()) : answer
    },

    field("shows codes that count", .selectOrCalculateAll, .noResponse, "all.own") { _ in nil },
    field(
      "shows a wrong code in the overview", .selectOrCalculateAll, .truncatedResponse, "all.own",
      "all.step"
    ) {
      $0.dropLast() + [$0.last! ^ 1]
    },
    field("has no time in the overview", .selectOrCalculateAll, .time, "all.own") { _ in nil },
    .asked("computes the overview for any step", ["all.step"]) { request in
      guard isRequest(request, .selectOrCalculateAll, p1: 0) else { return request }
      return Command(.selectOrCalculateAll, p2: request[3], Field(.challenge, []).bytes).bytes
    },

    field("is of another version", .selectOrCalculateAll, .version, "select.answer") { _ in
      [1, 0, 0]
    },
    Fault("is somebody else at each SELECT", ["select.answer"]) {
      var count: UInt8 = 0
      return Mutant.Change(
        answer: { request, answer in
          guard isRequest(request, .selectOrCalculateAll, p1: 4), answer.count > 10 else {
            return answer
          }
          count += 1
          var changed = answer
          changed[10] ^= count
          return changed
        }, isAboutApplet: true)
    },
    field("proves nothing itself", .validate, .response, "key.validates") {
      $0.dropLast() + [$0.last! ^ 1]
    },
    .answered("takes any response", ["key.wrong"]) { request, answer in
      guard isRequest(request, .validate), answer == bigEndian(StatusWord.wrongData.rawValue)
      else { return answer }
      return ok + Field(.response, [UInt8](repeating: 0, count: 20)).bytes
    },
    field("says that no key is set", .information, .accessKeySet, "key.exempt") { _ in [0] },
    field("says that a key is set", .information, .accessKeySet, "information.key") { _ in [1] },
    field("counts one credential too many", .information, .capacity, "information.counts") {
      [$0[0] + 1, $0[1]]
    },
    field("has less room than it should", .information, .capacity, "information.counts") {
      [$0[0], 32]
    },
    .answered("names what is staged to everybody", ["key.staged"]) { request, answer in
      guard isRequest(request, .information),
        answer.suffix(2) == [TokenCore.Tag.staged.rawValue, 0]
      else { return answer }
      return answer.dropLast() + [4] + Array("name".utf8)
    },

    Fault("gives the same nonce each time", ["nonce.fresh", "key.wrong"]) {
      Mutant.Change(
        answer: { request, answer in
          guard
            isRequest(request, .nonce) || isRequest(request, .selectOrCalculateAll, p1: 4),
            let fields = Field.parse(Array(answer.dropFirst(2)))
          else { return answer }
          let constant = fields.map {
            $0.tag == TokenCore.Tag.challenge.rawValue
              ? Field(.challenge, bigEndian(UInt64(1))) : $0
          }
          return ok + constant.bytes
        }, isAboutApplet: true)
    },
    Fault("has a clock that stands still", ["clock.status"]) {
      var first: [UInt8]?
      return Mutant.Change(
        answer: { request, answer in
          guard isRequest(request, .clockStatus), var fields = Field.parse(Array(answer[2...])),
            let index = fields.firstIndex(where: { $0.tag == TokenCore.Tag.time.rawValue })
          else { return answer }
          first = first ?? fields[index].value
          fields[index] = Field(.time, first!)
          return ok + fields.bytes
        }, isAboutApplet: true)
    },
    .answered("takes a time beyond its allowance", ["clock.bounds", "unset.sync"]) {
      request, answer in
      guard isRequest(request, .clockSync),
        answer == bigEndian(StatusWord.syncOutOfBounds.rawValue)
      else { return answer }
      return ok
        + [Field(.syncOutcome, [1]), Field(.time, bigEndian(0)), Field(.bound, bigEndian(0))].bytes
    },
    field("slews where it is in step", .clockSync, .syncOutcome, "clock.instep") { _ in [2] },
    field("sets its clock where it should slew", .clockSync, .syncOutcome, "clock.slew") { _ in [0]
    },
    field("allows itself a second more", .clockStatus, .allowance, "clock.slew") {
      bigEndian(number($0) + 1_000_000)
    },
    .answered("sets its clock without a proof", ["clock.set.proof"]) { request, answer in
      guard isRequest(request, .clockSet), answer == bigEndian(StatusWord.wrongData.rawValue)
      else { return answer }
      return ok
        + [Field(.syncOutcome, [0]), Field(.time, bigEndian(0)), Field(.bound, bigEndian(0))].bytes
    },
    .asked("sets its clock, and does not", ["clock.set.proof"]) { request in
      isRequest(request, .clockSet) ? Command(.clockStatus).bytes : request
    },

    .asked("stages by replacing", ["stage.beside", "stage.rollback", "stage.channel"]) { request in
      isRequest(request, .stage) ? [0, Instruction.put.rawValue] + request.dropFirst(2) : request
    },
    field(
      "counts a recovery code that is gone", .takeRecoveryCode, .recoveryCount, "recovery.order"
    ) {
      [$0[0] + 1, $0[1]]
    },
    Fault("hands out a recovery code twice", ["recovery.order", "recovery.limits"]) {
      var last: [UInt8]?
      return Mutant.Change(
        answer: { request, answer in
          guard isRequest(request, .takeRecoveryCode) else { return answer }
          last = last ?? answer
          return last!
        }, isAboutApplet: true)
    },
  ]
}
