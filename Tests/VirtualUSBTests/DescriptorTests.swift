import Foundation
import Testing
import TokenCore

@testable import VirtualUSB

@Suite("The descriptors")
struct DescriptorTests {
  private let host = Host.configured

  /// Descriptors one behind another, as their own lengths divide them.
  private func divide(_ bytes: [UInt8]) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var rest = bytes[...]
    while let length = rest.first.map(Int.init), length > 0, length <= rest.count {
      parts.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return rest.isEmpty ? parts : []
  }

  @Test("a configuration is as long as it says, and holds interface, HID and two endpoints")
  func configuration() throws {
    let bytes = try #require(host.descriptor(2))
    #expect(bytes.count == Int(bytes[2]) | Int(bytes[3]) << 8)
    let parts = divide(bytes)
    #expect(parts.map { $0[1] } == [2, 4, 0x21, 5, 5])
    let (interface, endpoints) = (parts[1], parts[3...])
    #expect(interface[4] == UInt8(endpoints.count))
    // HID, which is no boot device.
    #expect(interface[5...7] == [3, 0, 0])
    #expect(Set(endpoints.map { $0[2] }) == [0x81, 0x01])
    for endpoint in endpoints {
      #expect(endpoint[3] == 3)
      #expect(Int(endpoint[4]) | Int(endpoint[5]) << 8 == Report.size)
      #expect(endpoint[6] == 1)
    }
    // The HID descriptor is the same wherever it is asked for.
    #expect(host.descriptor(0x21, of: .interface) == parts[2])
  }

  @Test("the HID descriptor tells the report descriptor's true length")
  func reportLength() throws {
    let hid = try #require(host.descriptor(0x21, of: .interface))
    let report = try #require(host.descriptor(0x22, of: .interface))
    #expect(Int(hid[7]) | Int(hid[8]) << 8 == report.count)
  }

  @Test("the report descriptor makes 64 bytes in and 64 bytes out, without a report id")
  func reportDescriptor() throws {
    let report = try #require(host.descriptor(0x22, of: .interface))
    var items = ReportItems(report)
    items.read()
    #expect(items.isWellFormed)
    #expect(items.usagePage == UInt32(USBIdentifiers.usagePage))
    #expect(items.collectionUsage == UInt32(USBIdentifiers.usage))
    #expect(items.inputBits == 8 * Report.size)
    #expect(items.outputBits == 8 * Report.size)
    #expect(items.reportIDs == 0)
  }

  @Test("the device is called as udev rules and hosts expect it")
  func device() throws {
    let bytes = try #require(host.descriptor(1))
    #expect(bytes.count == Int(bytes[0]))
    #expect(UInt16(bytes[8]) | UInt16(bytes[9]) << 8 == USBIdentifiers.vendorID)
    #expect(UInt16(bytes[10]) | UInt16(bytes[11]) << 8 == USBIdentifiers.productID)
    #expect(bytes[7] == 64)
    #expect(bytes[17] == 1)
  }

  @Test("strings are UTF-16, and say that the token is simulated")
  func strings() throws {
    let device = try #require(host.descriptor(1))
    let languages = try #require(host.descriptor(3, 0))
    let language = UInt16(languages[2]) | UInt16(languages[3]) << 8
    var texts: [String] = []
    for number in device[14...16] {
      let bytes = try #require(host.descriptor(3, number, index: language))
      #expect(bytes.count == Int(bytes[0]))
      texts.append(try #require(String(bytes: bytes.dropFirst(2), encoding: .utf16LittleEndian)))
    }
    #expect(texts == ["Watchfob", "Watchfob (simulated)", "0123456789abcdef"])
    #expect(host.descriptor(3, 4, index: language) == nil)
    #expect(host.descriptor(3, 1, index: language + 1) == nil)
  }

  @Test("no more is sent than was asked for", arguments: [0, 1, 8, 9, 18, 64, 255])
  func truncation(length: UInt16) throws {
    for kind: UInt8 in [1, 2] {
      let whole = try #require(host.descriptor(kind))
      #expect(host.descriptor(kind, length: length) == Array(whole.prefix(Int(length))))
    }
  }

  @Test("a device of full speed alone stalls DEVICE_QUALIFIER and OTHER_SPEED_CONFIGURATION")
  func qualifier() {
    #expect(host.descriptor(6) == nil)
    #expect(host.descriptor(7) == nil)
  }

  @Test("descriptors can be read before there is an address")
  func withoutAddress() {
    let host = Host()
    #expect(host.descriptor(1, length: 8)?.count == 8)
    #expect(host.descriptor(2) != nil)
  }

  @Test("the bytes in Docs/usb.md are the device's own")
  func documentation() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let file = folder.appendingPathComponent("../../Docs/usb.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    for (heading, bytes) in [
      ("Device descriptor", host.descriptor(1)), ("Configuration", host.descriptor(2)),
      ("Report descriptor", host.descriptor(0x22, of: .interface)),
    ] {
      let section = try #require(text.components(separatedBy: "### \(heading)").dropFirst().first)
      let table = section.components(separatedBy: "\n#")[0]
      #expect(documentedBytes(table) == bytes, "\(heading)")
    }
  }

  /// The hexadecimal bytes that each row of a table begins with, in order.
  private func documentedBytes(_ table: String) -> [UInt8] {
    table.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
      row.split(separator: "`")[1].split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }
  }
}
