import Testing
import TokenCore

@testable import TokenClient

@Suite("Failures")
struct TokenFailureTests {
  static let all: [TokenFailure] = {
    let name = try! Credential.Name(label: "Site:\u{202E}ann", period: .init(30))
    return [
      .input(.keyEmpty), .transport(.notFound(place: "sim")),
      .transport(.ambiguous(place: "usb", choices: ["usb:1", "usb:2"])),
      .transport(.permissionDenied(place: "sim")),
      .transport(.permissionDenied(place: "usb", remedy: "Ask its owner.")),
      .transport(.inUse(place: "sim")),
      .transport(.unusable(place: "sim", reason: "it is a folder")),
      .transport(.vanished(place: "sim")),
      .transport(.system(place: "sim", operation: "connect", error: 5)),
      .noAnswer(place: "sim"), .busy(place: "sim"), .restarted(place: "sim"),
      .replaced(place: "sim"), .firstTimeRefused, .notAToken(place: "sim"), .notSupported,
      .nonsense("its answer ends in the middle"),
      .garbled(.invalidSequence), .unexpected(status: 0x6700, command: .put), .cancelled,
      .notTouched, .locked, .wrongAccessKey, .impostor, .noAccessKey, .noSuchCredential(name),
      .nameTaken(name), .tokenFull, .noRecoveryCodeLeft(name), .nothingStaged, .clockUnset,
      .clockLost, .clockUncertain, .stepRefused, .syncOutOfBounds, .timeBeforeLast, .policyHeld,
      .memoryFailed, .entropyFailed,
    ]
  }()

  @Test(
    "are whole sentences without status words or anything that a terminal obeys", arguments: all)
  func sentences(_ failure: TokenFailure) {
    let text = failure.description
    #expect(text.first?.isUppercase == true || text.hasPrefix("sim "))
    #expect(text.hasSuffix("."))
    #expect(!text.contains("\u{202E}"))
    if case .unexpected = failure { return }
    #expect(!text.contains("0x"))
    for word in ["6982", "6A80", "69F", "6400"] { #expect(!text.contains(word)) }
  }

  @Test("fall into every category")
  func categories() {
    #expect(Set(Self.all.map(\.category)) == Set(TokenFailure.Category.allCases))
  }

  @Test("say the same status word differently where it means different things")
  func contexts() throws {
    let name = try Credential.Name(label: "a", period: .init(30))
    func failure(
      _ word: StatusWord, _ command: Instruction, touched: Bool = false, proved: Bool = false
    ) -> TokenFailure {
      Refusal(
        status: word.rawValue, command: command, name: name, hasOwnProof: proved,
        waitedForTouch: touched, place: "sim"
      ).failure
    }
    #expect(failure(.securityStatusNotSatisfied, .calculate, touched: true) == .notTouched)
    #expect(failure(.securityStatusNotSatisfied, .calculate) == .locked)
    #expect(failure(.wrongData, .validate) == .wrongAccessKey)
    #expect(failure(.wrongData, .clockSet, proved: true) == .wrongAccessKey)
    #expect(failure(.wrongData, .setCode, proved: true) == .wrongAccessKey)
    #expect(failure(.conditionsNotSatisfied, .clockSet, proved: true) == .restarted(place: "sim"))
    #expect(failure(.conditionsNotSatisfied, .setPIN, proved: true) == .pinIsSet)
    #expect(failure(.clockUnset, .calculate) == .clockUnset)
    #expect(failure(.clockLost, .calculate) == .clockLost)
    #expect(failure(.wrongData, .put) == .unexpected(status: 0x6A80, command: .put))
    #expect(failure(.conditionsNotSatisfied, .commit) == .nothingStaged)
    #expect(failure(.noSuchObject, .delete) == .noSuchCredential(name))
  }
}
