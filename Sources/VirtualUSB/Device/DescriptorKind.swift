/// Kinds of descriptors (USB 2.0, table 9-5; HID 1.11, 7.1).
enum DescriptorKind: UInt8 {
  case device = 1
  case configuration = 2
  case string = 3
  case interface = 4
  case endpoint = 5
  case deviceQualifier = 6
  case otherSpeedConfiguration = 7
  case hid = 0x21
  case report = 0x22
  case physical = 0x23
}
