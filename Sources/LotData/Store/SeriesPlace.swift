import LotCore

/// Where a series lies in the store, and what it is made of.
struct SeriesPlace: Sendable, Hashable, CustomStringConvertible {
    let address: DatasetAddress
    let market: Market
    /// The name of the series' folder in the symbol's folder.
    let name: String
    let layout: SeriesLayout

    init(_ address: DatasetAddress) {
        self.address = address
        switch address {
        case .bars(let bars):
            market = bars.market
            name = bars.name
            layout = bars.price == .mark ? .markBars(bars.interval) : .bars(bars.interval)
        case .funding:
            market = .perp
            name = FundingAddress.name
            layout = .funding
        }
    }

    init(_ address: SeriesAddress) { self.init(.bars(address)) }

    init(_ address: FundingAddress) { self.init(.funding(address)) }

    /// The folders on the way to the series' folder, from the datasets folder.
    var parents: [String] { [address.exchange, market.rawValue, address.symbol] }

    /// Name of the folder of a replacement that is being built.
    var newName: String { name + ".new" }

    var description: String { address.description }

    /// How messages name the series' folder, or a file in it.
    func subject(_ file: String? = nil) -> String {
        "datasets/" + address.folder + (file.map { "/" + $0 } ?? "")
    }
}
