import Testing
import TokenCore

@testable import PicoBoard

/// The whole firmware, as a host has it.
@Suite struct TokenTests {
  private func connected() throws -> (Firmware, [UInt8]) {
    let firmware = Firmware()
    #expect(firmware.host.enumerate())
    return (firmware, try #require(firmware.openChannel()))
  }

  @Test("a message of any length comes back from PING", arguments: [0, 1, 57, 58, 500, 7_609])
  func ping(length: Int) throws {
    let (firmware, channel) = try connected()
    let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
    #expect(firmware.exchange(0x01, message, on: channel) == message)
    #expect(firmware.chip.violations == [])
  }

  @Test("a host that never reads does not keep the token from the next one")
  func deafHost() throws {
    let (firmware, channel) = try connected()
    #expect(firmware.send(0x01, [UInt8](repeating: 1, count: 300), on: channel))
    // The response is given up half a second later.
    firmware.chip.microseconds += 600_000
    firmware.turn()
    #expect(firmware.host.enumerate())
    let next = try #require(firmware.openChannel())
    #expect(firmware.exchange(0x01, [5], on: next) == [5])
  }

  @Test("WINK makes the LED flash for two seconds, and then it is dark")
  func wink() throws {
    let (firmware, channel) = try connected()
    #expect(firmware.exchange(0x08, [], on: channel) == [])
    var levels: [Bool] = []
    for _ in 0..<64 {
      firmware.turn()
      levels.append(firmware.isLit)
      firmware.chip.microseconds += 31_250
    }
    let changes = zip(levels, levels.dropFirst()).filter { $0 != $1 }.count
    #expect(changes >= 28)
    firmware.chip.microseconds += 500_000
    firmware.turn()
    #expect(!firmware.isLit)
  }

  @Test("the alarm wakes the processor soon while something is awaited, and later otherwise")
  func alarms() throws {
    let (firmware, channel) = try connected()
    func interval() -> UInt32 {
      firmware.turn()
      let now = UInt32(truncatingIfNeeded: firmware.chip.microseconds)
      return firmware.chip.value(of: MicrosecondTimer.alarm) &- now
    }
    #expect(interval() > 500_000)
    #expect(firmware.exchange(0x08, [], on: channel) == [])
    #expect(interval() <= 5_000)
  }

  @Test("a message that stays unfinished is given up in time, without a look at the button")
  func unfinishedMessage() throws {
    let (firmware, channel) = try connected()
    #expect(firmware.host.send((channel + [0x81, 0, 100]).padded) == .acknowledged)
    #expect(firmware.isTokenWaiting)
    firmware.chip.microseconds += 600_000
    firmware.turn()
    #expect(!firmware.isTokenWaiting)
    let error = try #require(firmware.receive(on: channel))
    #expect(error.command == 0x3F)
    #expect(firmware.flash.looks == 0)
  }

  @Test("the button is looked at every 5 ms while it is awaited, however often the loop turns")
  func buttonLooks() throws {
    let (firmware, channel) = try connected()
    #expect(firmware.exchange(0x70, touchCredential, on: channel) == [0x90, 0])
    #expect(firmware.flash.looks == 0)
    #expect(firmware.send(0x70, touchCalculation, on: channel))
    let (looks, start) = (firmware.flash.looks, firmware.chip.microseconds)
    while firmware.chip.microseconds < start + 50_000 {
      firmware.turn()
      firmware.chip.microseconds += 200
    }
    #expect((9...11).contains(firmware.flash.looks - looks))
  }

  @Test("touching BOOTSEL lets a command go on that wants it")
  func touch() throws {
    let (firmware, channel) = try connected()
    #expect(firmware.exchange(0x70, touchCredential, on: channel) == [0x90, 0])
    #expect(firmware.send(0x70, touchCalculation, on: channel))
    let keepAlive = try #require(firmware.host.receive())
    #expect(keepAlive[4] == 0x80 | 0x3B)
    #expect(firmware.isLit)
    firmware.chip.microseconds += 10_000
    firmware.turn()
    firmware.flash.isButtonPressed = true
    firmware.chip.microseconds += 10_000
    let answer = try #require(firmware.receive(on: channel))
    #expect(answer.message.prefix(2) == [0x90, 0])
    #expect(firmware.chip.violations == [])
  }
}

private let name: [UInt8] = [0x71, 1, 0x61]
/// PUT: an HOTP credential that wants the button (property 2).
private let touchCredential: [UInt8] =
  [0, 0x01, 0, 0, 29] + name + [0x73, 22, 0x11, 6] + (1...20) + [0x78, 2]
/// CALCULATE, the code cut to its digits.
private let touchCalculation: [UInt8] = [0, 0xA2, 0, 1, 5] + name + [0x74, 0]
