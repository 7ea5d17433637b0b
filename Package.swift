// swift-tools-version: 6.2
import PackageDescription

/// A C library of the system, found through its module map in Sources/System.
func system(
  _ name: String, folder: String? = nil, pkgConfig: String? = nil, apt: String
) -> Target {
  .systemLibrary(
    name: name, path: "Sources/System/\(folder ?? name)", pkgConfig: pkgConfig,
    providers: [.apt([apt])])
}

/// The build of libhidapi that is linked: `hidraw`, through the kernel's HID driver, or `libusb`, which
/// takes a token's interface away from the kernel. Building with WATCHFOB_HIDAPI=libusb chooses
/// the latter.
let hidapi = Context.environment["WATCHFOB_HIDAPI"] ?? "hidraw"
precondition(["hidraw", "libusb"].contains(hidapi), "WATCHFOB_HIDAPI is hidraw or libusb")

/// The test targets to build: all, unless WATCHFOB_TESTS names some, with commas. A change in one module is
/// tried soonest with WATCHFOB_TESTS=OATHTests swift test.
let testTargets = Context.environment["WATCHFOB_TESTS"]?.split(separator: ",").map(String.init)

let package = Package(
  name: "watchfob",
  products: [
    .library(name: "OATH", targets: ["OATH"]),
    .library(name: "TokenCore", targets: ["TokenCore"]),
    .executable(name: "fob", targets: ["fob"]),
    .executable(name: "console", targets: ["console"]),
  ],
  dependencies: [],
  targets: [
    // The core: no Foundation, no heap; the same files are the firmware.
    // RawLayout: secrets that are wiped where they lie, and not a copy of them.
    .target(name: "OATH", swiftSettings: [.enableExperimentalFeature("RawLayout")]),
    .target(
      name: "TokenCore", dependencies: ["OATH"],
      swiftSettings: [.enableExperimentalFeature("RawLayout")]),
    // Reports on a serial line, for the firmware and for the host.
    .target(name: "SerialFraming", dependencies: ["TokenCore"]),

    // The firmware's drivers, compiled for the host too, so that tests can drive them.
    .target(name: "Hardware", path: "Firmware/Hardware"),
    .target(
      name: "MicrobitBoard", dependencies: ["Hardware", "SerialFraming", "TokenCore"],
      path: "Firmware/Boards/Microbit", exclude: ["board.sh", "memory.ld"]),
    .target(
      name: "PicoBoard", dependencies: ["Hardware", "TokenCore", "OATH"],
      path: "Firmware/Boards/Pico",
      exclude: [
        "board.sh", "boot2.S", "fault.S", "flash.S", "memory.ld", "seal", "uf2", "xip.inc",
      ]),

    // What fob and the console ask of the system when they start.
    .target(name: "ProcessSecrecy"),

    // The host's side.
    .target(name: "JSON", dependencies: ["CJansson"]),
    .target(name: "TokenSimulator", dependencies: ["TokenCore", "JSON"]),
    .target(name: "VirtualCard", dependencies: ["TokenSimulator", "TokenCore"]),
    .target(name: "TokenClient", dependencies: ["TokenCore", "OATH", "CTimex"]),
    .target(
      name: "HIDAPITransport", dependencies: ["TokenClient", "TokenCore", "OATH", "CHIDAPI"]),
    .target(name: "Loopback", dependencies: ["TokenClient", "TokenSimulator"]),
    .target(name: "VirtualUSB", dependencies: ["TokenCore", "TokenSimulator"]),
    .target(
      name: "Conformance", dependencies: ["OATH", "TokenCore", "TokenClient", "TokenSimulator"]),
    .target(
      name: "PicoEmulator",
      dependencies: ["TokenClient", "TokenCore", "TokenSimulator", "VirtualUSB", "CUnicorn"]),
    .target(
      name: "QEMUTransport",
      dependencies: ["TokenClient", "TokenCore", "SerialFraming", "Conformance"]),
    .target(
      name: "Enrollment", dependencies: ["OATH", "CZBar", "CPNG", "CTurboJPEG", "CQREncode"]),
    .target(
      name: "RelyingParty",
      dependencies: ["OATH", "Enrollment", "CSQLite", "CLibPQ", "CCrypt", "COpenSSL"]),

    // The console: the relying party in a browser.
    .target(name: "HTTPServer", dependencies: ["CMicroHTTPD"]),
    .target(
      name: "ConsolePages",
      dependencies: [
        "HTTPServer", "RelyingParty", "Enrollment", "OATH", "JSON", "TokenClient", "TokenCore",
        "TokenSimulator",
      ],
      resources: [.embedInCode("Assets/console.css"), .embedInCode("Assets/console.js")]),

    // Power cuts at every flash operation of a store and of a token.
    .target(name: "PowerCuts", dependencies: ["TokenCore", "OATH"]),

    // The executables.
    .executableTarget(
      name: "fob",
      dependencies: [
        "OATH", "TokenCore", "TokenClient", "HIDAPITransport", "Loopback", "QEMUTransport",
        "PicoEmulator", "TokenSimulator", "VirtualCard", "VirtualUSB", "Conformance", "Enrollment",
        "RelyingParty", "JSON", "ProcessSecrecy",
      ],
      path: "HostTools/fob", exclude: ["man"]),
    .executableTarget(
      name: "study", dependencies: ["TokenSimulator", "TokenCore", "RelyingParty", "OATH"],
      path: "HostTools/study"),
    .executableTarget(
      name: "console",
      dependencies: ["ConsolePages", "HTTPServer", "RelyingParty", "OATH", "ProcessSecrecy"],
      path: "HostTools/console"),
    .executableTarget(
      name: "bench-console", dependencies: ["OATH", "Enrollment", "RelyingParty", "CCrypt"],
      path: "HostTools/bench-console", exclude: ["peer.py", "run"]),
    .executableTarget(
      name: "bench", dependencies: ["OATH", "COpenSSL", "CLibOATH"], path: "HostTools/bench"),

    .executableTarget(
      name: "power-cuts",
      dependencies: ["PowerCuts", "PicoEmulator", "TokenClient", "TokenCore"],
      path: "HostTools/power-cuts"),

    // C libraries of the system.
    system("CJansson", pkgConfig: "jansson", apt: "libjansson-dev"),
    system("CZBar", pkgConfig: "zbar", apt: "libzbar-dev"),
    system("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
    system("CTurboJPEG", pkgConfig: "libturbojpeg", apt: "libturbojpeg0-dev"),
    system("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    // Its headers alone: the library is loaded by whoever needs it.
    system("CLibPQ", apt: "libpq-dev"),
    system("CCrypt", pkgConfig: "libcrypt", apt: "libcrypt-dev"),
    system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system(
      "CHIDAPI", folder: "CHIDAPI/\(hidapi)", pkgConfig: "hidapi-\(hidapi)", apt: "libhidapi-dev"),
    system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    system("CTimex", apt: "libc6-dev"),
    system("CLibOATH", pkgConfig: "liboath", apt: "liboath-dev"),
    // Its headers alone: the library is loaded by whoever needs it.
    system("CUnicorn", apt: "libunicorn-dev"),

    // Tests: one folder a module. What the tests of several boards share comes first.
    .target(name: "FirmwareBounds", path: "Tests/FirmwareBounds"),
    .target(
      name: "PasswordClient", dependencies: ["TokenCore", "OATH"], path: "Tests/PasswordClient"),
    .testTarget(name: "OATHTests", dependencies: ["OATH"], resources: [.copy("Vectors")]),
    .testTarget(name: "TokenCoreTests", dependencies: ["TokenCore", "OATH", "PowerCuts"]),
    .testTarget(name: "SerialFramingTests", dependencies: ["SerialFraming", "TokenCore"]),
    .testTarget(
      name: "MicrobitBoardTests",
      dependencies: ["MicrobitBoard", "Hardware", "SerialFraming", "TokenCore"]),
    .testTarget(
      name: "QEMUTransportTests",
      dependencies: [
        "FirmwareBounds", "PasswordClient", "QEMUTransport", "Conformance", "TokenClient",
        "TokenCore", "OATH",
      ]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(
      name: "TokenSimulatorTests", dependencies: ["PasswordClient", "TokenSimulator", "Loopback"]),
    .testTarget(
      name: "VirtualCardTests",
      dependencies: ["VirtualCard", "TokenSimulator", "TokenClient", "TokenCore", "OATH"]),
    .testTarget(
      name: "TokenClientTests", dependencies: ["TokenClient", "TokenCore", "OATH", "Loopback"]),
    .testTarget(
      name: "HIDAPITransportTests", dependencies: ["HIDAPITransport", "TokenClient", "TokenCore"]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Conformance", "Loopback", "TokenSimulator", "TokenClient", "TokenCore", "OATH",
      ]),
    .testTarget(
      name: "VirtualUSBTests",
      dependencies: ["PasswordClient", "VirtualUSB", "TokenCore", "TokenSimulator"]),
    .testTarget(
      name: "EnrollmentTests", dependencies: ["Enrollment"], resources: [.copy("Pictures")]),
    .testTarget(
      name: "PicoEmulatorTests",
      dependencies: [
        "FirmwareBounds", "PasswordClient",
        "PicoEmulator", "VirtualUSB", "TokenSimulator", "TokenClient", "TokenCore", "OATH",
      ]),
    .testTarget(
      name: "PicoFirmwareTests",
      dependencies: [
        "PasswordClient", "PicoBoard", "Hardware", "TokenCore", "OATH", "VirtualUSB",
      ]),
    .testTarget(
      name: "StudyTests", dependencies: ["study", "TokenSimulator", "TokenCore", "RelyingParty"]),
    .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer"]),
    .testTarget(
      name: "ConsolePagesTests",
      dependencies: [
        "ConsolePages", "HTTPServer", "RelyingParty", "Enrollment", "OATH", "JSON", "TokenCore",
        "TokenSimulator",
      ]),
    .testTarget(name: "RelyingPartyTests", dependencies: ["RelyingParty"]),
    .testTarget(
      name: "FobTests",
      dependencies: [
        "fob", "HIDAPITransport", "JSON", "Loopback", "OATH", "TokenClient", "TokenCore",
        "TokenSimulator",
      ]),
    // The console in Chromium; see Docs/testing.md.
    .testTarget(
      name: "BrowserTests", dependencies: ["console", "fob", "JSON"],
      resources: [.copy("Rules/page-rules.js")]),
  ]
)

if let testTargets {
  let unknown = Set(testTargets).subtracting(package.targets.map(\.name))
  precondition(unknown.isEmpty, "WATCHFOB_TESTS names no target of this package: \(unknown)")
  package.targets.removeAll { $0.type == .test && !testTargets.contains($0.name) }
}
