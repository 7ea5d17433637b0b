extension JSON {
  /// The members of an object: keys, each there once, and their values, in the order in which the
  /// keys first came.
  ///
  /// Finding a key walks the members: objects here are small. Two of them are equal when they have
  /// the same values under the same keys *in the same order*.
  public struct Members: Hashable, Sendable {
    private var pairs: [(key: String, value: JSON)] = []

    /// No members.
    public init() {}

    /// Of a key that is there twice, the last value holds, in the first one's place.
    public init(_ pairs: some Sequence<(String, JSON)>) {
      for (key, value) in pairs {
        self[key] = value
      }
    }

    /// Takes `pairs` as they are. No key may be there twice.
    init(distinct pairs: [(key: String, value: JSON)]) {
      self.pairs = pairs
    }

    /// Setting a new key appends it, setting `nil` removes it.
    public subscript(key: String) -> JSON? {
      get { pairs.first { $0.key == key }?.value }
      set {
        let index = pairs.firstIndex { $0.key == key }
        switch (index, newValue) {
        case (let index?, let value?): pairs[index].value = value
        case (let index?, nil): pairs.remove(at: index)
        case (nil, let value?): pairs.append((key, value))
        case (nil, nil): break
        }
      }
    }

    public var keys: [String] { pairs.map(\.key) }

    public static func == (a: Members, b: Members) -> Bool {
      a.pairs.elementsEqual(b.pairs) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(pairs.count)
      for (key, value) in pairs {
        hasher.combine(key)
        hasher.combine(value)
      }
    }
  }
}

extension JSON.Members: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { pairs.count }
  public subscript(position: Int) -> (key: String, value: JSON) { pairs[position] }
}

extension JSON.Members: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self.init(elements)
  }
}
