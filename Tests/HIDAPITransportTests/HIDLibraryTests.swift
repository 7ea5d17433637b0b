import Testing

@testable import HIDAPITransport

@Suite("The HID library")
struct HIDLibraryTests {
  @Test("says its version in three numbers")
  func version() {
    let numbers = HIDLibrary.version.split(separator: ".").map { Int($0) }
    #expect(numbers.count == 3 && !numbers.contains(nil), "\(HIDLibrary.version)")
  }

  @Test("is one of the two builds by name, and not by default")
  func build() {
    #expect(HIDLibrary.Build(rawValue: HIDLibrary.buildName) == HIDLibrary.build)
  }
}
