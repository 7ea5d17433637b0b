import Testing

@testable import HIDAPITransport

@Suite("Finding tokens among HID devices")
struct USBTokenTests {
  @Test("a token is found by vendor, product, name and usage page")
  func found() {
    let tokens = USBToken.tokens(among: [.token()], build: .hidraw)
    #expect(tokens.map(\.place) == ["usb:00c0ffee00c0ffee"])
    #expect(tokens.map(\.path) == ["/dev/hidraw0"])
    #expect(tokens.map(\.product) == ["Watchfob"])
  }

  @Test("devices of another vendor, product or name are left alone")
  func strangers() {
    var vendor = HIDRecord.token()
    vendor.vendorID = 0x1050
    var product = HIDRecord.token()
    product.productID = 0x0002
    let name = HIDRecord.token(product: "Somebody's experiment")
    for build in HIDLibrary.Build.allCases {
      #expect(USBToken.tokens(among: [vendor, product, name], build: build).isEmpty)
    }
  }

  @Test("with hidraw another usage page is another device, also an unknown one")
  func usagePage() {
    let records = [HIDRecord.token(usagePage: 0x01), .token(usagePage: 0)]
    #expect(USBToken.tokens(among: records, build: .hidraw).isEmpty)
  }

  @Test("with libusb, which reads no usage pages, 0 is taken and a wrong one is not")
  func usagePageUnknown() {
    let unknown = HIDRecord.token(path: "1-2:1.0", usagePage: 0)
    #expect(USBToken.tokens(among: [unknown], build: .libusb).count == 1)
    let keyboard = HIDRecord.token(path: "1-2:1.0", usagePage: 0x01)
    #expect(USBToken.tokens(among: [keyboard], build: .libusb).isEmpty)
  }

  @Test("a token that nobody may ask for its strings is still found")
  func nameless() {
    let record = HIDRecord.token(nil, path: "1-2:1.0", product: nil, usagePage: 0)
    let tokens = USBToken.tokens(among: [record], build: .libusb)
    #expect(tokens.map(\.serialNumber) == [nil])
    #expect(tokens.map(\.place) == ["usb"])
  }

  @Test("one device that is listed several times is one token")
  func duplicates() {
    let collections = [HIDRecord.token(), .token(), .token()]
    #expect(USBToken.tokens(among: collections, build: .hidraw).count == 1)
    let interfaces = [
      HIDRecord.token(path: "1-2:1.1", usagePage: 0, interface: 1),
      .token(path: "1-2:1.0", usagePage: 0, interface: 0),
    ]
    let tokens = USBToken.tokens(among: interfaces, build: .libusb)
    #expect(tokens.map(\.path) == ["1-2:1.0"])
  }

  @Test("two devices with one serial number are two tokens")
  func twins() {
    let twins = [HIDRecord.token(path: "/dev/hidraw0"), .token(path: "/dev/hidraw1")]
    #expect(USBToken.tokens(among: twins, build: .hidraw).count == 2)
  }

  @Test("tokens come in the order of their serial numbers, whatever the library's is")
  func order() {
    let serials = ["30", "10", "20"]
    let records = serials.enumerated().map { HIDRecord.token($1, path: "/dev/hidraw\($0)") }
    for records in [records, records.reversed()] {
      let tokens = USBToken.tokens(among: records, build: .hidraw)
      #expect(tokens.map(\.serialNumber) == ["10", "20", "30"])
    }
  }

  @Test("what a device calls itself can do nothing to a terminal")
  func hostileStrings() {
    let record = HIDRecord.token("\u{1B}[2J\u{202E}1", product: "Watchfob\u{07}")
    let token = USBToken.tokens(among: [record], build: .hidraw)
    #expect(token.map(\.serialNumber) == ["\\u{1B}[2J\\u{202E}1"])
    #expect(token.map(\.product) == ["Watchfob\\u{7}"])
  }

  @Test("an empty serial number is none")
  func emptySerial() {
    let tokens = USBToken.tokens(among: [.token("")], build: .hidraw)
    #expect(tokens.map(\.serialNumber) == [nil])
  }

  @Test("the library lists this machine's own without failing")
  func machine() throws {
    for token in try USBToken.all() { #expect(token.place.hasPrefix("usb")) }
  }
}
