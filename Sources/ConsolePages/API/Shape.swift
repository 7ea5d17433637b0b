import JSON

/// What a JSON value looks like: what requests are checked by, and what the description of the API is
/// written from.
indirect enum Shape: Sendable {
  case text, number, flag
  /// RFC 3339, in UTC.
  case time
  case choice([String])
  case list(Shape)
  /// The value, or null.
  case maybe(Shape)
  /// One of the objects in `APISchemas`.
  case object(String)

  /// As JSON Schema (2020-12), which OpenAPI 3.1 has.
  var schema: JSON {
    switch self {
    case .text: ["type": "string"]
    case .number: ["type": "integer"]
    case .flag: ["type": "boolean"]
    case .time: ["type": "string", "format": "date-time"]
    case .choice(let words): ["type": "string", "enum": .array(words.map(JSON.string))]
    case .list(let element): ["type": "array", "items": element.schema]
    case .maybe(let value): ["anyOf": [value.schema, ["type": "null"]]]
    case .object(let name): ["$ref": .string("#/components/schemas/\(name)")]
    }
  }

  /// Whether a value sent to us has this shape; those of answers are not looked at.
  func fits(_ value: JSON) -> Bool {
    switch self {
    case .text: value.string != nil
    case .number: value.integer != nil
    case .flag: value.bool != nil
    case .choice(let words): value.string.map(words.contains) ?? false
    default: false
    }
  }
}

/// A member of an object.
struct Property: Sendable {
  let name: String
  let shape: Shape
  let isRequired: Bool

  init(_ name: String, _ shape: Shape, optional: Bool = false) {
    self.name = name
    self.shape = shape
    isRequired = !optional
  }

  /// An object that has these members and no others.
  static func schema(of properties: [Property]) -> JSON {
    [
      "type": "object",
      "properties": .object(JSON.Members(properties.map { ($0.name, $0.shape.schema) })),
      "required": .array(properties.filter(\.isRequired).map { .string($0.name) }),
      "additionalProperties": false,
    ]
  }
}
