import TokenClient
import TokenCore

/// A token that is plugged in, as far as its descriptors say so: not opened yet, and not believed.
public struct USBToken: Equatable, Sendable {
  /// What the library opens: it means something only as long as the token stays plugged in.
  let path: String
  /// The device's word for itself, made fit to be shown; nil where it has none, or where nobody
  /// may ask it (the libusb build without permission).
  public let serialNumber: String?
  public let product: String?

  /// As a person writes it to choose this token.
  public var place: String { Self.place(ofSerial: serialNumber) }

  /// The file through which the library opens it, from the root; nil when the kernel does not
  /// say.
  public func node(
    in tree: SystemTree = .machine, build: HIDLibrary.Build = HIDLibrary.build
  ) -> String? {
    DeviceNode(path: path, build: build, tree: tree).file
  }

  static func place(ofSerial serialNumber: String?) -> String {
    serialNumber.map { "usb:" + $0 } ?? "usb"
  }

  /// The tokens plugged in, each once, sorted by serial number. Nothing is opened, and no
  /// permission is needed.
  public static func all() throws(TransportFailure) -> [USBToken] {
    try all(on: Libhidapi())
  }

  static func all(on system: any HIDSystem) throws(TransportFailure) -> [USBToken] {
    tokens(
      among: try system.list(
        vendorID: USBIdentifiers.vendorID, productID: USBIdentifiers.productID),
      build: system.build)
  }

  /// Picks the tokens out of a list of HID devices.
  static func tokens(among records: [HIDRecord], build: HIDLibrary.Build) -> [USBToken] {
    var seen: Set<String> = []
    return
      records
      .filter { isToken($0, build) }
      .sorted { ($0.interfaceNumber, $0.path) < ($1.interfaceNumber, $1.path) }
      .filter { seen.insert(device(of: $0, build)).inserted }
      .map {
        USBToken(
          path: $0.path, serialNumber: shown($0.serialNumber), product: shown($0.product))
      }
      .sorted { ($0.serialNumber ?? "", $0.path) < ($1.serialNumber ?? "", $1.path) }
  }

  /// Whether the descriptors are a token's. Vendor and product numbers are shared with others'
  /// experiments, so name and usage page have to fit too, where they are known.
  private static func isToken(_ record: HIDRecord, _ build: HIDLibrary.Build) -> Bool {
    guard record.vendorID == USBIdentifiers.vendorID, record.productID == USBIdentifiers.productID
    else { return false }
    let product = shown(record.product)
    guard product?.hasPrefix("\(USBIdentifiers.productName)") ?? true else { return false }
    return record.usagePage == USBIdentifiers.usagePage
      || build == .libusb && record.usagePage == 0
  }

  /// What two records of the same device share: with hidraw the node; with libusb, which cannot
  /// tell the token's interface from another, bus and ports.
  private static func device(of record: HIDRecord, _ build: HIDLibrary.Build) -> String {
    switch build {
    case .hidraw: record.path
    case .libusb: String(record.path.prefix { $0 != ":" })
    }
  }

  private static func shown(_ text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    return DisplayText.escaped(text)
  }
}
