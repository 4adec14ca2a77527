/// What a script's prelude asks of the host; the prelude has the same numbers (``Prelude/basics``).
enum HostOperation: Int32 {
    case require = 0
    case print = 1
    case plot = 2
    case declare = 3
    case field = 4
    case apply = 5
    case indicator = 6
    case constant = 7
    case nearest = 8
    case order = 9
    case exit = 10
    case cancel = 11
    case rule = 12
    case rulePlot = 13
    case strategy = 14
    case form = 15
    case whereHolds = 16
    case lineOf = 17
    case orderField = 18
    case openOrders = 19
    case symbols = 41
}
