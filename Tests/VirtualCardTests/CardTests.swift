import Foundation
import OATH
import Testing
import TokenClient
import TokenCore
import TokenSimulator

@testable import VirtualCard

@Suite("The simulated token as a card")
struct CardTests {
  private let reader: Reader

  init() throws { reader = try Reader() }

  @Test("the reader gets the ATR, and the applet can be selected")
  func select() throws {
    let server = try CardServer(port: reader.port)
    #expect(try reader.powerUp() == AnswerToReset.bytes)
    let answer = try reader.ask(Commands.select)
    #expect(answer.suffix(2) == StatusWord.success.bytes[...])
    // The very token that the socket has.
    let identifier = try server.session().select().identifier
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: identifier.rawValue >> (56 - 8 * $0)) }
    #expect(answer.contains(Commands.field(.name, bytes)))
    #expect(server.reports == [.inserted])
    try server.stop()
  }

  @Test("a credential that the card took has the codes of RFC 4226, and the socket lists it")
  func codes() throws {
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    #expect(try reader.ask(Commands.putHOTP("counted")) == StatusWord.success.bytes)
    for counter in 0..<5 as Range<UInt64> {
      let answer = try reader.ask(Commands.calculate("counted"))
      #expect(Commands.code(in: answer) == Commands.expectedCode(counter))
    }
    #expect(try server.session().list().map(\.name.label) == ["counted"])
    try server.stop()
  }

  @Test("what the card has confirmed is in the image")
  func image() throws {
    let server = try CardServer(port: reader.port, hasImage: true)
    try reader.powerUp()
    #expect(try reader.ask(Commands.putHOTP("kept")) == StatusWord.success.bytes)
    // A copy, since the file itself is the server's.
    let copy = server.image + ".copy"
    try FileManager.default.copyItem(atPath: server.image, toPath: copy)
    let board = try TokenImage(opening: copy, forReading: true).readBoard()
    var token = SimulatedToken(board: board)
    let isTaken = token.receive(apdu: Commands.list)
    #expect(isTaken)
    let answer = token.nextCardResponse()
    let listed = try #require(answer)
    #expect(listed.contains(Array("kept".utf8)))
    try server.stop()
  }

  @Test("a long answer comes in pieces, and to an extended command whole")
  func pieces() throws {
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    for number in 0..<30 {
      let name = "\(number) " + String(repeating: "x", count: 50)
      #expect(try reader.ask(Commands.putHOTP(name)) == StatusWord.success.bytes)
    }
    var pieces = try reader.ask(Commands.list)
    while pieces[pieces.count - 2] == StatusWord.moreDataPrefix {
      pieces.removeLast(2)
      pieces += try reader.ask(Commands.sendRemaining)
    }
    let extended = try reader.ask(Commands.list + [0, 0, 0])
    #expect(pieces == extended)
    #expect(extended.count > 30 * 50)
    try server.stop()
  }

  @Test(
    "a full token of the largest credentials gives all its HMACs, in pieces and to extended commands"
  )
  func largest() throws {
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    let kind = CredentialKind(type: .totp, algorithm: .sha512).rawValue
    for number in 0..<AppletLimits.credentials {
      let name = Array("\(10 + number)".utf8) + [UInt8](repeating: 0x6E, count: 62)
      let key = [kind, 6] + [UInt8](repeating: UInt8(number), count: AppletLimits.keySize)
      let data = Commands.field(.name, name) + [Tag.key.rawValue, 0x81, UInt8(key.count)] + key
      #expect(try reader.ask(Commands.command(.put, data)) == StatusWord.success.bytes)
    }
    let now = UInt64(Date().timeIntervalSince1970 * 1_000_000)
    let bytes = withUnsafeBytes(of: now.bigEndian) { Array($0) }
    let time = Commands.field(.time, bytes)
    // A new token takes its first time freely.
    let sync = Commands.command(
      .clockSync, time + Commands.field(.bound, [UInt8](repeating: 0, count: 8)))
    #expect(try reader.ask(sync).suffix(2) == StatusWord.success.bytes[...])

    let all = Commands.command(.selectOrCalculateAll, Commands.field(.challenge, []))
    let extended: [UInt8] = [0, 0xA4, 0, 0, 0, 0, 2, 0x74, 0, 0, 0]
    for command in [all, extended] {
      var answer = try reader.ask(command)
      while answer[answer.count - 2] == StatusWord.moreDataPrefix {
        answer.removeLast(2)
        answer += try reader.ask(Commands.sendRemaining)
      }
      // A name of 64 bytes; digits and an HMAC of 64.
      #expect(answer.count == AppletLimits.credentials * (2 + 64 + 2 + 65) + 2)
      #expect(answer.suffix(2) == StatusWord.success.bytes[...])
    }
    #expect(try reader.ask(Commands.select).suffix(2) == StatusWord.success.bytes[...])
    try server.stop()
  }

  @Test("YKOATH's clients find what they know: 8 bytes of the application, and no GET RESPONSE")
  func manners() throws {
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    var select = Commands.select + [1]
    select[4] = 8
    #expect(try reader.ask(select) == reader.ask(Commands.select))
    for instruction: UInt8 in 0xC0...0xCC {
      #expect(
        try reader.ask([0, instruction, 0, 0, 0]) == StatusWord.unknownInstruction.bytes)
    }
    try server.stop()
  }

  @Test("a password is replaced and cleared after VALIDATE, and RESET waits for nothing")
  func password() throws {
    let server = try CardServer(port: reader.port, button: .never)
    try reader.powerUp()
    let success = StatusWord.success.bytes
    let refused = StatusWord.securityStatusNotSatisfied.bytes
    let keys = [[UInt8](repeating: 7, count: 16), [UInt8](repeating: 8, count: 16)]
    #expect(try reader.ask(Commands.setCode(keys[0])) == success)
    #expect(try reader.ask(Commands.setCode(keys[1])) == refused)
    try reader.validate(keys[0])
    #expect(try reader.ask(Commands.setCode(keys[1])) == success)
    // That has ended what was proved.
    let clear = Commands.command(.setCode, Commands.field(.key, []))
    #expect(try reader.ask(clear) == refused)
    try reader.validate(keys[1])
    #expect(try reader.ask(clear) == success)
    #expect(try reader.ask(Commands.list) == success)

    #expect(try reader.ask(Commands.putHOTP("bank")) == success)
    #expect(try reader.ask(Commands.setCode(keys[0])) == success)
    let reset: [UInt8] = [0, Instruction.reset.rawValue, 0xDE, 0xAD, 0]
    #expect(try reader.ask(reset) == success)
    #expect(try reader.ask(Commands.list) == success)
    try server.stop()
  }

  @Test("a reset and a power cut end the proof of the password")
  func sessionEnds() throws {
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    let key = [UInt8](repeating: 7, count: 16)
    #expect(try reader.ask(Commands.setCode(key)) == StatusWord.success.bytes)
    let refused = StatusWord.securityStatusNotSatisfied.bytes
    for control in [ReaderControl.reset, .powerOff, .powerOn] {
      #expect(try reader.ask(Commands.list) == refused)
      try reader.validate(key)
      #expect(try reader.ask(Commands.list) == StatusWord.success.bytes)
      reader.send(control: control)
      #expect(try reader.ask(Commands.list) == refused, "\(control)")
    }
    try server.stop()
  }
}

