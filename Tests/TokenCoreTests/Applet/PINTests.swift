import Testing
import TokenCore

@Suite("The PIN")
struct PINTests {
  private static let pin = LockState.rightPIN
  private static let wrong = LockState.wrongPIN

  @Test("has 4 to 64 bytes; another length costs no try, and no press")
  func lengths() {
    for length in [0, 3, 65, 100] {
      var host = LockState.open.host()
      let pin = [UInt8](repeating: 0x31, count: length)
      #expect(host.apdu(0xB4, field(0x80, pin)).status == 0x6A80)
      host = LockState.pin.host()
      #expect(host.apdu(0xB2, field(0x80, pin)).status == 0x6A80)
      if length > 0 {
        #expect(host.apdu(0xB3, field(0x80, Self.pin) + field(0x81, pin)).status == 0x6A80)
      }
      #expect(host.pinTries() == 8)
    }
    for length in [4, 64] {
      var host = LockState.open.host()
      let pin = [UInt8](repeating: 0x31, count: length)
      #expect(host.press(0xB4, field(0x80, pin)).status == 0x9000)
      #expect(host.verify(pin) == 0x9000)
      #expect(host.calculate("a").status == 0x9000)
    }
  }

  @Test("a PIN that begins like the right one, or goes on after it, is wrong")
  func prefixes() {
    var host = LockState.pin.host()
    #expect(host.verify(Array(Self.pin.dropLast())) == 0x6300)
    #expect(host.verify(Self.pin + [0x30]) == 0x6300)
    #expect(host.verify(Self.pin) == 0x9000)
  }

  @Test("eight wrong tries block it, and the right one comes too late; a reset helps")
  func blocking() {
    var host = LockState.pin.host()
    for left: UInt8 in (0..<8).reversed() {
      #expect(host.verify(Self.wrong) == 0x6300)
      #expect(host.pinTries() == left)
      host.replug()
      #expect(host.pinTries() == left)
    }
    #expect(host.verify() == 0x6983)
    #expect(host.apdu(0xB3, field(0x80, Self.pin) + field(0x81, "other")).status == 0x6983)
    #expect(host.calculate("a").status == 0x6982)
    #expect(host.reset() == 0x9000)
    #expect(host.pinTries() == nil)
    #expect(host.names().isEmpty)
  }

  @Test("the right one gives all tries back")
  func restoring() {
    var host = LockState.pin.host()
    for _ in 0..<7 { _ = host.verify(Self.wrong) }
    #expect(host.pinTries() == 1)
    #expect(host.verify() == 0x9000)
    #expect(host.pinTries() == 8)
  }

  @Test("a try is spent in the flash before the PIN is compared, wherever the power is cut")
  func cuts() {
    for pin in [Self.pin, Self.wrong] {
      var isDone = false
      var operations = 0
      while !isDone {
        var host = LockState.pin.host()
        _ = host.verify(Self.wrong)
        host.token.board.flashBudget = operations
        let status = host.verify(pin)
        isDone = (host.token.board.flashBudget ?? 0) > 0
        host.replug { $0.flashBudget = nil }
        let left = host.pinTries()
        let cut = "repeat with: cut after \(operations) operations"
        if pin == Self.wrong {
          #expect(left == 6 || (left == 7 && status != 0x6300), "\(cut)")
        } else {
          #expect(left == 6 || left == 7 || (left == 8 && operations > 1), "\(cut)")
        }
        operations += 1
      }
      #expect(operations > 3)
    }
  }

  @Test("changing it is before or after, wherever the power is cut")
  func changeCuts() {
    let new = Array("another".utf8)
    var isDone = false
    var operations = 0
    while !isDone {
      var host = LockState.pin.host()
      host.token.board.flashBudget = operations
      _ = host.press(0xB3, field(0x80, Self.pin) + field(0x81, new))
      isDone = (host.token.board.flashBudget ?? 0) > 0
      host.replug { $0.flashBudget = nil }
      var taken: [[UInt8]] = []
      for pin in [Self.pin, new] where host.verify(pin) == 0x9000 { taken.append(pin) }
      #expect(taken.count == 1, "repeat with: cut after \(operations) operations")
      if isDone { #expect(taken == [new]) }
      operations += 1
    }
  }

  @Test("setting it on a token that has none is before or after, wherever the power is cut")
  func setCuts() {
    var isDone = false
    var operations = 0
    while !isDone {
      var host = LockState.open.host()
      host.token.board.flashBudget = operations
      _ = host.press(0xB4, field(0x80, Self.pin))
      isDone = (host.token.board.flashBudget ?? 0) > 0
      host.replug { $0.flashBudget = nil }
      let tries = host.pinTries()
      #expect(tries == nil || tries == 8, "repeat with: cut after \(operations) operations")
      if tries != nil { #expect(host.verify() == 0x9000) }
      operations += 1
    }
  }

  @Test("verification holds for one channel, until its INIT or SELECT, and not over a restart")
  func verificationEnds() {
    var host = LockState.verified.host()
    let other = host.allocateChannel()
    #expect(host.apdu(0xA1, on: other).status == 0x6982)
    #expect(host.apdu(0xA1).status == 0x9000)
    _ = host.transact(0x06, [UInt8](repeating: 3, count: 8))
    #expect(host.apdu(0xA1).status == 0x6982)
    host.verify()
    _ = host.apdu(0xA4, p1: 4, AccessKeyTests.application)
    #expect(host.apdu(0xA1).status == 0x6982)
    host.verify()
    host.replug()
    #expect(host.apdu(0xA1).status == 0x6982)
  }

  @Test("a wrong try on any channel ends every verification")
  func wrongTryElsewhere() {
    var host = LockState.verified.host()
    let other = host.allocateChannel()
    #expect(host.verify(Self.wrong, on: other) == 0x6300)
    #expect(host.calculate("a").status == 0x6982)
  }

  @Test("it can be changed and taken off by who knows it, and by nobody else")
  func changing() {
    var host = LockState.pin.host()
    #expect(host.press(0xB3, field(0x80, Self.wrong) + field(0x81, "other")).status == 0x6300)
    #expect(host.press(0xB3, field(0x80, Self.pin) + field(0x81, "other")).status == 0x9000)
    #expect(host.verify() == 0x6300)
    #expect(host.verify(Array("other".utf8)) == 0x9000)
    #expect(host.press(0xB3, field(0x80, "other") + field(0x81, [])).status == 0x9000)
    #expect(host.pinTries() == nil)
    #expect(host.calculate("a").status == 0x9000)
  }

  @Test("a press that began before the command does not count for it")
  func heldButton() {
    var host = LockState.pin.host()
    host.token.board.isPressed = true
    _ = host.begin(0xB2, field(0x80, Self.wrong))
    host.token.poll()
    let isWaiting = host.token.wantsTouch
    #expect(isWaiting)
    host.token.board.pass(seconds: 16)
    host.token.poll()
    #expect(TestHost.response(in: host.messages()).status == 0x6982)
    #expect(host.pinTries() == 8)
  }

  @Test("CANCEL and INIT while the button is waited for leave the tries alone")
  func cancelled() {
    var host = LockState.pin.host()
    _ = host.begin(0xB2, field(0x80, Self.wrong))
    #expect(TestHost.response(in: host.transact(0x11, [])).status == 0x6400)
    #expect(host.pinTries() == 8)
    _ = host.begin(0xB2, field(0x80, Self.wrong))
    _ = host.transact(0x06, [UInt8](repeating: 3, count: 8))
    #expect(host.pinTries() == 8)
  }
}
