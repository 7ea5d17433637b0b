import PasswordClient
import Testing
import TokenCore

@testable import PicoBoard

/// What the token learns of the bus: whatever was proved before a reset, a suspension or a new configuration
/// is gone after it, although the power stays.
@Suite("Events of the bus end what a client has proved")
struct BusEventTests {
  enum Event: CaseIterable {
    case reset, suspension, unseenResumption, deconfiguration, configuration, setting
  }

  /// A host's device with a password, and a program that has proved it.
  private func provenToken() throws -> (Firmware, PasswordClient) {
    let firmware = Firmware()
    #expect(firmware.host.enumerate())
    let client = try PasswordClient(
      send: { _ = firmware.host.send($0) }, receive: { firmware.host.receive() })
    try client.secure()
    return (firmware, client)
  }

  /// What happens on the bus, up to where a host may ask again.
  private func cause(_ event: Event, _ host: USBHostModel) {
    switch event {
    case .reset: #expect(host.enumerate())
    case .suspension, .unseenResumption:
      host.suspend()
      host.resume(isSeen: event == .suspension)
    case .deconfiguration:
      #expect(host.control([0x00, 9, 0, 0, 0, 0, 0, 0]) == .done)
      #expect(host.control([0x00, 9, 1, 0, 0, 0, 0, 0]) == .done)
    case .configuration: #expect(host.control([0x00, 9, 1, 0, 0, 0, 0, 0]) == .done)
    case .setting: #expect(host.control([0x01, 11, 0, 0, 0, 0, 0, 0]) == .done)
    }
    guard event != .suspension, event != .unseenResumption else { return }
    host.inputToggle = .data0
    host.outputToggle = .data0
  }

  @Test("a proof of the password", arguments: Event.allCases)
  func proof(event: Event) throws {
    let (firmware, client) = try provenToken()
    cause(event, firmware.host)
    #expect(try client.list() == 0x6982)
    // The channel itself is as good as before, and so is the password.
    #expect(try client.prove() == 0x9000)
    #expect(firmware.chip.violations == [])
  }

  @Test("a proof, when the firmware sees suspension and resumption only once both are over")
  func lateProof() throws {
    let (firmware, client) = try provenToken()
    let host = firmware.host
    host.poll = {}
    host.suspend()
    host.resume()
    host.poll = { firmware.turn() }
    #expect(try client.list() == 0x6982)
    #expect(firmware.chip.violations == [])
  }

  @Test(
    "a message of which half has come: the next host is served at once", arguments: Event.allCases)
  func halfMessage(event: Event) throws {
    let (firmware, client) = try provenToken()
    client.beginMessage()
    #expect(firmware.isTokenWaiting)
    cause(event, firmware.host)
    #expect(!firmware.isTokenWaiting)
    let other = try #require(firmware.openChannel())
    #expect(firmware.exchange(0x01, [5], on: other) == [5])
    #expect(firmware.host.input(.reportsIn) == .notReady)
    #expect(firmware.chip.violations == [])
  }

  @Test(
    "a response of which half was fetched: the next host gets nothing of it",
    arguments: Event.allCases)
  func halfResponse(event: Event) throws {
    let (firmware, client) = try provenToken()
    client.askForLongAnswer()
    #expect(firmware.host.receive() != nil)
    cause(event, firmware.host)
    firmware.turn()
    #expect(firmware.host.input(.reportsIn) == .notReady)
    #expect(firmware.openChannel() != nil)
    #expect(firmware.chip.violations == [])
  }

  @Test("a command that waits for the button", arguments: Event.allCases)
  func button(event: Event) throws {
    let (firmware, client) = try provenToken()
    let name = PasswordClient.field(.name, [0x61])
    let put =
      name + PasswordClient.field(.key, [0x11, 6] + (1...20)) + [Tag.property.rawValue, 2]
    #expect(try client.command(.put, put).status == 0x9000)
    client.begin(.calculate, p2: 1, name + PasswordClient.field(.challenge, []))
    #expect(firmware.isTokenWaiting)
    cause(event, firmware.host)
    #expect(!firmware.isTokenWaiting)
    firmware.flash.isButtonPressed = true
    firmware.chip.microseconds += 20_000
    firmware.turn()
    #expect(firmware.host.input(.reportsIn) == .notReady)
    #expect(firmware.chip.violations == [])
  }

  @Test("a report that waits in a halted endpoint")
  func haltedReport() throws {
    let (firmware, client) = try provenToken()
    #expect(firmware.host.send((client.channel + [0x81, 0, 1, 9]).padded) == .acknowledged)
    #expect(firmware.host.control([0x02, 3, 0, 0, 0x81, 0, 0, 0]) == .done)
    firmware.host.suspend()
    firmware.host.resume()
    #expect(firmware.host.input(.reportsIn) == .stalled)
    #expect(firmware.host.control([0x02, 1, 0, 0, 0x81, 0, 0, 0]) == .done)
    firmware.host.inputToggle = .data0
    #expect(firmware.host.input(.reportsIn) == .notReady)
    #expect(firmware.openChannel() != nil)
    #expect(firmware.chip.violations == [])
  }
}