@Suite("What a card's session leaves")
struct SessionEndTests {
  @Test(
    "a reset and a power cut drop the nonce of a SELECT, and what the card staged",
    arguments: [ReaderControl.reset, .powerOff, .powerOn])
  func ends(control: ReaderControl) throws {
    let reader = try Reader()
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    let success = StatusWord.success.bytes
    #expect(try reader.ask(Commands.putHOTP("bank")) == success)
    let name = Commands.field(.name, Array("bank".utf8))
    let stage = name + Commands.field(.key, [0x11, 6] + (1...20))
    #expect(try reader.ask(Commands.command(.stage, stage)) == success)
    reader.send(control: control)
    let refused = StatusWord.conditionsNotSatisfied.bytes
    #expect(try reader.ask(Commands.command(.commit, name)) == refused)
    // A nonce is good within the session in which SELECT gave it.
    let key = [UInt8](repeating: 7, count: 16)
    #expect(try reader.ask(Commands.setCode(key)) == success)
    let nonce = try reader.nonce()
    reader.send(control: control)
    #expect(try reader.ask(Commands.validate(key, nonce)) == refused)
    try server.stop()
  }
}

@Suite("A card that waits for its button")
struct TouchTests {
  private let reader: Reader

  init() throws { reader = try Reader() }

  private func waitingServer() throws -> CardServer {
    let server = try CardServer(port: reader.port, button: .manual)
    try reader.powerUp()
    #expect(try reader.ask(Commands.putHOTP("bank", touch: true)) == StatusWord.success.bytes)
    reader.send(frame: Commands.calculate("bank"))
    try server.waitForTouch()
    return server
  }

  @Test("it still says that it is there, and answers once the button is pressed")
  func press() throws {
    let server = try waitingServer()
    reader.send(control: .answerToReset)
    #expect(try reader.receive() == AnswerToReset.bytes)
    try server.control.perform(.press)
    #expect(Commands.code(in: try reader.receive()) == Commands.expectedCode(0))
    try server.stop()
  }

  @Test(
    "a reset and a power cut end the command, which is never answered, and spends no code",
    arguments: [[ReaderControl.reset], [.powerOff, .powerOn]])
  func abandoned(_ controls: [ReaderControl]) throws {
    let server = try waitingServer()
    for control in controls { reader.send(control: control) }
    #expect(try reader.ask(Commands.select).suffix(2) == StatusWord.success.bytes[...])
    #expect(try server.control.perform(.status).indication == .idle)
    reader.send(frame: Commands.calculate("bank"))
    try server.waitForTouch()
    try server.control.perform(.press)
    #expect(Commands.code(in: try reader.receive()) == Commands.expectedCode(0))
    try server.stop()
  }

  @Test("commands that come meanwhile are answered after it, in their order")
  func queue() throws {
    let server = try waitingServer()
    reader.send(frame: Commands.list)
    reader.send(frame: [])
    try server.control.perform(.press)
    #expect(Commands.code(in: try reader.receive()) == Commands.expectedCode(0))
    #expect(try reader.receive().contains(Array("bank".utf8)))
    #expect(try reader.receive() == StatusWord.wrongLength.bytes)
    try server.stop()
  }

  @Test("a reader that goes meanwhile leaves nothing for the next one")
  func readerGone() throws {
    let server = try waitingServer()
    try reader.powerUp()
    #expect(try server.control.perform(.status).indication == .idle)
    #expect(try reader.ask(Commands.list).contains(Array("bank".utf8)))
    try server.stop()
  }

  @Test("a command of the card's waits for its turn while the socket's waits for the button")
  func turn() throws {
    let server = try CardServer(port: reader.port, button: .manual)
    try reader.powerUp()
    #expect(try reader.ask(Commands.putHOTP("bank", touch: true)) == StatusWord.success.bytes)
    let hostCode = AsyncCode(server)
    try server.waitForTouch()
    reader.send(frame: Commands.list)
    reader.send(control: .answerToReset)
    // The ATR overtakes the list, which the token cannot give yet.
    #expect(try reader.receive() == AnswerToReset.bytes)
    try server.control.perform(.press)
    #expect(hostCode.text() == Commands.expectedCode(0).description)
    #expect(try reader.receive().contains(Array("bank".utf8)))
    try server.stop()
  }
}

/// A code that a program at the socket asks for, on a thread of its own.
private final class AsyncCode: @unchecked Sendable {
  // Unchecked: `result` is written before the semaphore is signalled, and read after.
  private var result: String?
  private let isDone = DispatchSemaphore(value: 0)

  init(_ server: CardServer) {
    Thread { [self] in
      let session = try? server.session()
      if let name = try? session?.list().first?.name { result = try? session?.calculate(name).text }
      isDone.signal()
    }.start()
  }

  func text() -> String? {
    isDone.wait()
    return result
  }
}
